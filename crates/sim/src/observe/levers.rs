//! The share of users: when it may rise, that it only falls once a rollback began, and that nobody is left on a version
//! that is taken away.

use super::{Observer, Step, View};
use crate::scenario::Port;
use crate::world::Event;
use control::ReleaseId;
use engine::{Record, Share, desired};
use std::collections::BTreeSet;

/// Invariant 1, first half.
#[derive(Default)]
pub(super) struct RisesByEvidence {
    passed: BTreeSet<(ReleaseId, usize)>,
}

impl Observer for RisesByEvidence {
    fn invariant(&self) -> &'static str {
        super::RISES_BY_EVIDENCE
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Record { id, record: Record::PhasePassed { phase, .. }, .. } => {
                self.passed.insert((*id, *phase));
                Ok(())
            }
            Step::Record { id, record: Record::PhaseEntered { phase, .. }, .. } => {
                let first = view.states.get(id).is_some_and(engine::State::is_first);
                let missing = (0..*phase).find(|before| !self.passed.contains(&(*id, *before)));
                match missing {
                    Some(before) if !first => {
                        Err(format!("{id} enters phase {} and phase {} never passed", phase + 1, before + 1))
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Step::Seen(Event::Shifted { service, before, share, .. }) if share > before => {
                let (id, state) = view.in_charge(service).ok_or("no release is written that could ask for it")?;
                let written = desired(state).share;
                if *share > written {
                    return Err(format!("{id} raised the share to {share}, the journal asks for {written}"));
                }
                Ok(())
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// Invariant 1, second half.
#[derive(Default)]
pub(super) struct OnlyFallsAfterRollback {
    began: BTreeSet<ReleaseId>,
}

impl Observer for OnlyFallsAfterRollback {
    fn invariant(&self) -> &'static str {
        super::ONLY_FALLS
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Record { id, record: Record::RollbackStarted { .. }, .. } => {
                self.began.insert(*id);
                Ok(())
            }
            Step::Seen(Event::Shifted { service, before, share, .. }) if share > before => {
                match view.in_charge(service) {
                    Some((id, _)) if self.began.contains(&id) => {
                        Err(format!("{id} is being taken back and its share rose from {before} to {share}"))
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// Users go first.
#[derive(Default)]
pub(super) struct UsersFirst;

impl Observer for UsersFirst {
    fn invariant(&self) -> &'static str {
        super::USERS_FIRST
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            // A lever that says that users are back is believed.
            Step::Seen(Event::Withdrawn { version, share }) if *share != Share::NONE && !view.lied(&[Port::Shift]) => {
                Err(format!("{version} was withdrawn with {share} of users on it"))
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
