//! What the world reports. A report that comes late, twice or for a stage that is over makes nothing true: the world
//! repeats itself after a crash, and that is not an error. Only alarms of people are refused when there is nothing
//! left that they could stop.

use super::rollback::start;
use crate::{Cause, Ending, Fact, Input, Presence, Record, Refusal, Share, Stage, Stamp, State, TakenBack, desired};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub(super) fn admit(state: &State, stamp: &Stamp, input: Input) -> Result<Vec<Fact>, Refusal> {
    let records = match input {
        Input::Measured(measurement) if state.is_over() || measurement.to < measurement.from => return Ok(vec![]),
        Input::Measured(measurement) => return Ok(vec![Fact::Measured(measurement)]),
        Input::WayCleared { live } if matches!(state.stage, Stage::Opened) && !state.way_clear => {
            way_cleared(state, stamp, live)
        }
        Input::Deployed if matches!(state.stage, Stage::Deploying) => deployed(state),
        Input::DeployFailed { reason } if matches!(state.stage, Stage::Deploying) => {
            vec![start(state, Cause::DeployFailed { detail: reason }, Ending::Aborted, stamp.at)]
        }
        Input::ShareConfirmed { share } => share_confirmed(state, share),
        Input::TakenBack(taken_back) => taken_back_by_lever(state, taken_back),
        Input::HookFinished { phase, hook, outcome } => hook_finished(state, phase, hook, outcome),
        Input::Promoted if matches!(state.stage, Stage::Promoting) => vec![Record::Completed],
        Input::Withdrawn if desired(state).canary == Presence::Absent => withdrawn(state),
        Input::StableProbed { well: true, detail } => stable_is_well(state, detail),
        Input::IntegrityAlarm { detail } => alarm(state, stamp, Cause::Integrity { detail })?,
        Input::CriticalReport { detail } => alarm(state, stamp, Cause::CriticalReport { detail })?,
        Input::WayCleared { .. }
        | Input::Deployed
        | Input::DeployFailed { .. }
        | Input::Promoted
        | Input::Withdrawn
        | Input::StableProbed { well: false, .. }
        | Input::Tick
        | Input::Command(_) => vec![],
    };
    Ok(records.into_iter().map(Fact::Record).collect())
}

fn way_cleared(state: &State, stamp: &Stamp, live: Option<String>) -> Vec<Record> {
    let there_already = live.as_ref() == Some(&state.opened.version);
    let mut records = vec![Record::WayCleared { live }];
    if there_already {
        // The release in front made this very version live: beside itself it cannot be deployed, nor withdrawn.
        let detail = String::from("users have this version already");
        records.push(start(state, Cause::DeployFailed { detail }, Ending::Aborted, stamp.at));
    }
    records
}

fn deployed(state: &State) -> Vec<Record> {
    // The first release of a service has no stable arm: there is nobody to move and nothing to compare with.
    let phase = if state.is_first() { state.plan().phases.len().saturating_sub(1) } else { 0 };
    let share = state.plan().phases.get(phase).map_or(Share::NONE, |phase| phase.share);
    vec![Record::Deployed, Record::PhaseEntered { phase, share }]
}

/// Told once: the lever goes on saying so until it is told that this is known.
fn taken_back_by_lever(state: &State, TakenBack { at, after }: TakenBack) -> Vec<Record> {
    match &state.stage {
        Stage::Ramping(_) | Stage::Watching(_) if state.taken_back_at != Some(at) => {
            vec![Record::TakenBack { at, after }]
        }
        // Before there is nobody to take back, and a rollback asks for nothing else.
        Stage::Ramping(_)
        | Stage::Watching(_)
        | Stage::Opened
        | Stage::Deploying
        | Stage::Promoting
        | Stage::Completed
        | Stage::RollingBack(_)
        | Stage::Ended(_) => vec![],
    }
}

fn share_confirmed(state: &State, share: Share) -> Vec<Record> {
    let news = match &state.stage {
        // That nobody is on the new version was said by the record of who took them back.
        Stage::Ramping(_) | Stage::Watching(_) if state.taken_back().is_some() => false,
        Stage::Ramping(ramp) => ramp.confirmed.is_none(),
        // After users were taken back and a person let the release go on, everybody moves a second time.
        Stage::Watching(_) => state.confirmed_share.is_none_or(|(confirmed, _)| confirmed != share),
        Stage::RollingBack(rollback) => rollback.users_back.is_none(),
        Stage::Opened | Stage::Deploying | Stage::Promoting | Stage::Completed | Stage::Ended(_) => false,
    };
    if news && share == desired(state).share { vec![Record::ShareConfirmed { share }] } else { vec![] }
}

fn hook_finished(state: &State, phase: usize, hook: String, outcome: Result<(), String>) -> Vec<Record> {
    match &state.stage {
        Stage::Ramping(ramp) if ramp.phase == phase && !ramp.hooks_passed.contains(&hook) => {
            vec![Record::HookFinished { phase, hook, error: outcome.err() }]
        }
        Stage::Ramping(_)
        | Stage::Opened
        | Stage::Deploying
        | Stage::Watching(_)
        | Stage::Promoting
        | Stage::Completed
        | Stage::RollingBack(_)
        | Stage::Ended(_) => vec![],
    }
}

fn withdrawn(state: &State) -> Vec<Record> {
    match &state.stage {
        Stage::RollingBack(rollback) if rollback.withdrawn.is_none() => vec![Record::Withdrawn],
        Stage::RollingBack(_)
        | Stage::Opened
        | Stage::Deploying
        | Stage::Ramping(_)
        | Stage::Watching(_)
        | Stage::Promoting
        | Stage::Completed
        | Stage::Ended(_) => vec![],
    }
}

fn stable_is_well(state: &State, detail: String) -> Vec<Record> {
    match &state.stage {
        Stage::RollingBack(rollback) if rollback.current() == Some(crate::RollbackStep::Verify) => {
            vec![Record::RollbackStepDone { step: crate::RollbackStep::Verify, detail }]
        }
        Stage::RollingBack(_)
        | Stage::Opened
        | Stage::Deploying
        | Stage::Ramping(_)
        | Stage::Watching(_)
        | Stage::Promoting
        | Stage::Completed
        | Stage::Ended(_) => vec![],
    }
}

fn alarm(state: &State, stamp: &Stamp, cause: Cause) -> Result<Vec<Record>, Refusal> {
    let asked = match &cause {
        Cause::Integrity { .. } => "raise an integrity alarm",
        _ => "report something critical",
    };
    if state.is_over() {
        return Err(Refusal::Over { asked, stage: state.stage_word() });
    }
    if matches!(state.stage, Stage::RollingBack(_)) {
        return Ok(vec![]);
    }
    if state.is_first() {
        return Err(Refusal::NothingToReturnTo { service: state.opened.service.clone() });
    }
    let armed = match &cause {
        Cause::Integrity { .. } => state.plan().triggers.integrity,
        _ => state.plan().triggers.critical_report,
    };
    if !armed {
        return Err(Refusal::NotNow { asked, stage: "without this trigger in its plan", accepted: vec!["roll back"] });
    }
    Ok(vec![start(state, cause, Ending::RolledBack, stamp.at)])
}
