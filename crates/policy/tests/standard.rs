//! The numbers of the release process, each against the sentence that it comes from.

use engine::{Millis, OnUndecided, Phase, Plan, Share};
use policy::{Policy, RolloutBy};

#[expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
fn standard() -> Policy {
    policy::read(&policy::starter("shop").unwrap(), "tidegate.yaml").unwrap_or_else(|problems| panic!("{problems}"))
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn plan(channel: &str, kind: &str) -> Plan {
    standard().compile("shop", channel, kind).unwrap_or_else(|problem| panic!("{problem}")).plan
}

#[test]
fn canary_phases_2_1() {
    let phases: Vec<_> = plan("production", "feature").phases.iter().map(|p| (p.share, p.soak)).collect();
    assert_eq!(
        phases,
        [
            (Share::percent(5), Millis::minutes(30)),
            (Share::percent(25), Millis::minutes(60)),
            (Share::percent(50), Millis::minutes(120)),
            (Share::ALL, Millis::ZERO),
        ]
    );
}

#[test]
fn canary_monitoring_2_2() {
    let plan = plan("production", "feature");
    let quantiles: Vec<_> = plan.phases.iter().map(|p| p.margins.quantiles.as_slice()).collect();
    assert_eq!(quantiles, [&[50, 95][..], &[50, 95], &[50, 95, 99], &[50, 95]]);
    // "Error Rate: < 0.1% increase", "Response Time: < 10% degradation", before everybody is moved
    let margins: Vec<_> = plan.phases.iter().map(|p| (p.margins.error_rate, p.margins.latency)).collect();
    assert_eq!(margins, [(0.005, 0.25), (0.002, 0.15), (0.001, 0.1), (0.001, 0.1)]);
    assert!(plan.phases.iter().all(|phase| phase.on_undecided == OnUndecided::Extend { times: 2 }));
    // and beyond them nobody is left at any time
    assert_eq!((plan.judge.harm.error_rate, plan.judge.harm.latency), (0.001, 0.1));
    assert!(plan.triggers.critical_report, "User Feedback: No critical issues reported");
}

#[test]
fn rollback_triggers_3_1() {
    let triggers = plan("production", "feature").triggers;
    let errors = triggers.error_rate.expect("Error Rate: > 1% for 5 consecutive minutes");
    assert_eq!((errors.above, errors.windows, errors.window), (0.01, 5, Millis::minutes(1)));
    let latency = triggers.response_time.expect("Response Time: > 50% degradation for 10 minutes");
    assert_eq!((latency.worse_by, latency.windows, latency.window), (0.5, 10, Millis::minutes(1)));
    assert_eq!((errors.min_samples, latency.min_samples, latency.quantile), (50, 50, 95));
    let unavailable = triggers.unavailable.expect("Critical Failures: Any service unavailable");
    assert_eq!((unavailable.alpha, unavailable.process_exit), (0.001, true));
    assert!(triggers.integrity, "Data Corruption: Any data integrity issues");
}

#[test]
fn rollback_timeline_3_3() {
    let budget = plan("production", "feature").rollback;
    assert_eq!(budget.detection, Millis::minutes(2));
    assert_eq!(budget.decision, Millis::minutes(5));
    assert_eq!(budget.execution, Millis::minutes(10));
    assert_eq!(budget.verification, Millis::minutes(15));
    assert_eq!(budget.total, Millis::minutes(30));
}

#[test]
fn release_types_1() {
    // 1.1 "Direct to production", 1.2 "Full canary deployment", 1.3 "Extended canary"
    let names: Vec<_> = ["hotfix", "feature", "major"].map(|kind| plan("production", kind).name).to_vec();
    assert_eq!(names, ["direct", "canary", "extended"]);
    let direct = plan("production", "hotfix");
    assert_eq!(direct.phases.iter().map(|p| p.share).collect::<Vec<_>>(), [Share::ALL]);
    assert_eq!(direct.triggers, plan("production", "feature").triggers, "a hotfix is guarded as well");
    assert_eq!(standard().types().len(), 3);
}

#[test]
fn the_extended_canary_is_nowhere_quicker_than_the_canary() {
    let (canary, extended) = (plan("production", "feature"), plan("production", "major"));
    let time = |plan: &Plan| plan.phases.iter().map(|p| p.soak.0).sum::<u64>();
    assert!(time(&extended) > time(&canary));
    assert!(extended.phases.len() > canary.phases.len());
    for phase in &extended.phases {
        let same = canary.phases.iter().find(|p| p.share == phase.share);
        let no_wider =
            |p: &Phase| phase.margins.error_rate <= p.margins.error_rate && phase.margins.latency <= p.margins.latency;
        assert!(same.is_none_or(|p| p.soak <= phase.soak && no_wider(p)), "{}", phase.share);
    }
}

#[test]
fn release_channels_2() {
    let policy = standard();
    let channels: Vec<_> = policy.channels().iter().map(|(name, c)| (name.as_str(), c.branch.as_str())).collect();
    assert_eq!(channels, [("development", "develop"), ("production", "main"), ("staging", "release/v2")]);
    assert_eq!(policy.channels()["production"].rollout, RolloutBy::Type);
    for channel in ["development", "staging"] {
        for kind in ["hotfix", "feature", "major"] {
            assert_eq!(plan(channel, kind).name, "direct");
        }
    }
}

#[test]
fn what_the_process_leaves_open_is_as_the_page_says() {
    let watch = |kind| plan("production", kind).watch;
    assert_eq!(
        (watch("feature"), watch("major"), watch("hotfix")),
        (Millis::minutes(60), Millis::minutes(120), Millis::minutes(30))
    );
    let plan = plan("production", "feature");
    assert_eq!((plan.interval, plan.stale_after), (Millis::seconds(10), Millis::seconds(30)));
    assert_eq!(plan.deploy_within, Millis::minutes(10));
    assert_eq!((plan.judge.alpha_harm, plan.judge.alpha_pass), (0.01, 0.05));
    assert_eq!((plan.judge.warm_up, plan.judge.horizon), (Millis::minutes(3), Millis::minutes(180)));
    assert_eq!(plan.judge.latency_floor_us, 1_000);
}
