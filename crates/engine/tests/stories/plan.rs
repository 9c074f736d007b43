//! The plan of the stories: 10 % and 50 % for thirty seconds each, a watch of thirty seconds, one look every ten.

use engine::{
    Budget, ErrorStreak, JudgePlan, Margins, Millis, OnUndecided, Opened, Phase, Plan, PlanError, Share, Triggers,
    Unavailable,
};

pub(crate) fn plan() -> Plan {
    let margins = Margins { error_rate: 0.02, latency: 0.3, quantiles: vec![50] };
    let phase = |percent, seconds| Phase {
        share: Share::percent(percent),
        soak: Millis::seconds(seconds),
        margins: margins.clone(),
        on_undecided: OnUndecided::Extend { times: 2 },
        hooks: Vec::new(),
    };
    Plan {
        name: "story".to_string(),
        phases: vec![phase(10, 30), phase(50, 30), phase(100, 0)],
        watch: Millis::seconds(30),
        interval: Millis::seconds(10),
        stale_after: Millis::seconds(30),
        deploy_within: Millis::minutes(10),
        measured: true,
        judge: JudgePlan {
            alpha_harm: 0.01,
            alpha_pass: 0.05,
            warm_up: Millis::ZERO,
            horizon: Millis::minutes(10),
            incident: Millis::seconds(10),
            latency_floor_us: 1_000,
            harm: margins,
        },
        triggers: Triggers {
            error_rate: Some(ErrorStreak { above: 0.05, windows: 3, window: Millis::seconds(10), min_samples: 20 }),
            response_time: None,
            unavailable: Some(Unavailable { alpha: 0.001, process_exit: true }),
            integrity: true,
            critical_report: true,
        },
        rollback: Budget {
            detection: Millis::minutes(2),
            decision: Millis::minutes(5),
            execution: Millis::minutes(10),
            verification: Millis::minutes(15),
            total: Millis::minutes(30),
        },
    }
}

pub(crate) fn opened(plan: Plan) -> Opened {
    Opened {
        service: "shop".to_string(),
        channel: "production".to_string(),
        release_type: "feature".to_string(),
        version: "1.1".to_string(),
        artifact: "sha256:11".to_string(),
        live: Some("1.0".to_string()),
        waits_for: None,
        plan,
        wiring: "{}".to_string(),
        policy: "d1".to_string(),
        quarantine_lifted: None,
        note: None,
    }
}

#[test]
fn a_plan_that_cannot_be_followed_says_why() {
    let check = |change: fn(&mut Plan)| {
        let mut changed = plan();
        change(&mut changed);
        changed.check()
    };
    assert_eq!(check(|_| {}), Ok(()));
    assert_eq!(check(|plan| plan.phases.clear()), Err(PlanError::NoPhase));
    assert_eq!(check(|plan| plan.phases[1].share = Share::percent(10)), Err(PlanError::NotRising { phase: 2 }));
    assert_eq!(check(|plan| plan.phases[0].share = Share::NONE), Err(PlanError::NotRising { phase: 1 }));
    assert_eq!(check(|plan| plan.phases.truncate(2)), Err(PlanError::NotComplete));
    assert_eq!(check(|plan| plan.phases[0].margins.quantiles = vec![90]), Err(PlanError::Quantile(90)));
    assert!(
        matches!(check(|plan| plan.judge.alpha_harm = 2.0), Err(PlanError::Judge(why)) if why.contains("alpha_harm"))
    );
    assert!(matches!(check(|plan| plan.judge.alpha_harm = f64::NAN), Err(PlanError::Judge(_))));
}
