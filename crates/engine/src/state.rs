//! The state of one release, and the only fold that makes it.

use crate::{
    Ending, Fact, Measurement, Millis, Opened, Plan, PlanError, Record, Rollback, RollbackStep, Share, Stamp, Timestamp,
};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Where a release is in its life.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Opened, and perhaps waiting for another release to end.
    Opened,
    /// The new version is being brought up.
    Deploying,
    /// Users are moved phase by phase.
    Ramping(Ramp),
    /// Everybody moved; the old version is warm.
    Watching(Watch),
    /// The new version is being made the stable one.
    Promoting,
    /// Over: users have the new version.
    Completed,
    /// Users are being taken back.
    RollingBack(Rollback),
    /// Over: users have the old version.
    Ended(Rollback),
}

/// A phase under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ramp {
    /// Counted from 0.
    pub phase: usize,
    /// When the phase began.
    pub entered: Timestamp,
    /// When the lever confirmed its share.
    pub confirmed: Option<Timestamp>,
    /// Time at the verified share, under watch, with fresh data.
    pub soak: Millis,
    /// How long the phase lasts; grows when it is extended.
    pub soak_for: Millis,
    /// Hooks that ended well.
    pub hooks_passed: Vec<String>,
    /// A hook that failed.
    pub hook_failed: Option<(String, String)>,
    /// Requests seen in this phase: canary, stable.
    pub seen: (u64, u64),
    /// Why the release waits for a person.
    pub hold: Option<Hold>,
    /// A person stopped the soak, and why.
    pub paused: Option<String>,
    /// The lever took users back by itself; a person says how it goes on.
    pub taken_back: Option<TakenBack>,
    /// The phase is over; the next begins as soon as it can.
    pub passed: bool,
}

/// Waiting for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: String,
}

/// The lever had no word from control for too long and took users back by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// When, by the lever's clock. It also tells one time from another.
    pub at: Timestamp,
    /// How long it had had no word.
    pub after: Millis,
}

/// The watch window after everybody moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    /// When it began.
    pub entered: Timestamp,
    /// Time under watch.
    pub soak: Millis,
    /// A person stopped it.
    pub paused: Option<String>,
    /// The lever took users back by itself; a person says how it goes on.
    pub taken_back: Option<TakenBack>,
}

/// The state of a release: a fold of its facts and of nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// How it began: plan and wiring are long and stay as they are, so that copies of the state share them.
    pub opened: Arc<Opened>,
    /// When.
    pub opened_at: Timestamp,
    /// Who opened it.
    pub opened_by: String,
    /// Where it is.
    pub stage: Stage,
    /// The last moment that it heard of.
    pub last_at: Timestamp,
    /// Whether the new version may exist in the world.
    pub deploy_started: bool,
    /// Since when it is being brought up.
    pub deploy_started_at: Option<Timestamp>,
    /// When the new version was up.
    pub deployed_at: Option<Timestamp>,
    /// Whether the release that stood in the way has ended.
    pub way_clear: bool,
    /// The share that the lever confirmed last, and when.
    pub confirmed_share: Option<(Share, Timestamp)>,
    /// When the lever took users back by itself, the last time that it is known to have done so.
    pub taken_back_at: Option<Timestamp>,
    /// What the judge knows.
    pub judge: judge::Judge,
    /// What the probes know.
    pub availability: judge::Availability,
    /// The last word of the probes.
    pub reachable: judge::Reachability,
    /// The first probe of the run that now fails.
    pub probe_failing_since: Option<Timestamp>,
    /// An unexpected end of a canary process, not yet acted upon.
    pub exit: Option<(Timestamp, String)>,
    /// How many measurements were absorbed.
    pub measurements: u64,
    /// Where the signal goes on.
    pub cursor: String,
    /// When the last measurement with data came.
    pub seen_at: Timestamp,
    /// Why there was no data in the last measurement.
    pub gap: Option<String>,
    /// Recorded as blind.
    pub blind: bool,
    /// Recorded as a degradation of both arms.
    pub degradation_shared: bool,
    /// What makes the split doubtful, by the last measurement.
    pub split_doubt: Option<String>,
    /// Recorded as a doubtful split.
    pub split_doubted: bool,
    /// Since when the evidence points to harm.
    pub suspicion_since: Option<Timestamp>,
    /// The judge's own clock: spans of measurements added up, so that no clock jump reaches it.
    pub judged_ms: i64,
}

impl State {
    /// The state of a release that was just opened.
    ///
    /// # Errors
    /// Its plan cannot be followed.
    pub fn open(stamp: &Stamp, opened: Opened) -> Result<Self, PlanError> {
        opened.plan.check()?;
        let judge = opened.plan.new_judge()?;
        let alpha = opened.plan.triggers.unavailable.as_ref().map_or(0.001, |u| u.alpha);
        let availability = judge::Availability::new(opened.plan.expected_probes(), alpha)
            .map_err(|unsound| PlanError::Judge(alloc::format!("{unsound}")))?;
        Ok(Self {
            way_clear: opened.waits_for.is_none(),
            opened: Arc::new(opened),
            opened_at: stamp.at,
            opened_by: stamp.actor.clone(),
            stage: Stage::Opened,
            last_at: stamp.at,
            deploy_started: false,
            deploy_started_at: None,
            deployed_at: None,
            confirmed_share: None,
            taken_back_at: None,
            judge,
            availability,
            reachable: judge::Reachability::Fine,
            probe_failing_since: None,
            exit: None,
            measurements: 0,
            cursor: String::new(),
            seen_at: stamp.at,
            gap: None,
            blind: false,
            degradation_shared: false,
            split_doubt: None,
            split_doubted: false,
            suspicion_since: None,
            judged_ms: 0,
        })
    }

    /// The plan that this release follows.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.opened.plan
    }

    /// Whether the release has ended, one way or the other.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Completed | Stage::Ended(_))
    }

    /// Whether this is the service's first release: nothing to compare with and nothing to go back to.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.opened.live.is_none()
    }

    /// How the lever took users back by itself, while a person has not said how it goes on.
    #[must_use]
    pub fn taken_back(&self) -> Option<TakenBack> {
        match &self.stage {
            Stage::Ramping(ramp) => ramp.taken_back,
            Stage::Watching(watch) => watch.taken_back,
            Stage::Opened
            | Stage::Deploying
            | Stage::Promoting
            | Stage::Completed
            | Stage::RollingBack(_)
            | Stage::Ended(_) => None,
        }
    }

    /// The stamp under which something is told to this release: a clock that ran backwards must not make it younger. What
    /// is stored bears this stamp, so that a replay absorbs what was absorbed live.
    #[must_use]
    pub fn stamped(&self, stamp: &Stamp) -> Stamp {
        Stamp { at: stamp.at.max(self.last_at), actor: stamp.actor.clone() }
    }

    /// Makes a fact true. Facts come from [`crate::step`] or from the journal, and are not questioned.
    pub fn absorb(&mut self, stamp: &Stamp, fact: &Fact) {
        self.last_at = self.last_at.max(stamp.at);
        match fact {
            Fact::Record(record) => self.absorb_record(stamp.at, record),
            Fact::Measured(measurement) => self.absorb_measurement(measurement),
        }
    }

    fn absorb_record(&mut self, at: Timestamp, record: &Record) {
        match record {
            Record::Opened(_) => {}
            Record::WayCleared { live } => {
                self.way_clear = true;
                Arc::make_mut(&mut self.opened).live.clone_from(live);
            }
            Record::DeployStarted => {
                self.deploy_started = true;
                self.deploy_started_at = Some(at);
                self.stage = Stage::Deploying;
            }
            Record::Deployed => self.deployed_at = Some(at),
            Record::PhaseEntered { phase, .. } => self.enter_phase(at, *phase),
            Record::ShareConfirmed { share } => self.confirm_share(at, *share),
            Record::TakenBack { at: when, after } => self.take_back(at, TakenBack { at: *when, after: *after }),
            Record::SoakExtended { to, .. } => self.with_ramp(|ramp| ramp.soak_for = *to),
            Record::Held { reason } => {
                let hold = Hold { since: at, reason: reason.clone() };
                self.with_ramp(|ramp| ramp.hold = Some(hold));
            }
            Record::Paused { reason } => self.set_paused(Some(reason.clone())),
            Record::Resumed => self.resume(),
            Record::HookFinished { hook, error, .. } => self.with_ramp(|ramp| match error {
                None => ramp.hooks_passed.push(hook.clone()),
                Some(error) => ramp.hook_failed = Some((hook.clone(), error.clone())),
            }),
            Record::DegradationShared { began } => self.degradation_shared = *began,
            Record::SightLost { lost, .. } => self.blind = *lost,
            Record::SplitDoubted { doubted, .. } => self.split_doubted = *doubted,
            Record::PhasePassed { .. } => self.with_ramp(|ramp| ramp.passed = true),
            Record::WatchStarted => self.stage = Stage::Watching(Watch { entered: at, ..Watch::default() }),
            Record::PromotionStarted => self.stage = Stage::Promoting,
            Record::Completed => self.stage = Stage::Completed,
            Record::RollbackStarted { cause, ending, first_sign, .. } => {
                self.stage = Stage::RollingBack(self.begin_rollback(at, cause.clone(), *ending, *first_sign));
            }
            Record::Withdrawn => self.with_rollback(|rollback| rollback.withdrawn = Some(at)),
            Record::RollbackStepDone { step, .. } => self.with_rollback(|rollback| rollback.done.push((*step, at))),
            Record::RollbackLate { step, .. } => self.with_rollback(|rollback| match step {
                Some(step) => rollback.over.push(*step),
                None => rollback.over_total = true,
            }),
            Record::Ended { .. } => {
                if let Stage::RollingBack(rollback) = &self.stage {
                    self.stage = Stage::Ended(rollback.clone());
                }
            }
        }
    }

    fn enter_phase(&mut self, at: Timestamp, phase: usize) {
        let Some(planned) = self.opened.plan.phases.get(phase) else { return };
        if let Ok(margins) = planned.margins.to_judge() {
            self.judge.enter_phase(self.judged_ms, &margins);
        }
        self.stage = Stage::Ramping(Ramp { phase, entered: at, soak_for: planned.soak, ..Ramp::default() });
        // How the users of the phase before were split says nothing of this one.
        self.split_doubt = None;
        self.split_doubted = false;
        self.seen_at = self.seen_at.max(at);
    }

    fn confirm_share(&mut self, at: Timestamp, share: Share) {
        self.confirmed_share = Some((share, at));
        match &mut self.stage {
            Stage::Ramping(ramp) => {
                let asked = self.opened.plan.phases.get(ramp.phase).map(|phase| phase.share);
                if asked == Some(share) && ramp.confirmed.is_none() {
                    ramp.confirmed = Some(at);
                    self.seen_at = self.seen_at.max(at);
                }
            }
            Stage::RollingBack(rollback) if share == Share::NONE && rollback.users_back.is_none() => {
                rollback.users_back = Some(at);
            }
            Stage::RollingBack(_)
            | Stage::Opened
            | Stage::Deploying
            | Stage::Watching(_)
            | Stage::Promoting
            | Stage::Completed
            | Stage::Ended(_) => {}
        }
    }

    /// Nobody is on the new version now. When a person lets the release go on, the share is to be confirmed anew.
    fn take_back(&mut self, at: Timestamp, taken_back: TakenBack) {
        self.taken_back_at = Some(taken_back.at);
        self.confirmed_share = Some((Share::NONE, at));
        match &mut self.stage {
            Stage::Ramping(ramp) => {
                ramp.taken_back = Some(taken_back);
                ramp.confirmed = None;
            }
            Stage::Watching(watch) => watch.taken_back = Some(taken_back),
            Stage::Opened
            | Stage::Deploying
            | Stage::Promoting
            | Stage::Completed
            | Stage::RollingBack(_)
            | Stage::Ended(_) => {}
        }
    }

    fn resume(&mut self) {
        self.set_paused(None);
        if self.taken_back().is_some() {
            // Users are asked for again: from here on nobody may say that there are none before the lever does.
            self.confirmed_share = None;
        }
        self.with_ramp(|ramp| ramp.taken_back = None);
        if let Stage::Watching(watch) = &mut self.stage {
            watch.taken_back = None;
        }
        let soak_of = |phase: usize| self.opened.plan.phases.get(phase).map_or(Millis::ZERO, |p| p.soak);
        if let Stage::Ramping(ramp) = &mut self.stage
            && ramp.hold.take().is_some()
        {
            // A person said "go on measuring": one more soak, then the plan's rule asks again.
            ramp.soak_for = ramp.soak.max(ramp.soak_for) + soak_of(ramp.phase);
            ramp.hook_failed = None;
        }
    }

    fn set_paused(&mut self, reason: Option<String>) {
        match &mut self.stage {
            Stage::Ramping(ramp) => ramp.paused = reason,
            Stage::Watching(watch) => watch.paused = reason,
            Stage::Opened
            | Stage::Deploying
            | Stage::Promoting
            | Stage::Completed
            | Stage::RollingBack(_)
            | Stage::Ended(_) => {}
        }
    }

    fn begin_rollback(&self, at: Timestamp, cause: crate::Cause, ending: Ending, first_sign: Timestamp) -> Rollback {
        let untouched = !self.deploy_started;
        let never_moved = self.confirmed_share.is_none_or(|(share, _)| share == Share::NONE);
        Rollback {
            cause,
            ending,
            first_sign: first_sign.min(at),
            started: at,
            // Where no user was ever moved there is nobody to bring back; the lever is still asked for 0 %.
            users_back: (untouched || (never_moved && self.confirmed_share.is_some())).then_some(at),
            withdrawn: untouched.then_some(at),
            // To start a rollback is to have stopped, assessed and decided.
            done: [RollbackStep::Stop, RollbackStep::Assess, RollbackStep::Decide].map(|step| (step, at)).into(),
            over: Vec::new(),
            over_total: false,
        }
    }

    fn with_ramp(&mut self, change: impl FnOnce(&mut Ramp)) {
        if let Stage::Ramping(ramp) = &mut self.stage {
            change(ramp);
        }
    }

    fn with_rollback(&mut self, change: impl FnOnce(&mut Rollback)) {
        if let Stage::RollingBack(rollback) = &mut self.stage {
            change(rollback);
        }
    }

    fn absorb_measurement(&mut self, m: &Measurement) {
        self.measurements += 1;
        self.cursor.clone_from(&m.cursor);
        self.absorb_probes(m);
        // Ends before it was up belong to its start, which the target judged.
        let while_up = |exit: &crate::Exit| self.deployed_at.is_some_and(|at| exit.at >= at);
        if let Some(exit) = m.exits.iter().find(|exit| exit.version == self.opened.version && while_up(exit)) {
            self.exit = Some((exit.at, exit.how.clone()));
        }
        self.gap = m.gap.as_ref().map(|gap| alloc::format!("{gap}"));
        let span = m.span().min(self.opened.plan.stale_after);
        let from_ms = self.judged_ms;
        self.judged_ms = self.judged_ms.saturating_add(i64::try_from(span.0).unwrap_or(i64::MAX));
        let share = m.share.or(self.confirmed_share.map(|(share, _)| share)).unwrap_or(Share::NONE);
        let block = judge::Block { from_ms, to_ms: self.judged_ms, ..m.block(share) };
        let counted = matches!(self.judge.absorb(&block), judge::Absorbed::Counted);
        self.suspicion_since = match (self.judge.harm_evidence() >= SUSPICIOUS, self.suspicion_since) {
            (true, None) => Some(m.from),
            (true, since) => since,
            (false, _) => None,
        };
        let seen = counted || (!self.opened.plan.measured && m.share.is_some());
        if seen && m.lateness() <= self.opened.plan.stale_after {
            // What comes late says nothing of now, however regularly it comes: nobody must wait for a soak without a word.
            // Not the moment when control had it: after a clock was stepped back that lies before everything.
            self.seen_at = self.last_at;
        }
        self.count_soak(m, span, seen);
    }

    fn absorb_probes(&mut self, m: &Measurement) {
        for probe in &m.probes {
            self.reachable = self.availability.probe(probe.canary, probe.stable);
            self.probe_failing_since = match (probe.canary, self.probe_failing_since) {
                (true, _) => None,
                (false, None) => Some(probe.at),
                (false, since) => since,
            };
        }
    }

    /// The soak is counted only while the share is verified, data is fresh and nobody stopped it.
    fn count_soak(&mut self, m: &Measurement, span: Millis, seen: bool) {
        let fresh = m.lateness() <= self.opened.plan.stale_after;
        let stopped = self.degradation_shared || self.judge.shared_degradation();
        match &mut self.stage {
            Stage::Ramping(ramp) => {
                let Some(phase) = self.opened.plan.phases.get(ramp.phase) else { return };
                if m.share != Some(phase.share) || ramp.confirmed.is_none() {
                    return;
                }
                let requests = |arm: &Option<judge::Arm>| arm.as_ref().map_or(0, |arm| arm.requests);
                ramp.seen.0 = ramp.seen.0.saturating_add(requests(&m.canary));
                ramp.seen.1 = ramp.seen.1.saturating_add(requests(&m.stable));
                self.split_doubt = doubt_split(phase.share, ramp.seen);
                if seen && fresh && !stopped && ramp.paused.is_none() && self.split_doubt.is_none() {
                    ramp.soak = ramp.soak + span;
                }
            }
            Stage::Watching(watch) => {
                if seen && fresh && !stopped && m.share == Some(Share::ALL) && watch.paused.is_none() {
                    watch.soak = watch.soak + span;
                }
            }
            Stage::Opened
            | Stage::Deploying
            | Stage::Promoting
            | Stage::Completed
            | Stage::RollingBack(_)
            | Stage::Ended(_) => {}
        }
    }
}

/// Twice the capital that the bet on harm began with: too little to act on, enough to date the first sign.
const SUSPICIOUS: f64 = 2.0;

/// Says what is wrong when the split that was counted is far from the one that was asked for. The lever's own word is
/// not enough: a route that does not match leaves it confirmed and the canary without users. Users differ in how
/// much they ask, so only odds that are off by more than a factor of three are doubted, and only when both arms
/// should have had at least thirty requests.
fn doubt_split(share: Share, (canary, stable): (u64, u64)) -> Option<String> {
    let total = canary.saturating_add(stable);
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53; a ratio is compared with 3")]
    let (canary_f, stable_f, total_f) = (canary as f64, stable as f64, total as f64);
    let expected = total_f * share.fraction();
    if expected < 30.0 || total_f - expected < 30.0 {
        return None;
    }
    let asked = share.fraction() / (1.0 - share.fraction());
    let seen = canary_f / stable_f.max(0.5);
    if seen > asked / 3.0 && seen < asked * 3.0 {
        return None;
    }
    Some(alloc::format!("{canary} of {total} requests went to the canary where {share} was asked for"))
}
