//! A rollback against its clock.

use crate::dto;
use engine::{Blame, Cause, Ending, Millis, Rollback, RollbackStep, State};

pub(super) fn rollback(state: &State, rollback: &Rollback) -> dto::Rollback {
    let budget = &state.plan().rollback;
    let last = rollback.done.last().map_or(rollback.started, |(_, at)| *at);
    dto::Rollback {
        why: why(&rollback.cause),
        cause: rollback.cause.to_string(),
        ending: ending(rollback.ending),
        quarantined: rollback.cause.blame(rollback.ending) == Blame::Artifact,
        first_sign_at_ms: rollback.first_sign.0,
        started_at_ms: rollback.started.0,
        users_back_at_ms: rollback.users_back.map(|at| at.0),
        users_back_ms: rollback.users_back.map(|at| at.since(rollback.started).0),
        withdrawn_at_ms: rollback.withdrawn.map(|at| at.0),
        steps: RollbackStep::ALL.into_iter().map(|step| step_view(rollback, step, step.budget(budget))).collect(),
        total_ms: last.since(rollback.first_sign).0,
        total_budget_ms: budget.total.0,
        over_total: rollback.over_total,
    }
}

fn step_view(rollback: &Rollback, step: RollbackStep, budget: Option<Millis>) -> dto::RollbackStep {
    let took = rollback.took(step);
    let state = match (took, rollback.current()) {
        (Some(_), _) => dto::StepState::Done,
        (None, Some(current)) if current == step => dto::StepState::Now,
        (None, Some(_) | None) => dto::StepState::Ahead,
    };
    let late = took.zip(budget).is_some_and(|(took, budget)| took > budget);
    dto::RollbackStep {
        step: name(step),
        state,
        took_ms: took.map(|took| took.0),
        budget_ms: budget.map(|budget| budget.0),
        over: late || rollback.over.contains(&step),
    }
}

fn name(step: RollbackStep) -> dto::StepName {
    match step {
        RollbackStep::Stop => dto::StepName::Stop,
        RollbackStep::Assess => dto::StepName::Assess,
        RollbackStep::Decide => dto::StepName::Decide,
        RollbackStep::Execute => dto::StepName::Execute,
        RollbackStep::Verify => dto::StepName::Verify,
        RollbackStep::Communicate => dto::StepName::Communicate,
    }
}

fn why(cause: &Cause) -> dto::Cause {
    match cause {
        Cause::Harm { .. } => dto::Cause::Harm,
        Cause::Unavailable { .. } => dto::Cause::Unavailable,
        Cause::Integrity { .. } => dto::Cause::Integrity,
        Cause::CriticalReport { .. } => dto::Cause::CriticalReport,
        Cause::HookFailed { .. } => dto::Cause::HookFailed,
        Cause::Undecided { .. } => dto::Cause::Undecided,
        Cause::DeployFailed { .. } => dto::Cause::DeployFailed,
        Cause::Person { .. } => dto::Cause::Person,
        Cause::Superseded { .. } => dto::Cause::Superseded,
    }
}

/// The cause in one word, as it is written on the wire.
pub(crate) fn why_word(cause: &Cause) -> &'static str {
    match why(cause) {
        dto::Cause::Harm => "harm",
        dto::Cause::Unavailable => "unavailable",
        dto::Cause::Integrity => "integrity",
        dto::Cause::CriticalReport => "critical_report",
        dto::Cause::HookFailed => "hook_failed",
        dto::Cause::Undecided => "undecided",
        dto::Cause::DeployFailed => "deploy_failed",
        dto::Cause::Person => "person",
        dto::Cause::Superseded => "superseded",
    }
}

fn ending(ending: Ending) -> dto::Ending {
    match ending {
        Ending::RolledBack => dto::Ending::RolledBack,
        Ending::Aborted => dto::Ending::Aborted,
        Ending::Superseded => dto::Ending::Superseded,
    }
}
