//! Releases that change nothing: how often they are blamed, and what the splits do to clusters.

use crate::world::{Chance, STEP_MS, arm, bucketed, plan};
use backtest::{End, Healthy, Interval, Recording, Summary, Units, svg};
use judge::Arm;

const THREE_HOURS: i64 = 3 * 360;

fn recording(units: Units, mut stable: impl FnMut() -> Vec<Option<Arm>>) -> Recording {
    let interval = |n: i64| (n * STEP_MS, (n + 1) * STEP_MS);
    let intervals = (0..THREE_HOURS).map(interval).map(|(from_ms, to_ms)| Interval {
        from_ms,
        to_ms,
        stable: stable(),
        canary: None,
    });
    Recording::new(units, intervals.collect()).unwrap()
}

/// 100 requests per second on 20 pods; errors come in fives, each five in one pod.
fn clustered_pods() -> Recording {
    let mut chance = Chance::new(11);
    let pods = (0..20).map(|pod| format!("web-{pod}")).collect();
    recording(Units::Pods(pods), || (0..20).map(|_| Some(arm(&mut chance, 50, 0.002, true, 1.0))).collect())
}

fn summed(recording: &Recording, runs: u64) -> Summary {
    let plan = plan();
    let healthy = Healthy::new(recording, &plan, 5).unwrap();
    let mut summary = Summary::default();
    (0..runs).for_each(|number| summary.add(healthy.run(number)));
    summary
}

/// What the judge promises for errors that all come in clusters is 5 % at this traffic; without its care it is 54 %.
#[test]
fn clustered_errors_raise_few_false_alarms() {
    let pods = summed(&clustered_pods(), 60);
    assert!(pods.runs == 60 && pods.false_alarms.count <= 3, "{:?}", pods.false_alarms);
    let mut chance = Chance::new(12);
    let users = recording(Units::UserBuckets, || vec![Some(bucketed(&mut chance, 16, 0.002))]);
    let users = summed(&users, 60);
    assert!(users.false_alarms.count <= 3, "{:?}", users.false_alarms);
}

#[test]
fn independent_errors_raise_none_and_phases_pass() {
    let mut chance = Chance::new(13);
    let total = recording(Units::Total, || vec![Some(arm(&mut chance, 4_000, 0.000_5, false, 1.0))]);
    let summary = summed(&total, 20);
    assert_eq!((summary.false_alarms.count, summary.through), (0, 20));
    assert!(summary.asked < 20, "no release of all passed both phases: {summary:?}");
}

/// The judge must be able to say harm here, or the tests above could not fail.
#[test]
fn one_pod_that_is_bad_all_the_time_is_found_whenever_it_is_the_canary() {
    let mut chance = Chance::new(14);
    let pods = (0..10).map(|pod| format!("web-{pod}")).collect();
    let bad = |pod: usize| if pod == 3 { 0.05 } else { 0.001 };
    let recording =
        recording(Units::Pods(pods), || (0..10).map(|pod| Some(arm(&mut chance, 100, bad(pod), false, 1.0))).collect());
    let summary = summed(&recording, 40);
    assert!(summary.false_alarms.count >= 4, "{summary:?}");
    let alarm = &summary.alarms[0];
    assert!(alarm.verdict.starts_with("harm: ") && alarm.after_ms > 0 && alarm.at_ms > 0, "{alarm:?}");
}

#[test]
fn a_run_is_the_same_whenever_it_is_asked_for() {
    let (recording, plan) = (clustered_pods(), plan());
    let healthy = Healthy::new(&recording, &plan, 5).unwrap();
    assert_eq!(healthy.run(7), healthy.run(7));
    assert_ne!(healthy.run(7).path, healthy.run(8).path);
    let other = Healthy::new(&recording, &plan, 6).unwrap();
    assert_ne!(healthy.run(7).path, other.run(7).path);
    assert_eq!(healthy.side_by_side(), 3);
}

#[test]
fn what_was_not_measured_is_no_evidence_and_no_soak() {
    let mut chance = Chance::new(15);
    let mut n = 0;
    let pods = (0..4).map(|pod| format!("web-{pod}")).collect();
    let recording = recording(Units::Pods(pods), || {
        n += 1;
        // Three of four pods are missing every third time.
        let there = |pod: usize| pod == 0 || n % 3 != 0;
        (0..4).map(|pod| there(pod).then(|| arm(&mut chance, 50, 0.001, false, 1.0))).collect()
    });
    let (plan, summary) = (plan(), summed(&recording, 10));
    assert!(summary.skipped_blocks > 100 && summary.false_alarms.count == 0, "{summary:?}");
    let run = Healthy::new(&recording, &plan, 5).unwrap().run(0);
    assert!(run.end == End::NoMoreData || run.judged_ms > backtest::length(&plan), "{:?}", run.end);
}

#[test]
fn a_recording_that_is_too_short_is_refused() {
    let (recording, mut plan) = (clustered_pods(), plan());
    plan.phases[0].soak = engine::Millis(4 * 3_600_000);
    let problem = Healthy::new(&recording, &plan, 1).unwrap_err();
    assert_eq!((problem.code, problem.why.as_str()), ("TG-7056", "3 h were measured, and its phases take 4 h 30 min"));
    plan.phases.drain(..2);
    assert_eq!(Healthy::new(&recording, &plan, 1).unwrap_err().code, "TG-7061");
}

#[test]
fn recordings_that_overlap_or_go_back_are_refused() {
    let one = |from_ms: i64, to_ms: i64| Interval {
        from_ms,
        to_ms,
        stable: vec![Some(Arm { requests: 5, ..Arm::default() })],
        canary: None,
    };
    for wrong in [vec![one(0, 10), one(9, 20)], vec![one(10, 20), one(0, 10)], vec![one(0, 10), one(10, 10)]] {
        assert_eq!(Recording::new(Units::Total, wrong).unwrap_err().code, "TG-7053");
    }
    let impossible = Interval { stable: vec![Some(Arm { requests: 1, errors: 2, ..Arm::default() })], ..one(0, 10) };
    assert_eq!(Recording::new(Units::Total, vec![impossible]).unwrap_err().code, "TG-7052");
    assert_eq!(Recording::new(Units::UserBuckets, vec![one(0, 10)]).unwrap_err().code, "TG-7052");
}

#[test]
fn the_picture_has_a_line_for_each_run() {
    let (plan, summary) = (plan(), summed(&clustered_pods(), 4));
    let picture = svg(&[(&plan, &summary, &[])]);
    assert_eq!(picture.matches("<polyline").count(), 4);
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n") && !picture.contains("NaN"));
}
