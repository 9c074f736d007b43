//! What people may command, and when. A refusal names what would be accepted instead.

use super::rollback::start;
use crate::{Cause, Command, Ending, Fact, PassedBy, Record, Refusal, Stage, Stamp, State};
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
        Command::Advance { reason } => advance(state, given(reason, command)?, command),
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
            Stage::Watching(_) => Ok(vec![Record::PromotionStarted]),
            _ => {
                let cause = Cause::Superseded { by: by.clone() };
                Ok(vec![start(state, cause, Ending::Superseded, stamp.at)])
            }
        },
    }
}

/// The commands that would be accepted now.
fn accepted(state: &State) -> Vec<&'static str> {
    match &state.stage {
        Stage::Opened | Stage::Deploying => vec!["abort", "supersede"],
        Stage::Ramping(ramp) => {
            let waiting = ramp.paused.is_some() || ramp.hold.is_some();
            let toggle = if waiting { "resume" } else { "pause" };
            vec![toggle, "advance", "abort", "roll back", "supersede"]
        }
        Stage::Watching(watch) => {
            let toggle = if watch.paused.is_some() { "resume" } else { "pause" };
            vec![toggle, "advance", "abort", "roll back", "supersede"]
        }
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
        Stage::Opened
        | Stage::Deploying
        | Stage::Promoting
        | Stage::Completed
        | Stage::RollingBack(_)
        | Stage::Ended(_) => Err(not_now(state, command)),
    }
}

fn given(reason: &str, command: &Command) -> Result<String, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() { Err(Refusal::ReasonMissing { asked: command.word() }) } else { Ok(reason.into()) }
}

fn not_now(state: &State, command: &Command) -> Refusal {
    Refusal::NotNow { asked: command.word(), stage: state.stage_word(), accepted: accepted(state) }
}
