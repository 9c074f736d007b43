//! A release.

use super::{arms, exit_code, percent, percent_of, plan, rollback, verdict};
use crate::dto;
use control::Live;
use engine::{Ending, Stage, State, desired};

/// All of it. `before_rollback` is what [`super::before_rollback`] read from the journal.
pub(crate) fn release(live: &Live, before_rollback: Option<plan::Progress>) -> dto::Release {
    let state = &live.state;
    let opened = &state.opened;
    let headline = state.headline();
    let stage = stage(state);
    let verdict = state.judge.verdict();
    dto::Release {
        id: live.id.to_string(),
        service: opened.service.clone(),
        channel: opened.channel.clone(),
        release_type: opened.release_type.clone(),
        version: opened.version.clone(),
        artifact: opened.artifact.clone(),
        live: opened.live.clone(),
        waits_for: opened.waits_for.clone(),
        stage,
        headline: headline.line,
        waits_for_person: headline.waits_for_person,
        accepts: state.accepts().into_iter().filter_map(command).collect(),
        over: state.is_over(),
        exit_code_hint: exit_code(stage),
        opened_at_ms: state.opened_at.0,
        opened_by: state.opened_by.clone(),
        note: opened.note.clone(),
        quarantine_lifted: opened.quarantine_lifted.clone(),
        last_at_ms: state.last_at.0,
        plan: plan::plan(state, before_rollback),
        phase_index: match &state.stage {
            Stage::Ramping(ramp) => Some(ramp.phase as u64),
            _ => before_rollback.and_then(plan::Progress::phase_index),
        },
        clock: clock(state),
        shares: shares(live),
        arms: arms::arms(live, &verdict),
        verdict: judged(state).then(|| verdict::verdict(&verdict)),
        hold: hold(state),
        paused: paused(state),
        stopped_by: state.stopped_by(),
        degradation_shared: state.degradation_shared,
        blind: state.blind,
        hooks_passed: match &state.stage {
            Stage::Ramping(ramp) => ramp.hooks_passed.clone(),
            _ => Vec::new(),
        },
        rollback: match &state.stage {
            Stage::RollingBack(rollback) | Stage::Ended(rollback) => Some(rollback::rollback(state, rollback)),
            _ => None,
        },
        troubles: live.troubles.iter().map(trouble).collect(),
        unwritten: live.unwritten as u64,
        seq: live.seq,
        measurements: state.measurements,
    }
}

/// What a list shows of it.
pub(crate) fn summary(live: &Live) -> dto::ReleaseSummary {
    let state = &live.state;
    let opened = &state.opened;
    let headline = state.headline();
    let stage = stage(state);
    dto::ReleaseSummary {
        id: live.id.to_string(),
        service: opened.service.clone(),
        channel: opened.channel.clone(),
        release_type: opened.release_type.clone(),
        version: opened.version.clone(),
        stage,
        headline: headline.line,
        waits_for_person: headline.waits_for_person,
        over: state.is_over(),
        exit_code_hint: exit_code(stage),
        opened_at_ms: state.opened_at.0,
        opened_by: state.opened_by.clone(),
        last_at_ms: state.last_at.0,
        confirmed_percent: state.confirmed_share.map(|(share, _)| percent(share)),
        troubles: live.troubles.len() as u64,
    }
}

/// The stage; the same words as [`engine::State::stage_word`].
pub(crate) fn stage(state: &State) -> dto::Stage {
    match &state.stage {
        Stage::Opened => dto::Stage::Opened,
        Stage::Deploying => dto::Stage::Deploying,
        Stage::Ramping(_) | Stage::Watching(_) if state.taken_back().is_some() => dto::Stage::Held,
        Stage::Ramping(ramp) if ramp.paused.is_some() => dto::Stage::Paused,
        Stage::Ramping(ramp) if ramp.hold.is_some() => dto::Stage::Held,
        Stage::Ramping(_) => dto::Stage::Ramping,
        Stage::Watching(watch) if watch.paused.is_some() => dto::Stage::Paused,
        Stage::Watching(_) => dto::Stage::Watching,
        Stage::Promoting => dto::Stage::Promoting,
        Stage::Completed => dto::Stage::Completed,
        Stage::RollingBack(_) => dto::Stage::RollingBack,
        Stage::Ended(rollback) => match rollback.ending {
            Ending::RolledBack => dto::Stage::RolledBack,
            Ending::Aborted => dto::Stage::Aborted,
            Ending::Superseded => dto::Stage::Superseded,
        },
    }
}

/// A command by the engine's word for it; nothing for what only another release can say.
fn command(word: &str) -> Option<dto::Command> {
    match word {
        "pause" => Some(dto::Command::Pause),
        "resume" => Some(dto::Command::Resume),
        "advance" => Some(dto::Command::Advance),
        "abort" => Some(dto::Command::Abort),
        "roll back" => Some(dto::Command::Rollback),
        _ => None,
    }
}

fn clock(state: &State) -> Option<dto::Clock> {
    match &state.stage {
        Stage::Ramping(ramp) => Some(dto::Clock {
            entered_at_ms: ramp.entered.0,
            confirmed_at_ms: ramp.confirmed.map(|at| at.0),
            soak_ms: ramp.soak.0,
            soak_for_ms: ramp.soak_for.0,
        }),
        Stage::Watching(watch) => Some(dto::Clock {
            entered_at_ms: watch.entered.0,
            confirmed_at_ms: state.confirmed_share.map(|(_, at)| at.0),
            soak_ms: watch.soak.0,
            soak_for_ms: state.plan().watch.0,
        }),
        _ => None,
    }
}

fn shares(live: &Live) -> dto::Shares {
    let state = &live.state;
    let last = live.last.as_deref();
    let observed = last.and_then(|m| Some((m.canary.as_ref()?.requests, m.stable.as_ref()?.requests)));
    let in_phase = match &state.stage {
        Stage::Ramping(ramp) => Some(ramp.seen),
        _ => None,
    };
    dto::Shares {
        requested_percent: percent(desired(state).share),
        confirmed_percent: state.confirmed_share.map(|(share, _)| percent(share)),
        confirmed_at_ms: state.confirmed_share.map(|(_, at)| at.0),
        observed: observed.map(split),
        observed_in_phase: in_phase.map(split),
        doubt: state.split_doubt.clone(),
    }
}

fn split((canary, stable): (u64, u64)) -> dto::Split {
    dto::Split {
        canary_percent: percent_of(canary, canary.saturating_add(stable)),
        canary_requests: canary,
        stable_requests: stable,
    }
}

/// Before anybody is on the new version the judge has nothing to say.
fn judged(state: &State) -> bool {
    match &state.stage {
        Stage::Opened | Stage::Deploying => false,
        Stage::Ramping(_) | Stage::Watching(_) => true,
        Stage::Promoting | Stage::Completed | Stage::RollingBack(_) | Stage::Ended(_) => state.measurements > 0,
    }
}

fn hold(state: &State) -> Option<dto::Hold> {
    if state.taken_back().is_some() {
        let since_ms = state.confirmed_share.map_or(state.last_at, |(_, since)| since).0;
        return Some(dto::Hold { since_ms, reason: state.stopped_by().unwrap_or_default() });
    }
    match &state.stage {
        Stage::Ramping(ramp) => {
            ramp.hold.as_ref().map(|hold| dto::Hold { since_ms: hold.since.0, reason: hold.reason.clone() })
        }
        _ => None,
    }
}

fn paused(state: &State) -> Option<String> {
    match &state.stage {
        Stage::Ramping(ramp) => ramp.paused.clone(),
        Stage::Watching(watch) => watch.paused.clone(),
        _ => None,
    }
}

fn trouble(trouble: &control::Trouble) -> dto::Trouble {
    dto::Trouble {
        what: trouble.what.to_string(),
        since_ms: trouble.since.0,
        code: trouble.code.to_string(),
        message: trouble.message.clone(),
        hint: trouble.hint.clone(),
    }
}
