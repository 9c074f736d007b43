//! Taking users back, step by step, and saying so when a step takes longer than it may.

use crate::{Cause, Ending, Record, Rollback, RollbackStep, Stamp, State, Timestamp};
use alloc::format;
use alloc::string::String;

/// The fact that begins a rollback. Whoever decides it, it stops, assesses and decides in one: users go first.
pub(super) fn start(state: &State, cause: Cause, ending: Ending, first_sign: Timestamp) -> Record {
    let blame = cause.blame(ending);
    Record::RollbackStarted { cause, ending, blame, first_sign, measurements: state.measurements }
}

pub(super) fn react(state: &State, rollback: &Rollback, stamp: &Stamp) -> Option<Record> {
    // First what is late: a step that ends beyond its time, as the last one does, is told all the same.
    late(state, rollback, stamp).or_else(|| advance(state, rollback))
}

fn advance(state: &State, rollback: &Rollback) -> Option<Record> {
    match rollback.current() {
        Some(RollbackStep::Execute) => {
            let back = rollback.users_back?;
            rollback.withdrawn?;
            let detail =
                format!("users were back after {}, the new version is withdrawn", back.since(rollback.started));
            Some(Record::RollbackStepDone { step: RollbackStep::Execute, detail })
        }
        // Where nothing was ever deployed, nothing can have been disturbed.
        Some(RollbackStep::Verify) if !state.deploy_started => Some(Record::RollbackStepDone {
            step: RollbackStep::Verify,
            detail: String::from("nothing had been deployed"),
        }),
        Some(RollbackStep::Communicate) => {
            Some(Record::RollbackStepDone { step: RollbackStep::Communicate, detail: summary(state, rollback) })
        }
        Some(RollbackStep::Stop | RollbackStep::Assess | RollbackStep::Decide | RollbackStep::Verify) => None,
        None => Some(Record::Ended { ending: rollback.ending }),
    }
}

/// What everybody reads: on the live stream, in the journal and in `release show`.
fn summary(state: &State, rollback: &Rollback) -> String {
    let live = state.opened.live.as_deref().unwrap_or("nothing");
    format!("{} {}: users have {live}; {}", state.opened.service, state.opened.version, rollback.cause)
}

fn late(state: &State, rollback: &Rollback, stamp: &Stamp) -> Option<Record> {
    let budget = &state.plan().rollback;
    if stamp.at.since(rollback.first_sign) > budget.total && !rollback.over_total {
        return Some(Record::RollbackLate { step: None, budget: budget.total });
    }
    RollbackStep::ALL.into_iter().find_map(|step| {
        let allowed = step.budget(budget)?;
        let took = match rollback.took(step) {
            Some(took) => took,
            None if rollback.current() == Some(step) => stamp.at.since(rollback.step_began()),
            None => return None,
        };
        let overdue = took > allowed && !rollback.over.contains(&step);
        overdue.then_some(Record::RollbackLate { step: Some(step), budget: allowed })
    })
}
