//! The JSON of records, measurements and plans is kept for years: these texts hold it still. A change here needs a default
//! for every journal that was written before.

use crate::plan::{opened, plan};
use crate::story::moment;
use engine::{
    Blame, Cause, Ending, Exit, Gap, Measurement, Millis, PassedBy, Probe, Record, RollbackStep, Share, Timestamp,
};
use expect_test::{Expect, expect};

/// What is written reads back as what it was.
fn stored(record: &Record, expect: &Expect) {
    let text = serde_json::to_string(record).unwrap();
    expect.assert_eq(&text);
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), *record);
}

#[test]
fn records() {
    stored(
        &Record::Opened(Box::new(opened(plan()))),
        &expect![[
            r#"{"kind":"opened","service":"shop","channel":"production","release_type":"feature","version":"1.1","artifact":"sha256:11","live":"1.0","waits_for":null,"plan":{"name":"story","phases":[{"share":100000,"soak":30000,"margins":{"error_rate":0.02,"latency":0.3,"quantiles":[50]},"on_undecided":{"extend":{"times":2}},"hooks":[]},{"share":500000,"soak":30000,"margins":{"error_rate":0.02,"latency":0.3,"quantiles":[50]},"on_undecided":{"extend":{"times":2}},"hooks":[]},{"share":1000000,"soak":0,"margins":{"error_rate":0.02,"latency":0.3,"quantiles":[50]},"on_undecided":{"extend":{"times":2}},"hooks":[]}],"watch":30000,"interval":10000,"stale_after":30000,"deploy_within":600000,"measured":true,"judge":{"alpha_harm":0.01,"alpha_pass":0.05,"warm_up":0,"horizon":600000,"incident":10000,"latency_floor_us":1000,"harm":{"error_rate":0.02,"latency":0.3,"quantiles":[50]}},"triggers":{"error_rate":{"above":0.05,"windows":3,"window":10000,"min_samples":20},"response_time":null,"unavailable":{"alpha":0.001,"process_exit":true},"integrity":true,"critical_report":true},"rollback":{"detection":120000,"decision":300000,"execution":600000,"verification":900000,"total":1800000}},"wiring":"{}","policy":"d1","quarantine_lifted":null,"note":null}"#
        ]],
    );
    stored(&Record::WayCleared { live: None }, &expect![[r#"{"kind":"way_cleared","live":null}"#]]);
    stored(&Record::DeployStarted, &expect![[r#"{"kind":"deploy_started"}"#]]);
    stored(&Record::Deployed, &expect![[r#"{"kind":"deployed"}"#]]);
    stored(
        &Record::PhaseEntered { phase: 0, share: Share::percent(5) },
        &expect![[r#"{"kind":"phase_entered","phase":0,"share":50000}"#]],
    );
    stored(
        &Record::ShareConfirmed { share: Share::percent(5) },
        &expect![[r#"{"kind":"share_confirmed","share":50000}"#]],
    );
    stored(
        &Record::SoakExtended { to: Millis::minutes(60), verdict: "v".to_string() },
        &expect![[r#"{"kind":"soak_extended","to":3600000,"verdict":"v"}"#]],
    );
    stored(
        &Record::TakenBack { at: Timestamp(1), after: Millis::minutes(5) },
        &expect![[r#"{"kind":"taken_back","at":1,"after":300000}"#]],
    );
    stored(&Record::Held { reason: "r".to_string() }, &expect![[r#"{"kind":"held","reason":"r"}"#]]);
    stored(&Record::Paused { reason: "r".to_string() }, &expect![[r#"{"kind":"paused","reason":"r"}"#]]);
    stored(&Record::Resumed, &expect![[r#"{"kind":"resumed"}"#]]);
    let hook = "smoke".to_string();
    stored(
        &Record::HookFinished { phase: 0, hook, error: Some("e".to_string()) },
        &expect![[r#"{"kind":"hook_finished","phase":0,"hook":"smoke","error":"e"}"#]],
    );
    stored(&Record::DegradationShared { began: true }, &expect![[r#"{"kind":"degradation_shared","began":true}"#]]);
    stored(
        &Record::SightLost { lost: true, detail: "d".to_string() },
        &expect![[r#"{"kind":"sight_lost","lost":true,"detail":"d"}"#]],
    );
    stored(
        &Record::SplitDoubted { doubted: true, detail: "d".to_string() },
        &expect![[r#"{"kind":"split_doubted","doubted":true,"detail":"d"}"#]],
    );
    stored(&Record::WatchStarted, &expect![[r#"{"kind":"watch_started"}"#]]);
    stored(&Record::PromotionStarted, &expect![[r#"{"kind":"promotion_started"}"#]]);
    stored(&Record::Completed, &expect![[r#"{"kind":"completed"}"#]]);
    stored(&Record::Withdrawn, &expect![[r#"{"kind":"withdrawn"}"#]]);
    stored(
        &Record::RollbackStepDone { step: RollbackStep::Verify, detail: "d".to_string() },
        &expect![[r#"{"kind":"rollback_step_done","step":"verify","detail":"d"}"#]],
    );
    stored(
        &Record::RollbackLate { step: None, budget: Millis::minutes(30) },
        &expect![[r#"{"kind":"rollback_late","step":null,"budget":1800000}"#]],
    );
    stored(&Record::Ended { ending: Ending::Superseded }, &expect![[r#"{"kind":"ended","ending":"superseded"}"#]]);
}

#[test]
fn passes() {
    let passed = |by| Record::PhasePassed { phase: 0, by, verdict: "v".to_string(), measurements: 7 };
    stored(
        &passed(PassedBy::Judge),
        &expect![[r#"{"kind":"phase_passed","phase":0,"by":{"by":"judge"},"verdict":"v","measurements":7}"#]],
    );
    stored(
        &passed(PassedBy::PlanDespiteRisk),
        &expect![[
            r#"{"kind":"phase_passed","phase":0,"by":{"by":"plan_despite_risk"},"verdict":"v","measurements":7}"#
        ]],
    );
    stored(
        &passed(PassedBy::Person { reason: "r".to_string() }),
        &expect![[
            r#"{"kind":"phase_passed","phase":0,"by":{"by":"person","reason":"r"},"verdict":"v","measurements":7}"#
        ]],
    );
    stored(
        &passed(PassedBy::NothingToCompare),
        &expect![[
            r#"{"kind":"phase_passed","phase":0,"by":{"by":"nothing_to_compare"},"verdict":"v","measurements":7}"#
        ]],
    );
}

#[test]
fn causes() {
    let text = || "t".to_string();
    let started = |cause| Record::RollbackStarted {
        cause,
        ending: Ending::RolledBack,
        blame: Blame::Artifact,
        first_sign: Timestamp(1),
        measurements: 7,
    };
    stored(
        &started(Cause::Harm { verdict: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"harm","verdict":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::Unavailable { detail: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"unavailable","detail":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::Integrity { detail: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"integrity","detail":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::CriticalReport { detail: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"critical_report","detail":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::HookFailed { hook: text(), detail: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"hook_failed","hook":"t","detail":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::Undecided { verdict: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"undecided","verdict":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::DeployFailed { detail: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"deploy_failed","detail":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::Person { reason: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"person","reason":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
    stored(
        &started(Cause::Superseded { by: text() }),
        &expect![[
            r#"{"kind":"rollback_started","cause":{"why":"superseded","by":"t"},"ending":"rolled_back","blame":"artifact","first_sign":1,"measurements":7}"#
        ]],
    );
}

#[test]
fn measurements() {
    let mut latency = judge::Histogram::new();
    latency.add(500, 3);
    let arm = judge::Arm { requests: 4, errors: 1, latency, ..judge::Arm::default() };
    let measurement = Measurement {
        cursor: "b:1".to_string(),
        from: moment(0),
        to: moment(10),
        received_at: moment(11),
        share: Some(Share::percent(5)),
        stable: Some(arm),
        canary: None,
        gap: Some(Gap::Unreachable { detail: "d".to_string() }),
        probes: vec![Probe { at: moment(5), canary: true, stable: None }],
        exits: vec![Exit { version: "1.1".to_string(), at: moment(6), how: "signal 9".to_string() }],
    };
    let text = serde_json::to_string(&measurement).unwrap();
    expect![[r#"{"cursor":"b:1","from":1700000000000,"to":1700000010000,"received_at":1700000011000,"share":50000,"stable":{"requests":4,"errors":1,"latency":[[500,3]]},"canary":null,"gap":{"unreachable":{"detail":"d"}},"probes":[{"at":1700000005000,"canary":true,"stable":null}],"exits":[{"version":"1.1","at":1700000006000,"how":"signal 9"}]}"#]].assert_eq(&text);
    assert_eq!(serde_json::from_str::<Measurement>(&text).unwrap(), measurement);
}

#[test]
fn what_is_not_known_is_not_read() {
    for text in [
        r#"{"kind":"levitated"}"#,
        r#"{"kind":"phase_entered","phase":0,"share":1000001}"#,
        r#"{"kind":"ended","ending":"eaten"}"#,
        r#"{"kind":"deployed"#,
    ] {
        assert!(serde_json::from_str::<Record>(text).is_err(), "{text}");
    }
}
