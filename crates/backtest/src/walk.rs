//! A plan, phase by phase, over blocks that somebody hands in. As a release does, but for two things: every share is reached at
//! once, and a person who is asked lets the release go on, since stopping there would hide what later phases would have said.

use crate::split::Arms;
use engine::{OnUndecided, Plan, Share};
use judge::{Absorbed, Block, Cause, Judge, Outcome};
use serde::Serialize;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The judge called the canary harmful.
    Harm,
    /// The plan takes back what is undecided, and it was.
    TakenBackUndecided,
    /// Every phase before the last was gone through.
    Through,
    /// The recording ended before that.
    NoMoreData,
}

/// An alarm, as it would have been told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// When, by the recording's clock: the end of the block that proved it.
    pub at_ms: i64,
    /// How long after the rollout began, in time that was measured.
    pub after_ms: i64,
    /// In which phase, counted from 1.
    pub phase: usize,
    /// What showed harm.
    pub cause: Option<Cause>,
    /// The verdict.
    pub verdict: String,
}

/// One rollout over a part of the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Where it begins in the recording.
    pub began_ms: i64,
    /// How much measured time it took.
    pub judged_ms: i64,
    /// How it ended.
    pub end: End,
    /// The alarm, if it ended so.
    pub alarm: Option<Alarm>,
    /// In how many phases a person would have been asked.
    pub asked: usize,
    /// Blocks that the judge could not use, such as those of a pod that restarted.
    pub skipped: u64,
    /// The evidence for harm after each block: milliseconds from the begin, and the wealth.
    pub path: Vec<(i64, f64)>,
}

/// A stretch of the recording, split.
pub(crate) struct Stretch {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) arms: Arms,
}

/// The phases in which two versions have users, which are those that can be judged.
pub(crate) fn compared(plan: &Plan) -> usize {
    plan.phases.iter().filter(|phase| phase.share < Share::ALL).count()
}

/// Goes through the plan. `next` hands in what was measured next at a share, until there is no more.
///
/// `judge` is a new one of this plan.
pub(crate) fn walk(plan: &Plan, judge: Judge, mut next: impl FnMut(Share) -> Option<Stretch>) -> Run {
    let mut walk = Walk::new(plan, judge);
    walk.enter(0);
    while let Some(share) = walk.share() {
        let Some(stretch) = next(share) else {
            walk.run.end = End::NoMoreData;
            break;
        };
        if walk.take(&stretch) {
            break;
        }
    }
    walk.run
}

struct Walk<'a> {
    plan: &'a Plan,
    judge: Judge,
    phase: usize,
    soaked: i64,
    soak_for: i64,
    began: bool,
    run: Run,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan, judge: Judge) -> Walk<'a> {
        let run =
            Run { began_ms: 0, judged_ms: 0, end: End::Through, alarm: None, asked: 0, skipped: 0, path: Vec::new() };
        Walk { plan, judge, phase: 0, soaked: 0, soak_for: 0, began: false, run }
    }

    /// The share of the phase, if there is one left to compare in.
    fn share(&self) -> Option<Share> {
        self.plan.phases.get(self.phase).map(|phase| phase.share).filter(|share| *share < Share::ALL)
    }

    fn enter(&mut self, phase: usize) {
        self.phase = phase;
        self.soaked = 0;
        if let Some(planned) = self.plan.phases.get(phase) {
            self.soak_for = signed(planned.soak.0);
            // Margins that no judge can use were refused when the plan was checked.
            if let Ok(margins) = planned.margins.to_judge() {
                self.judge.enter_phase(self.run.judged_ms, &margins);
            }
        }
    }

    /// Whether that was the end.
    fn take(&mut self, stretch: &Stretch) -> bool {
        if !self.began {
            self.run.began_ms = stretch.from_ms;
            self.began = true;
        }
        // The judge's clock is the time that was measured, as in a release.
        let from_ms = self.run.judged_ms;
        self.run.judged_ms = from_ms.saturating_add(stretch.to_ms.saturating_sub(stretch.from_ms));
        let Arms { share, canary, stable } = &stretch.arms;
        let block = Block {
            from_ms,
            to_ms: self.run.judged_ms,
            share: *share,
            stable: stable.clone(),
            canary: canary.clone(),
            ..Block::default()
        };
        let counted = match self.judge.absorb(&block) {
            Absorbed::Counted => true,
            Absorbed::Skipped(_) => {
                self.run.skipped += 1;
                false
            }
        };
        self.run.path.push((self.run.judged_ms, self.judge.harm_evidence()));
        if self.judge.outcome() == Outcome::Harm {
            self.run.end = End::Harm;
            self.run.alarm = Some(self.alarm(stretch.to_ms));
            return true;
        }
        if counted && !self.judge.shared_degradation() {
            self.soaked = self.soaked.saturating_add(self.run.judged_ms - from_ms);
        }
        self.soaked >= self.soak_for && self.soaked_through()
    }

    /// Whether that was the end.
    fn soaked_through(&mut self) -> bool {
        let Some(phase) = self.plan.phases.get(self.phase) else { return true };
        if self.judge.outcome() != Outcome::Pass {
            match phase.on_undecided {
                OnUndecided::Extend { times } if self.soak_for < signed(phase.soak.times(u64::from(times)).0) => {
                    self.soak_for = signed(phase.soak.times(u64::from(times)).0);
                    return false;
                }
                OnUndecided::Extend { .. } | OnUndecided::Hold => self.run.asked += 1,
                OnUndecided::RollBack => {
                    self.run.end = End::TakenBackUndecided;
                    return true;
                }
                OnUndecided::Advance => {}
            }
        }
        self.enter(self.phase + 1);
        false
    }

    fn alarm(&self, at_ms: i64) -> Alarm {
        let verdict = self.judge.verdict();
        Alarm {
            at_ms,
            after_ms: self.run.judged_ms,
            phase: self.phase + 1,
            cause: verdict.cause,
            verdict: verdict.sentence(),
        }
    }
}

pub(crate) fn signed(span: u64) -> i64 {
    i64::try_from(span).unwrap_or(i64::MAX)
}
