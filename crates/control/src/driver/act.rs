//! Comparing what should be with what was confirmed, and starting what is missing.

use super::Driver;
use super::effect::{Look, NotWell, Outcome};
use super::store::MOST_UNWRITTEN;
use crate::ports::{Counted, PortError, PortResult, Reading};
use engine::{Desired, Gap, Input, Measurement, Millis, Presence, Share, Stage, Timestamp, desired};
use policy::{Hook, Lever, Target, Wiring};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// So small a part of an interval is allowed for its counts to be put together once it is over.
const COUNTING: u64 = 50;

/// Beyond its own deadline no port is waited for.
const LOOK_DEADLINE: Duration = Duration::from_secs(10);

impl Driver {
    pub(super) fn act(&mut self) {
        let want = desired(&self.state);
        self.act_on_share(want);
        if self.pending.is_empty() {
            self.act_on_body(want);
            self.act_on_hooks(want);
        }
        self.act_on_stable(want);
        self.look();
    }

    /// The share that may be asked for: what is not written may only lower it.
    fn allowed_share(&self, want: Desired) -> Share {
        if self.pending.is_empty() { want.share } else { want.share.min(self.written_share) }
    }

    fn act_on_share(&mut self, want: Desired) {
        let share = self.allowed_share(want);
        let lever_is_ours = match &self.state.stage {
            Stage::Ramping(_) | Stage::Watching(_) => true,
            Stage::RollingBack(_) => self.state.deploy_started,
            // Before the first phase there is nobody to move; after the end the target has the last word.
            Stage::Opened | Stage::Deploying | Stage::Promoting | Stage::Completed | Stage::Ended(_) => false,
        };
        // A ramp whose first phase is not written yet moves nobody, not even to the nobody that is already there.
        let not_begun = matches!(self.state.stage, Stage::Ramping(_))
            && share == Share::NONE
            && self.effects.share.is_none()
            && self.state.confirmed_share.is_none();
        if !lever_is_ours || not_begun || self.effects.share == Some(share) {
            return;
        }
        if self.effects.shift.busy() && self.effects.shifting_to != Some(share) {
            self.effects.shift.replace();
        }
        if !self.effects.shift.ready() {
            return;
        }
        let (lever, order, within) = (Arc::clone(&self.site.lever), self.order(), patience_with_lever(&self.wiring));
        self.effects.shifting_to = Some(share);
        // From here on the lever may have either share, whatever becomes of this order: one that is dropped may be carried out.
        self.effects.share = None;
        let effect = self.effects.shift.start(async move {
            let result = in_time("the lever", within, lever.shift(&order, share)).await;
            Outcome::Shifted { share, result }
        });
        self.effects.running.push(effect);
    }

    pub(super) fn shifted(&mut self, share: Share, result: PortResult<()>) {
        match result {
            Ok(()) => {
                self.effects.shift.done();
                self.effects.share = Some(share);
                self.trouble("shift", None);
                let stamp = self.stamp();
                self.step(&stamp, Input::ShareConfirmed { share }, None);
            }
            Err(error) => {
                // Taking users back is tried again at once and for ever; the rollback's clock shouts meanwhile.
                self.effects.shift.failed(100, if share == Share::NONE { 1_000 } else { 5_000 });
                self.port_trouble("shift", &error);
            }
        }
    }

    fn act_on_body(&mut self, want: Desired) {
        if self.effects.body.busy() && self.effects.body_towards != Some(want.canary) {
            // A deployment that hangs must not keep a rollback from withdrawing it.
            self.effects.body.replace();
        }
        if want.canary == self.effects.presence {
            return;
        }
        if !self.effects.body.ready() {
            return;
        }
        self.effects.body_towards = Some(want.canary);
        let (target, order) = (Arc::clone(&self.site.target), self.order());
        let deploy_within = Duration::from_millis(self.state.plan().deploy_within.0);
        let this_try = self.time_to_deploy();
        let within = patience_with_target(&self.wiring);
        let effect = match want.canary {
            Presence::Untouched => return,
            Presence::Beside => self.effects.body.start(async move {
                let late = || Err(deploy_late(deploy_within, None));
                Outcome::Deployed(
                    tokio::time::timeout(this_try, target.deploy(&order)).await.unwrap_or_else(|_| late()),
                )
            }),
            Presence::Promoted => {
                let promote = async move { in_time("the target", within, target.promote(&order)).await };
                self.effects.body.start(async move { Outcome::Promoted(promote.await) })
            }
            Presence::Absent => {
                let withdraw = async move { in_time("the target", within, target.withdraw(&order)).await };
                self.effects.body.start(async move { Outcome::Withdrawn(withdraw.await) })
            }
        };
        self.effects.running.push(effect);
    }

    pub(super) fn deployed(&mut self, result: PortResult<()>) {
        let input = match result {
            Ok(()) => {
                self.effects.body.done();
                self.effects.presence = Presence::Beside;
                self.trouble("deploy", None);
                Input::Deployed
            }
            Err(error) if error.retry && self.time_to_deploy() > LAST_TRY => {
                self.effects.body.failed(500, 10_000);
                self.port_trouble("deploy", &error);
                return;
            }
            Err(error) => {
                let within = Duration::from_millis(self.state.plan().deploy_within.0);
                let error = if error.retry { deploy_late(within, Some(&error)) } else { error };
                self.trouble("deploy", None);
                self.effects.body.done();
                // Something may have come up half: it is withdrawn like a canary that was.
                self.effects.presence = Presence::Beside;
                Input::DeployFailed { reason: error.to_string() }
            }
        };
        let stamp = self.stamp();
        self.step(&stamp, input, None);
    }

    /// What is left of the time in which the new version must be up, whoever drove it before. What is over time is still
    /// asked for once: it may have come up while nobody drove it.
    fn time_to_deploy(&self) -> Duration {
        let within = self.state.plan().deploy_within;
        let since = self.state.deploy_started_at.map_or(Millis::ZERO, |at| self.now().since(at));
        Duration::from_millis(within.0.saturating_sub(since.0)).max(LAST_TRY)
    }

    pub(super) fn body_done(&mut self, what: &'static str, result: PortResult<()>, input: Input) {
        match result {
            Ok(()) => {
                self.effects.body.done();
                self.effects.presence = desired(&self.state).canary;
                self.trouble(what, None);
                let stamp = self.stamp();
                self.step(&stamp, input, None);
            }
            Err(error) => {
                self.effects.body.failed(500, 10_000);
                self.port_trouble(what, &error);
            }
        }
    }

    fn act_on_hooks(&mut self, want: Desired) {
        let Some(phase) = want.hooks_of else { return };
        let Stage::Ramping(ramp) = &self.state.stage else { return };
        if !self.effects.hook.ready() || ramp.hook_failed.is_some() {
            return;
        }
        let planned = self.state.plan().phases.get(phase);
        let next = planned.and_then(|p| p.hooks.iter().find(|hook| !ramp.hooks_passed.contains(hook)));
        let (Some(planned), Some(hook)) = (planned, next.cloned()) else { return };
        let share = planned.share;
        let (hooks, order) = (Arc::clone(&self.site.hooks), self.order());
        let within = patience_with_hook(&self.wiring, &hook);
        let effect = self.effects.hook.start(async move {
            let run = hooks.run(&order, &hook, share);
            let late = || Err(format!("no end within {} s", within.as_secs()));
            let result = tokio::time::timeout(within, run).await.unwrap_or_else(|_| late());
            Outcome::HookRan { phase, hook, result }
        });
        self.effects.running.push(effect);
    }

    pub(super) fn hook_ran(&mut self, phase: usize, hook: String, result: Result<(), String>) {
        self.effects.hook.done();
        let stamp = self.stamp();
        self.step(&stamp, Input::HookFinished { phase, hook, outcome: result }, None);
    }

    /// After a rollback stable is asked until it is well: by the lever (nobody is on the canary) and by its probe.
    fn act_on_stable(&mut self, want: Desired) {
        let verifying = match &self.state.stage {
            Stage::RollingBack(rollback) => rollback.current() == Some(engine::RollbackStep::Verify),
            _ => false,
        };
        if !(want.verify_stable && verifying && self.effects.verify.ready()) {
            return;
        }
        let (lever, prober, order) = (Arc::clone(&self.site.lever), Arc::clone(&self.site.prober), self.order());
        let effect = self.effects.verify.start(async move {
            let look = async {
                let share = lever.observe(&order).await.map_err(|e| NotWell::Unknown(e.to_string()))?;
                if share != Share::NONE {
                    return Err(NotWell::Users(share));
                }
                match prober.probe(&order).await.and_then(|seen| seen.stable) {
                    Some(Err(why)) => Err(NotWell::Stable(why)),
                    Some(Ok(())) => Ok("nobody is on the withdrawn version and stable answers its probe".to_string()),
                    None => Ok("nobody is on the withdrawn version; stable has no probe".to_string()),
                }
            };
            let late = || Err(NotWell::Unknown("no answer in time".to_string()));
            Outcome::StableSeen(tokio::time::timeout(LOOK_DEADLINE, look).await.unwrap_or_else(|_| late()))
        });
        self.effects.running.push(effect);
    }

    pub(super) fn stable_seen(&mut self, result: Result<String, NotWell>) {
        let (well, detail) = match result {
            Ok(detail) => {
                self.effects.verify.done();
                self.trouble("verify", None);
                (true, detail)
            }
            Err(not_well) => {
                if matches!(not_well, NotWell::Users(_)) {
                    // It said that nobody is left and was wrong, or lost it since: it is asked again.
                    self.effects.share = None;
                }
                let why = not_well.to_string();
                self.effects.verify.failed(500, 5_000);
                let hint = "look at the old version: users are on it".to_string();
                self.trouble("verify", Some(("TG-5090", why.clone(), hint)));
                (false, why)
            }
        };
        let stamp = self.stamp();
        self.step(&stamp, Input::StableProbed { well, detail }, None);
    }

    /// Looks at both arms at least twice an interval, so that a finished interval is never old when it is read.
    fn look(&mut self) {
        let watching = matches!(self.state.stage, Stage::Ramping(_) | Stage::Watching(_));
        if !watching || !self.effects.look.ready() || self.pending.len() >= MOST_UNWRITTEN {
            return;
        }
        let (site, order, cursor) = (self.site.clone(), self.order(), self.state.cursor.clone());
        let effect = self.effects.look.start(async move {
            // Each has its own deadline: one that hangs must not blind the others.
            let (reading, seen, share, taken_back) = futures_util::future::join4(
                tokio::time::timeout(LOOK_DEADLINE, site.signal.read(&order, &cursor)),
                tokio::time::timeout(LOOK_DEADLINE, site.prober.probe(&order)),
                tokio::time::timeout(LOOK_DEADLINE, site.lever.observe(&order)),
                tokio::time::timeout(LOOK_DEADLINE, site.lever.taken_back(&order)),
            )
            .await;
            let silent = || Reading::None(Gap::Unreachable { detail: "no answer in time".to_string() });
            let look = Look {
                reading: reading.unwrap_or_else(|_| silent()),
                seen: seen.unwrap_or(None),
                share: share.unwrap_or_else(|_| Err(look_late())),
                taken_back: taken_back.unwrap_or_else(|_| Err(look_late())),
            };
            Outcome::Measured(Box::new(look))
        });
        self.effects.running.push(effect);
    }

    pub(super) fn measured(&mut self, look: Look) {
        let interval = self.state.plan().interval;
        let now = self.now();
        if let Some(seen) = &look.seen {
            self.probes.push(seen.probe(now));
        }
        // Before anything that could ask for users again.
        if let Ok(Some(taken_back)) = look.taken_back {
            let stamp = self.stamp();
            self.step(&stamp, Input::TakenBack(taken_back), None);
        }
        let observed = self.observed(look.share);
        match look.reading {
            Reading::Counts(counted) => {
                for counts in unseen(counted, &self.state.cursor) {
                    self.absorb_counts(counts, observed);
                }
            }
            // A canary that is down may be the reason why nobody sends counts: its probes must be heard.
            Reading::NotYet if self.silent_for_long(now) => self.absorb_gap(Gap::NoData, observed, interval),
            Reading::NotYet => {
                // Time passes for the engine even when there is nothing new to see.
                self.tick();
            }
            Reading::None(gap) => self.absorb_gap(gap, observed, interval),
        }
        self.effects.look.again_in(self.look_again_in(now).0);
    }

    /// When the next interval should be over, if that is before the next look would be due anyway: a verdict must not wait
    /// for a look that happens to come half an interval later.
    fn look_again_in(&self, now: Timestamp) -> Millis {
        let (every, interval) = (self.look_every(), self.state.plan().interval);
        let next = self.counted_to.map(|counted_to| counted_to + interval + Millis(interval.0 / COUNTING));
        // By the clock of whoever counts. One that is far off ours leads to no look or to one too early, and the next is due
        // as if nothing were known.
        next.map_or(every, |next| match next.since(now) {
            Millis::ZERO => every,
            soon => soon.min(every),
        })
    }

    /// Twice an interval, or as often as the policy wants the versions probed.
    fn look_every(&self) -> Millis {
        let half = Millis(self.state.plan().interval.0 / 2);
        let probe = self.wiring.probe.as_ref().map_or(half, |probe| probe.every);
        half.min(probe).max(Millis(1))
    }

    fn silent_for_long(&self, now: Timestamp) -> bool {
        // By control's own clock: one that is ahead, or was, must not hide that nothing comes any more.
        let since = self.last.as_ref().map(|last| last.received_at).or(self.state.confirmed_share.map(|(_, at)| at));
        let far = |since: Timestamp| now.since(since).max(since.since(now)) > self.state.plan().stale_after;
        since.is_some_and(far)
    }

    /// What the lever says; if it lost what it had confirmed, it is asked again.
    fn observed(&mut self, share: PortResult<Share>) -> Option<Share> {
        match share {
            Ok(share) => {
                if self.effects.share.is_some_and(|confirmed| confirmed != share) && !self.effects.shift.busy() {
                    tracing::warn!(release = %self.id, %share, "the lever lost the share that it had confirmed");
                    self.effects.share = None;
                }
                self.trouble("observe", None);
                Some(share)
            }
            Err(error) => {
                self.port_trouble("observe", &error);
                None
            }
        }
    }

    fn absorb_counts(&mut self, counts: Counted, observed: Option<Share>) {
        let Counted { cursor, from, to, share, stable, canary, exits } = counts;
        let probes = std::mem::take(&mut self.probes);
        let share = share.or_else(|| share_of(from, observed, self.state.confirmed_share));
        let received_at = self.now();
        self.absorb(Measurement { cursor, from, to, received_at, share, stable, canary, gap: None, probes, exits });
    }

    /// A whole interval without counts is a measurement too: it says that nothing is known.
    fn absorb_gap(&mut self, gap: Gap, observed: Option<Share>, interval: Millis) {
        let now = self.now();
        let earliest = Timestamp(now.0.saturating_sub(signed(interval)));
        // Neither what was measured before nor what was before this share is seen a second time. A moment that lies ahead
        // is one of a clock that was stepped back.
        let after = |at: Option<Timestamp>| at.filter(|at| *at <= now).unwrap_or(earliest);
        let confirmed = after(self.state.confirmed_share.map(|(_, at)| at));
        let from = after(self.last.as_ref().map(|last| last.to)).max(confirmed);
        if now.since(from) < interval {
            return;
        }
        let (cursor, probes) = (self.state.cursor.clone(), std::mem::take(&mut self.probes));
        self.absorb(Measurement {
            cursor,
            from,
            to: now,
            received_at: now,
            share: observed,
            stable: None,
            canary: None,
            gap: Some(gap),
            probes,
            exits: Vec::new(),
        });
    }

    fn port_trouble(&mut self, what: &'static str, error: &PortError) {
        self.trouble(what, Some((error.code, error.message.clone(), error.hint.clone())));
    }
}

/// The share under an interval whose counter does not know it. The lever says what is in force now: an interval that began
/// before that was confirmed was under another share, and must not be taken for time of this phase.
pub(super) fn share_of(
    from: Timestamp,
    observed: Option<Share>,
    confirmed: Option<(Share, Timestamp)>,
) -> Option<Share> {
    observed.filter(|share| confirmed.is_none_or(|(confirmed, at)| confirmed != *share || from >= at))
}

/// The intervals of an answer that were not absorbed yet, oldest first. An answer may arrive a second time, begin with what
/// was told before, or have its parts in the wrong order: what is seen twice would count twice.
fn unseen(mut counted: Vec<Counted>, cursor: &str) -> Vec<Counted> {
    counted.sort_by_key(|counts| counts.to);
    let seen = counted.iter().rposition(|counts| counts.cursor == cursor).map_or(0, |last| last + 1);
    let mut end = None;
    let mut unseen = counted.split_off(seen);
    unseen.retain(|counts| end.replace(counts.to).is_none_or(|before| counts.from >= before));
    unseen
}

/// A port ends within its own deadline. One that does not is dropped and asked again: nothing that hangs may keep users
/// on a bad version.
async fn in_time(who: &str, within: Duration, call: impl Future<Output = PortResult<()>>) -> PortResult<()> {
    tokio::time::timeout(within, call).await.unwrap_or_else(|_| {
        Err(PortError {
            code: "TG-5093",
            message: format!("{who} gave no answer within {} s", within.as_secs()),
            hint: "it is asked again; look whether what stands behind it still runs".into(),
            retry: true,
        })
    })
}

/// What a port may take beyond its own deadline.
const GRACE: Duration = Duration::from_secs(5);

/// What a deployment has that is tried when its time is over.
const LAST_TRY: Duration = Duration::from_secs(5);

/// How long the gate's workers may take to agree on a share.
const GATE_DEADLINE: Duration = Duration::from_secs(30);

fn patience_with_lever(wiring: &Wiring) -> Duration {
    GRACE
        + match &wiring.lever {
            Lever::Gate(_) => GATE_DEADLINE,
            // A write to the journal.
            Lever::Flag(_) => GRACE,
            // To shift, and to observe whether it helped.
            Lever::Command(lever) => (Duration::from_millis(lever.timeout.0) + GRACE) * 2,
        }
}

fn patience_with_target(wiring: &Wiring) -> Duration {
    GRACE
        + match &wiring.target {
            Target::Process(target) => {
                Duration::from_millis((target.start_within + target.stop_grace).0) + GATE_DEADLINE
            }
            // To promote, to shift, and to withdraw.
            Target::Running {} => patience_with_lever(wiring),
            Target::Command(target) => {
                (Duration::from_millis(target.timeout.0) + GRACE) * 2 + patience_with_lever(wiring)
            }
        }
}

fn patience_with_hook(wiring: &Wiring, name: &str) -> Duration {
    let timeout = wiring.hooks.iter().find(|(known, _)| known == name).map(|(_, hook)| match hook {
        Hook::Command(hook) => hook.timeout,
        Hook::Http(hook) => hook.timeout,
    });
    GRACE + Duration::from_millis(timeout.unwrap_or(Millis::ZERO).0)
}

fn deploy_late(within: Duration, last: Option<&PortError>) -> PortError {
    let last = last.map_or_else(String::new, |error| format!("; the last try: {} [{}]", error.message, error.code));
    PortError {
        code: "TG-5091",
        message: format!("not up and healthy within {} s{last}", within.as_secs()),
        hint: "look at the version's log; `deploy_within` in the rollout sets the time".into(),
        retry: false,
    }
}

fn look_late() -> PortError {
    PortError {
        code: "TG-5092",
        message: format!("no answer within {} s", LOOK_DEADLINE.as_secs()),
        hint: "look whether the lever still runs".into(),
        retry: true,
    }
}

fn signed(span: Millis) -> i64 {
    i64::try_from(span.0).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_come_late_are_not_of_the_share_that_came_meanwhile() {
        let (quarter, at) = (Share::percent(25), Timestamp(1_000));
        let confirmed = Some((quarter, at));
        assert_eq!(share_of(Timestamp(999), Some(quarter), confirmed), None);
        assert_eq!(share_of(at, Some(quarter), confirmed), Some(quarter));
        assert_eq!(share_of(at, None, confirmed), None);
        let other = Some(Share::percent(5));
        assert_eq!(share_of(Timestamp(999), other, confirmed), other, "what the lever lost is told");
        assert_eq!(share_of(Timestamp(999), other, None), other);
    }
}
