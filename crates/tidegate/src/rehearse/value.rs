//! A rehearsal for programs. The shape is a contract: keys are added and never renamed, times are whole milliseconds.

use super::ending::{expected, expected_cause};
use super::report::whole;
use super::story::{Moment, story};
use super::{Rehearsed, Run, Stage};
use engine::{Millis, Share};
use serde_json::{Value, json};

/// Everything that was rehearsed.
#[must_use]
pub(crate) fn value(policy: &str, stage: &Stage, notes: &[String], all: &[Rehearsed]) -> Value {
    json!({
        "policy": {
            "source": policy,
            "digest": stage.policy.digest(),
            "service": stage.aim.service,
            "channel": stage.aim.channel,
            "type": stage.aim.release_type,
            "rollout": stage.plan.name,
        },
        "notes": notes,
        "met": all.iter().all(Rehearsed::met),
        "scenarios": all.iter().map(of_scenario).collect::<Vec<_>>(),
    })
}

fn of_scenario(rehearsed: &Rehearsed) -> Value {
    let (scenario, expect) = (&rehearsed.scenario, &rehearsed.scenario.expect);
    json!({
        "name": scenario.name,
        "description": scenario.description,
        "met": rehearsed.met(),
        "met_runs": rehearsed.met_runs(),
        "expect": {
            "verdict": expected(expect.verdict),
            "within_ms": expect.within.map(|within| within.0),
            "cause": expect.cause.map(expected_cause),
            "in_percent": expect.in_runs * 100.0,
        },
        "runs": rehearsed.runs.iter().map(|run| of_run(rehearsed, run)).collect::<Vec<_>>(),
    })
}

fn of_run(rehearsed: &Rehearsed, run: &Run) -> Value {
    let (ending, rehearsal) = (&run.ending, &run.rehearsal);
    let ms = |at: Option<Millis>| at.map(|at| at.0);
    json!({
        "seed": run.seed,
        "met": ending.unmet.is_none(),
        "unmet": ending.unmet,
        "verdict": ending.verdict.word(),
        "cause": ending.cause,
        "why": ending.why,
        "fault_at_ms": ending.fault_at.0,
        "rollback_at_ms": ms(ending.decided),
        "rollback_after_fault_ms": ms(ending.after_fault()),
        "users_back_at_ms": ms(ending.users_back),
        "lasted_ms": rehearsal.lasted.0,
        "cost": {
            "requests": rehearsal.toll.requests,
            "failed": whole(rehearsal.toll.failed),
            "slow": whole(rehearsal.toll.slow),
        },
        "shares": rehearsal.shares.iter().map(|(at, share)| of_share(*at, *share)).collect::<Vec<_>>(),
        "timeline": story(&rehearsed.scenario, run).iter().map(of_moment).collect::<Vec<_>>(),
    })
}

fn of_share(at: Millis, share: Share) -> Value {
    json!({ "at_ms": at.0, "percent": share.fraction() * 100.0 })
}

fn of_moment(moment: &Moment) -> Value {
    json!({ "at_ms": moment.at.0, "kind": moment.kind, "text": moment.text, "for_people": moment.for_people })
}
