//! Rollbacks end, and nothing else delays them.

use super::{Observer, Step, View};
use crate::ports::AT_ONCE;
use crate::scenario::{Port, Trouble};
use crate::world::{BEGINNING, Event};
use control::ReleaseId;
use engine::{Millis, Record, RollbackStep, Share, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// Invariant 2.
#[derive(Default)]
pub(super) struct EndsAtZeroOrShouts {
    began: BTreeMap<ReleaseId, Millis>,
    shouted: BTreeSet<ReleaseId>,
    share: Option<Share>,
}

impl Observer for EndsAtZeroOrShouts {
    fn invariant(&self) -> &'static str {
        super::ENDS_OR_SHOUTS
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Seen(Event::Shifted { share, .. }) => self.share = Some(*share),
            Step::Seen(Event::TakenBack { .. }) => self.share = Some(Share::NONE),
            Step::Record { id, record: Record::RollbackStarted { .. }, .. } => {
                self.began.insert(*id, view.at);
            }
            Step::Record { id, record: Record::RollbackLate { step, .. }, .. } if is_of_the_rollback(*step) => {
                self.shouted.insert(*id);
            }
            Step::Record { id, record: Record::Ended { .. }, .. } => {
                let deployed = view.states.get(id).is_some_and(|state| state.deploy_started);
                let believed = view.lied(&[Port::Shift]);
                if deployed && !believed && self.share.is_some_and(|share| share != Share::NONE) {
                    return Err(format!("{id} ended with users on its version"));
                }
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => {}
        }
        Ok(())
    }

    fn end(&mut self, view: &View<'_>) -> Result<(), String> {
        for (id, began) in &self.began {
            let Some(state) = view.states.get(id) else { continue };
            let budget = state.plan().rollback.total + Millis::minutes(1);
            let ended = matches!(state.stage, Stage::Ended(_));
            if !ended && !self.shouted.contains(id) && view.at - *began > budget {
                return Err(format!("{id} is being taken back since {began}, and nobody was told"));
            }
        }
        Ok(())
    }
}

/// Invariant 4: neither disk nor network of the journal, nor anything but the lever itself, keeps users on a version.
#[derive(Default)]
pub(super) struct NothingDelaysUsers {
    /// Whether anybody is on a canary, and since when that is so.
    users: (bool, Millis),
}

impl Observer for NothingDelaysUsers {
    fn invariant(&self) -> &'static str {
        super::NOTHING_DELAYS
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Seen(Event::Shifted { share, before, .. }) if share != before => {
                self.users = (*share != Share::NONE, view.at);
                Ok(())
            }
            // Whoever was on it is on the stable version now.
            Step::Seen(Event::Promoted { .. } | Event::TakenBack { .. }) => {
                self.users = (false, view.at);
                Ok(())
            }
            // The fact may be written long after it became true; its stamp says when that was.
            Step::Record { record: Record::RollbackLate { step, .. }, .. } if !is_of_the_rollback(*step) => Ok(()),
            Step::Record { id, stamp, record: Record::RollbackLate { .. } | Record::Ended { .. } } => {
                let Some(Stage::RollingBack(rollback)) = view.states.get(id).map(|state| &state.stage) else {
                    return Ok(());
                };
                let decided = Millis(u64::try_from(rollback.started.0 - BEGINNING.0).unwrap_or(0));
                let back = if self.users.0 { view.at } else { self.users.1 };
                let allowed = AT_ONCE + Millis(2 * view.scenario.port_ms);
                if excused(view) || back <= decided + allowed {
                    return Ok(());
                }
                Err(format!(
                    "{id} was to be taken back after {decided}, users were back after {back} ({})",
                    stamp.actor
                ))
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// Whether what is late is the rollback itself: that it was noticed late is told as it begins.
fn is_of_the_rollback(late: Option<RollbackStep>) -> bool {
    match late {
        Some(RollbackStep::Stop | RollbackStep::Assess | RollbackStep::Decide) => false,
        Some(RollbackStep::Execute | RollbackStep::Verify | RollbackStep::Communicate) | None => true,
    }
}

/// A lever that does not work, a control that is dead and a clock that lies excuse a delay.
fn excused(view: &View<'_>) -> bool {
    let breaks = |trouble: &Trouble| match trouble {
        Trouble::Port { port, .. } => *port == Port::Shift,
        Trouble::ClockStep { .. }
        | Trouble::ClockSkew { .. }
        | Trouble::Partition { .. }
        | Trouble::Frozen { .. }
        | Trouble::ControlKilled => true,
        Trouble::Version { .. }
        | Trouble::Dependency { .. }
        | Trouble::Misrouted { .. }
        | Trouble::NoData
        | Trouble::Uncounted { .. }
        | Trouble::CountersReset { .. }
        | Trouble::Signal { .. }
        | Trouble::Post { .. }
        | Trouble::SlowDisk { .. }
        | Trouble::HookFails { .. }
        | Trouble::DiskFull
        | Trouble::WriteUnanswered => false,
    };
    !view.scenario.crashes.is_empty() || view.scenario.faults.iter().any(|fault| breaks(&fault.what))
}
