//! The plan with its progress. A release that is taken back does not remember in which phase it was; its journal does.

use super::percent;
use crate::dto;
use control::{Live, decode_record};
use engine::{OnUndecided, Record, Stage, State};
use journal::Journal;

const PAGE: usize = 256;

/// How far a release came before users were taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The phase that it was in, from 0; nothing when it never began one.
    At(Option<usize>),
    /// The journal does not answer.
    Unknown,
}

impl Progress {
    pub(super) fn phase_index(self) -> Option<u64> {
        match self {
            Self::At(phase) => phase.map(|phase| phase as u64),
            Self::Unknown => None,
        }
    }
}

/// Reads how far a release came that is taken back; nothing for any other, whose state says it.
pub(crate) async fn before_rollback(journal: &dyn Journal, live: &Live) -> Option<Progress> {
    match &live.state.stage {
        Stage::RollingBack(_) | Stage::Ended(_) => Some(read(journal, &live.id.stream()).await),
        Stage::Opened
        | Stage::Deploying
        | Stage::Ramping(_)
        | Stage::Watching(_)
        | Stage::Promoting
        | Stage::Completed => None,
    }
}

async fn read(journal: &dyn Journal, stream: &str) -> Progress {
    let (mut after, mut at) = (0, None);
    loop {
        let Ok(entries) = journal.read_stream(stream, after, PAGE).await else { return Progress::Unknown };
        for entry in entries.iter().filter(|entry| entry.kind == "phase_entered") {
            match decode_record(entry) {
                Ok((_, Record::PhaseEntered { phase, .. })) => at = Some(phase),
                Ok(_) | Err(_) => return Progress::Unknown,
            }
        }
        match entries.last() {
            Some(last) if entries.len() == PAGE => after = last.seq,
            Some(_) | None => return Progress::At(at),
        }
    }
}

pub(super) fn plan(state: &State, before_rollback: Option<Progress>) -> dto::Plan {
    let plan = state.plan();
    dto::Plan {
        name: plan.name.clone(),
        policy_digest: state.opened.policy.clone(),
        phases: plan
            .phases
            .iter()
            .enumerate()
            .map(|(i, phase)| dto::Phase {
                share_percent: percent(phase.share),
                soak_ms: phase.soak.0,
                on_undecided: on_undecided(phase.on_undecided),
                hooks: phase.hooks.clone(),
                state: phase_state(state, before_rollback, i),
            })
            .collect(),
        watch_ms: plan.watch.0,
        interval_ms: plan.interval.0,
        measured: plan.measured,
    }
}

fn phase_state(state: &State, before_rollback: Option<Progress>, phase: usize) -> dto::PhaseState {
    let against = |now: usize| match phase.cmp(&now) {
        std::cmp::Ordering::Less => dto::PhaseState::Done,
        std::cmp::Ordering::Equal => dto::PhaseState::Now,
        std::cmp::Ordering::Greater => dto::PhaseState::Ahead,
    };
    match &state.stage {
        Stage::Opened | Stage::Deploying => dto::PhaseState::Ahead,
        Stage::Ramping(ramp) => against(ramp.phase),
        Stage::Watching(_) | Stage::Promoting | Stage::Completed => dto::PhaseState::Done,
        Stage::RollingBack(_) | Stage::Ended(_) => match before_rollback {
            Some(Progress::At(Some(now))) => against(now),
            Some(Progress::At(None)) => dto::PhaseState::Ahead,
            Some(Progress::Unknown) | None => dto::PhaseState::Unknown,
        },
    }
}

fn on_undecided(on_undecided: OnUndecided) -> dto::OnUndecided {
    match on_undecided {
        OnUndecided::Extend { times } => dto::OnUndecided::Extend { times },
        OnUndecided::Hold => dto::OnUndecided::Hold,
        OnUndecided::RollBack => dto::OnUndecided::RollBack,
        OnUndecided::Advance => dto::OnUndecided::Advance,
    }
}
