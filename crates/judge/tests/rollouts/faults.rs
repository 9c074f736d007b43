//! Bad canaries: found, how soon, and never passed.

use judge::Settings;

use super::ends;
use super::plan::{End, Rollout, progressive};
use super::service::{Latency, Nature, Service};

fn worse(rate: f64, errors: f64, slower_by: u16) -> Service {
    Service { rate, canary: Nature { errors: 0.001 + errors, slower_by }, ..Service::healthy() }
}

/// The middle delay in seconds, when all were found and none was passed; stable was not watched before the release.
fn median_delay(service: &Service) -> i64 {
    middle(&ends(0..21, &progressive(), service))
}

/// The same when stable was watched for an hour before it.
fn median_delay_when_watched(service: &Service) -> i64 {
    let latency = Latency::new();
    let ends: Vec<End> = (0..21)
        .map(|seed| {
            let mut rollout = Rollout::new(seed, Settings::default(), &latency);
            rollout.watch_stable(service);
            rollout.run(&progressive(), |_| service.clone())
        })
        .collect();
    middle(&ends)
}

fn middle(ends: &[End]) -> i64 {
    let mut delays: Vec<i64> = ends.iter().filter_map(|end| end.harm_s).collect();
    assert_eq!(delays.len(), ends.len(), "missed some");
    assert!(ends.iter().all(|end: &End| !end.ever_passed), "passed some");
    delays.sort_unstable();
    delays[delays.len() / 2]
}

#[test]
fn five_points_of_errors_within_minutes() {
    let delay = median_delay_when_watched(&worse(100.0, 0.05, 0));
    assert!(delay <= 150, "{delay} s");
    let unwatched = median_delay(&worse(100.0, 0.05, 0));
    assert!(unwatched <= 240, "{unwatched} s");
}

#[test]
fn half_of_all_requests_failing_within_two_minutes_even_at_ten_per_second() {
    for delay in [median_delay(&worse(10.0, 0.5, 0)), median_delay_when_watched(&worse(10.0, 0.5, 0))] {
        assert!(delay <= 110, "{delay} s");
    }
}

#[test]
fn a_point_of_errors_within_ten_minutes() {
    let delay = median_delay_when_watched(&worse(100.0, 0.01, 0));
    assert!(delay <= 540, "{delay} s");
    let unwatched = median_delay(&worse(100.0, 0.01, 0));
    assert!(unwatched <= 720, "{unwatched} s");
}

#[test]
fn a_third_slower_within_minutes_after_warm_up() {
    let delay = median_delay(&worse(100.0, 0.0, 15));
    assert!((180..=420).contains(&delay), "{delay} s");
}

#[test]
fn ten_times_slower_without_waiting_for_warm_up() {
    let delay = median_delay(&worse(100.0, 0.0, 121));
    assert!(delay < 180, "{delay} s");
}

#[test]
fn a_fault_that_begins_late_is_found_as_well() {
    let latency = Latency::new();
    let late = worse(100.0, 0.02, 0);
    for seed in 0..10 {
        let mut rollout = Rollout::new(seed, Settings::default(), &latency);
        let end = rollout.run(&progressive(), |block| if block < 600 { Service::healthy() } else { late.clone() });
        let delay = end.harm_s.map(|harm| harm - 6_000);
        assert!(delay.is_some_and(|delay| (0..=180).contains(&delay)), "{delay:?}");
    }
}
