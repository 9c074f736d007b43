//! What people may command, and when. A refusal names what would be accepted instead.

use super::rollback::start;
use crate::{Cause, Command, Ending, Fact, PassedBy, Record, Refusal, Rollback, RollbackStep, Stage, Stamp, State};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub(super) fn admit(state: &State, stamp: &Stamp, command: &Command) -> Result<Vec<Fact>, Refusal> {
    let records = records(state, stamp, command)?;
    Ok(records.into_iter().map(Fact::Record).collect())
}

fn records(state: &State, stamp: &Stamp, command: &Command) -> Result<Vec<Record>, Refusal> {
    if state.is_over() {
        return Err(Refusal::Over { asked: command.word(), stage: state.stage_word() });
    }
    if !accepted(state).contains(&command.word()) {
        return Err(not_now(state, command));
    }
    match command {
        Command::Pause { reason } => Ok(vec![Record::Paused { reason: given(reason, command)? }]),
        Command::Resume => Ok(vec![Record::Resumed]),
        Command::Advance { reason, phase } => {
            let reason = given(reason, command)?;
            in_phase(state, *phase)?;
            advance(state, reason, command)
        }
        Command::Abort { reason } => {
            let cause = Cause::Person { reason: given(reason, command)? };
            Ok(vec![start(state, cause, Ending::Aborted, stamp.at)])
        }
        Command::RollBack { reason } => {
            if state.is_first() {
                return Err(Refusal::NothingToReturnTo { service: state.opened.service.clone() });
            }
            let cause = Cause::Person { reason: given(reason, command)? };
            let first_sign = state.suspicion_since.unwrap_or(stamp.at);
            Ok(vec![start(state, cause, Ending::RolledBack, first_sign)])
        }
        Command::Supersede { by } => match &state.stage {
            // Everybody has this version already; the next release starts from it.
            Stage::Watching(watch) if watch.taken_back.is_none() => Ok(vec![Record::PromotionStarted]),
            _ => {
                let cause = Cause::Superseded { by: by.clone() };
                Ok(vec![start(state, cause, Ending::Superseded, stamp.at)])
            }
        },
    }
}

impl State {
    /// The commands of people that would be accepted now, so that nobody is offered what would be refused.
    #[must_use]
    pub fn accepts(&self) -> Vec<&'static str> {
        let mut words = accepted(self);
        words.retain(|word| *word != "roll back" || !self.is_first());
        words
    }
}

/// The commands that the stage accepts.
fn accepted(state: &State) -> Vec<&'static str> {
    match &state.stage {
        Stage::Opened | Stage::Deploying => vec!["abort", "supersede"],
        // Nobody is on the new version: a step further from there would skip all that was agreed.
        Stage::Ramping(_) | Stage::Watching(_) if state.taken_back().is_some() => {
            vec!["resume", "abort", "roll back", "supersede"]
        }
        Stage::Ramping(ramp) => {
            let waiting = ramp.paused.is_some() || ramp.hold.is_some();
            let toggle = if waiting { "resume" } else { "pause" };
            // A phase that has passed cannot be passed again: said twice, `advance` would move users two phases.
            let steps = if ramp.passed { vec![toggle] } else { vec![toggle, "advance"] };
            [steps, vec!["abort", "roll back", "supersede"]].concat()
        }
        Stage::Watching(watch) => {
            let toggle = if watch.paused.is_some() { "resume" } else { "pause" };
            vec![toggle, "advance", "abort", "roll back", "supersede"]
        }
        Stage::Promoting if !state.is_first() => vec!["roll back"],
        // Users are back; what is left, to withdraw and to verify, a person may take upon themselves.
        Stage::RollingBack(rollback) if rollback.users_back.is_some() => vec!["advance"],
        Stage::Promoting | Stage::Completed | Stage::RollingBack(_) | Stage::Ended(_) => vec![],
    }
}

fn advance(state: &State, reason: String, command: &Command) -> Result<Vec<Record>, Refusal> {
    match &state.stage {
        Stage::Ramping(ramp) => Ok(vec![Record::PhasePassed {
            phase: ramp.phase,
            by: PassedBy::Person { reason },
            verdict: state.judge.verdict().sentence(),
            measurements: state.measurements,
        }]),
        Stage::Watching(_) => Ok(vec![Record::PromotionStarted]),
        Stage::RollingBack(rollback) => Ok(by_hand(rollback, &reason)),
        Stage::Opened | Stage::Deploying | Stage::Promoting | Stage::Completed | Stage::Ended(_) => {
            Err(not_now(state, command))
        }
    }
}

/// Whoever names the phase that they mean has not seen what came after it: an answer that was lost, or another person's
/// word, must not move users twice, and least of all make the version live.
fn in_phase(state: &State, meant: Option<usize>) -> Result<(), Refusal> {
    let now = match &state.stage {
        Stage::Ramping(ramp) => Some(ramp.phase),
        Stage::Opened
        | Stage::Deploying
        | Stage::Watching(_)
        | Stage::Promoting
        | Stage::Completed
        | Stage::RollingBack(_)
        | Stage::Ended(_) => None,
    };
    match meant {
        Some(meant) if now != Some(meant) => Err(Refusal::OtherPhase { meant, now, stage: state.stage_word() }),
        Some(_) | None => Ok(()),
    }
}

/// What a rollback is stuck in, done by a person: nobody is on the new version any more, and the next release must not wait
/// for ever for a command that fails, or for a stable version that is ill.
fn by_hand(rollback: &Rollback, reason: &str) -> Vec<Record> {
    let detail = format!("by hand: {reason}");
    let done = |step| Record::RollbackStepDone { step, detail: detail.clone() };
    match rollback.withdrawn {
        None => vec![Record::Withdrawn, done(RollbackStep::Execute), done(RollbackStep::Verify)],
        Some(_) => vec![done(RollbackStep::Verify)],
    }
}

fn given(reason: &str, command: &Command) -> Result<String, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() { Err(Refusal::ReasonMissing { asked: command.word() }) } else { Ok(reason.into()) }
}

fn not_now(state: &State, command: &Command) -> Refusal {
    Refusal::NotNow { asked: command.word(), stage: state.stage_word(), accepted: accepted(state) }
}
