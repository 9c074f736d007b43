//! Ramping and watching: when to take users back, when to hold, when the next phase may begin. The order of the
//! questions is the order of their weight: harm first, then what must not count, then progress.

use super::rollback::start;
use crate::{Cause, Ending, Hold, OnUndecided, PassedBy, Phase, Ramp, Record, Share, Stamp, State, Watch};
use alloc::format;
use alloc::string::String;

pub(super) fn react(state: &State, ramp: &Ramp, stamp: &Stamp) -> Option<Record> {
    let phase = state.plan().phases.get(ramp.phase)?;
    harm(state, stamp)
        .or_else(|| hook_failure(state, ramp, stamp))
        .or_else(|| notice(state, stamp))
        .or_else(|| progress(state, ramp, phase))
}

pub(super) fn react_watching(state: &State, watch: &Watch, stamp: &Stamp) -> Option<Record> {
    harm(state, stamp).or_else(|| notice(state, stamp)).or_else(|| {
        // With nothing to go back to there is nothing to keep warm.
        let enough = state.is_first() || watch.soak >= state.plan().watch;
        (enough && watch.paused.is_none() && watch.taken_back.is_none()).then_some(Record::PromotionStarted)
    })
}

/// Whatever takes users back by itself. The first release of a service has nobody to give them to.
fn harm(state: &State, stamp: &Stamp) -> Option<Record> {
    if state.is_first() {
        return None;
    }
    let triggers = &state.plan().triggers;
    let (cause, first_sign) = match (&state.exit, state.reachable, &triggers.unavailable) {
        (Some((at, how)), _, Some(trigger)) if trigger.process_exit => {
            let detail = format!("the process of {} ended by itself ({how})", state.opened.version);
            (Cause::Unavailable { detail }, *at)
        }
        (_, judge::Reachability::Unavailable, Some(_)) => {
            let since = state.probe_failing_since.unwrap_or(stamp.at);
            let detail = format!("{} does not answer its probe while stable does", state.opened.version);
            (Cause::Unavailable { detail }, since)
        }
        _ if state.judge.outcome() == judge::Outcome::Harm => {
            let verdict = state.judge.verdict().sentence();
            (Cause::Harm { verdict }, state.suspicion_since.unwrap_or(stamp.at))
        }
        _ => return None,
    };
    Some(start(state, cause, Ending::RolledBack, first_sign))
}

fn hook_failure(state: &State, ramp: &Ramp, stamp: &Stamp) -> Option<Record> {
    let (hook, detail) = ramp.hook_failed.clone()?;
    if !state.is_first() {
        return Some(start(state, Cause::HookFailed { hook, detail }, Ending::RolledBack, stamp.at));
    }
    hold(ramp, format!("hook {hook} failed ({detail}) and there is no version to go back to"))
}

/// What stops the soak without blaming anybody, told once when it begins and once when it ends.
fn notice(state: &State, stamp: &Stamp) -> Option<Record> {
    let shared = state.judge.shared_degradation() || state.reachable == judge::Reachability::Shared;
    if shared != state.degradation_shared {
        return Some(Record::DegradationShared { began: shared });
    }
    let blind = stamp.at.since(state.seen_at) > state.plan().stale_after;
    if blind != state.blind {
        let detail = match (&state.gap, blind) {
            (_, false) => String::from("fresh data is back"),
            (Some(gap), true) => gap.clone(),
            (None, true) => String::from("no fresh measurement"),
        };
        return Some(Record::SightLost { lost: blind, detail });
    }
    if state.split_doubt.is_some() != state.split_doubted {
        let detail = state.split_doubt.clone().unwrap_or_else(|| "the split is as asked for".into());
        return Some(Record::SplitDoubted { doubted: state.split_doubt.is_some(), detail });
    }
    None
}

fn progress(state: &State, ramp: &Ramp, phase: &Phase) -> Option<Record> {
    let waiting = ramp.hold.is_some() || ramp.paused.is_some() || state.degradation_shared || state.blind;
    let hooks_left = phase.hooks.iter().any(|hook| !ramp.hooks_passed.contains(hook));
    if ramp.taken_back.is_some() {
        return None;
    }
    if ramp.passed {
        return next(state, ramp);
    }
    if waiting || hooks_left || ramp.confirmed.is_none() || ramp.soak < phase.soak {
        return None;
    }
    if phase.share == Share::ALL || state.is_first() {
        return Some(pass(state, ramp, PassedBy::NothingToCompare));
    }
    if state.judge.outcome() == judge::Outcome::Pass {
        return Some(pass(state, ramp, PassedBy::Judge));
    }
    if ramp.soak < ramp.soak_for {
        return None;
    }
    undecided(state, ramp, phase)
}

/// The soak is over and the judge has not decided.
fn undecided(state: &State, ramp: &Ramp, phase: &Phase) -> Option<Record> {
    let verdict = state.judge.verdict().sentence();
    match phase.on_undecided {
        OnUndecided::Extend { times } if ramp.soak_for < phase.soak.times(u64::from(times)) => {
            Some(Record::SoakExtended { to: phase.soak.times(u64::from(times)), verdict })
        }
        OnUndecided::Extend { .. } | OnUndecided::Hold => {
            hold(ramp, format!("undecided after {} in phase {}: {verdict}", ramp.soak, ramp.phase + 1))
        }
        OnUndecided::RollBack => Some(start(state, Cause::Undecided { verdict }, Ending::RolledBack, state.last_at)),
        OnUndecided::Advance => Some(pass(state, ramp, PassedBy::PlanDespiteRisk)),
    }
}

/// What follows a passed phase. The watch begins only when the lever confirmed that everybody moved.
fn next(state: &State, ramp: &Ramp) -> Option<Record> {
    let next = ramp.phase + 1;
    match state.plan().phases.get(next) {
        Some(phase) => Some(Record::PhaseEntered { phase: next, share: phase.share }),
        None => ramp.confirmed.map(|_| Record::WatchStarted),
    }
}

fn hold(ramp: &Ramp, reason: String) -> Option<Record> {
    match &ramp.hold {
        Some(Hold { .. }) => None,
        None => Some(Record::Held { reason }),
    }
}

fn pass(state: &State, ramp: &Ramp, by: PassedBy) -> Record {
    Record::PhasePassed {
        phase: ramp.phase,
        by,
        verdict: state.judge.verdict().sentence(),
        measurements: state.measurements,
    }
}
