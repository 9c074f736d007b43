//! Incidents that were put into recordings: how soon they are found, and against what.

use crate::world::{Chance, MINUTE_MS, STEP_MS, arm, plan};
use backtest::{Against, Incident, Interval, Recording, Replay, Units, replay};
use judge::Cause;

const PODS: usize = 8;
const DAY_MS: i64 = 86_400_000;

/// Two days with an hour each at the same time; in the second one pods 0 and 1 are bad from minute 20 to 40.
fn two_days(bad_pods: usize, error_rate: f64, slower: f64) -> Recording {
    let mut chance = Chance::new(21);
    let mut intervals = Vec::new();
    for day in 0..2 {
        for n in 0..360 {
            let from_ms = day * DAY_MS + n * STEP_MS;
            let during = day == 1 && (20..40).contains(&(n * STEP_MS / MINUTE_MS));
            let mut pod = |pod: usize| match during && pod < bad_pods {
                true => Some(arm(&mut chance, 100, error_rate, false, slower)),
                false => Some(arm(&mut chance, 100, 0.001, false, 1.0)),
            };
            let stable = (0..PODS).map(&mut pod).collect();
            intervals.push(Interval { from_ms, to_ms: from_ms + STEP_MS, stable, canary: None });
        }
    }
    Recording::new(Units::Pods((0..PODS).map(|pod| format!("p{pod}")).collect()), intervals).unwrap()
}

fn incident(marked: &str) -> Incident {
    let from = DAY_MS / 1_000 + 20 * 60;
    Incident::read(&format!("{from}..{}{marked}:bad", from + 20 * 60)).unwrap()
}

fn minutes(replay: &Replay) -> f64 {
    replay.median_ms().unwrap() as f64 / MINUTE_MS as f64
}

#[test]
fn pods_that_were_hit_are_found_against_the_others() {
    let recording = two_days(2, 0.05, 1.0);
    let found = replay(&recording, &plan(), &incident("@p0,p1"), 1).unwrap();
    assert_eq!((found.against, found.delays_ms.len(), found.found()), (Against::OtherPods, 1, 1));
    assert!(minutes(&found) < 10.0, "{} min", minutes(&found));
    let cause = found.alarm.unwrap().cause.unwrap();
    assert!(matches!(cause, Cause::ErrorRate | Cause::GrossErrors), "{cause:?}");
}

#[test]
fn slowness_is_found_as_well() {
    let recording = two_days(2, 0.001, 2.0);
    let found = replay(&recording, &plan(), &incident("@p0,p1"), 1).unwrap();
    assert!(found.found() == 1 && minutes(&found) < 15.0, "{:?}", found.delays_ms);
}

#[test]
fn an_incident_that_hit_everybody_is_held_against_the_day_before() {
    let recording = two_days(PODS, 0.05, 1.0);
    let found = replay(&recording, &plan(), &incident(""), 1).unwrap();
    assert_eq!((found.against, found.delays_ms.len()), (Against::DayBefore, 20));
    assert!(found.found() >= 18 && minutes(&found) < 15.0, "{:?}", found.delays_ms);
}

/// The same time without an incident must not be found, or finding would mean nothing.
#[test]
fn what_was_no_incident_is_not_found() {
    let recording = two_days(0, 0.0, 1.0);
    for marked in ["", "@p0,p1"] {
        let found = replay(&recording, &plan(), &incident(marked), 1).unwrap();
        assert!(found.found() <= 1 && found.replayed_ms == 20 * MINUTE_MS, "{marked}: {:?}", found.delays_ms);
    }
}

#[test]
fn another_version_that_was_measured_is_the_canary() {
    let mut chance = Chance::new(22);
    let interval = |n: i64| Interval {
        from_ms: n * STEP_MS,
        to_ms: (n + 1) * STEP_MS,
        stable: vec![Some(arm(&mut chance, 900, 0.001, false, 1.0))],
        canary: Some(arm(&mut chance, 100, 0.08, false, 1.0)),
    };
    let recording = Recording::new(Units::Total, (0..120).map(interval).collect()).unwrap();
    let found = replay(&recording, &plan(), &Incident::read("0..1200").unwrap(), 1).unwrap();
    assert_eq!((found.against, found.delays_ms.len(), found.found()), (Against::OtherArm, 1, 1));
}

/// Or every alarm in it would be called false.
#[test]
fn a_marked_incident_is_no_part_of_what_changes_nothing() {
    let recording = two_days(2, 0.05, 1.0);
    let calm = recording.without(&[incident("@p0,p1")]).unwrap();
    let lengths = |recording: &Recording| (recording.measured_ms() / MINUTE_MS, recording.gaps());
    assert_eq!((lengths(&recording), lengths(&calm)), ((120, 1), (100, 2)));
    let all = Incident::read("0..9999999").unwrap();
    assert_eq!(recording.without(&[all]).unwrap_err().code, "TG-7055");
}

#[test]
fn what_cannot_be_replayed_is_refused() {
    let recording = two_days(PODS, 0.05, 1.0);
    let refused = |text: &str| replay(&recording, &plan(), &Incident::read(text).unwrap(), 1).unwrap_err();
    for (text, why) in [
        ("10000000..10000100", "nothing was measured then"),
        ("0..600", "neither the day nor the week before"),
        ("0..600@p9", "there is no pod `p9`"),
        ("0..600@p0,p1,p2,p3,p4,p5,p6,p7", "it names all pods"),
    ] {
        let problem = refused(text);
        assert!(problem.code == "TG-7059" && problem.why.contains(why), "{text}: {problem}");
    }
}
