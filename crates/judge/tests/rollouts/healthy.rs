//! A canary that is as good as stable: never harm, and passed when there is enough traffic to know.

use super::plan::{as_written, progressive};
use super::service::{Nature, Service};
use super::{ends, harmed};

#[test]
fn it_is_never_blamed_and_passes_every_phase() {
    let ends = ends(100..140, &progressive(), &Service::healthy());
    assert_eq!(harmed(&ends), 0);
    let passed = |phase: usize| ends.iter().filter(|end| end.passed[phase]).count();
    assert!(passed(0) >= 38 && passed(1) >= 38 && passed(2) >= 38, "{} {} {}", passed(0), passed(1), passed(2));
}

/// The margins of the process in the first phase need more traffic than this.
#[test]
fn at_ten_requests_per_second_a_tenth_of_a_point_cannot_be_excluded_in_half_an_hour() {
    let ends = ends(0..20, &as_written(), &Service { rate: 10.0, ..Service::healthy() });
    assert_eq!(harmed(&ends), 0);
    assert_eq!(ends.iter().filter(|end| end.passed[0]).count(), 0);
    assert!(ends.iter().filter(|end| end.passed[2]).count() >= 14);
}

#[test]
fn a_rise_within_the_margin_is_no_harm() {
    let canary = Nature { errors: 0.0015, slower_by: 2 };
    let ends = ends(0..20, &as_written(), &Service { canary, ..Service::healthy() });
    assert_eq!(harmed(&ends), 0);
}

#[test]
fn without_traffic_nothing_is_said() {
    let ends = ends(0..20, &as_written(), &Service { rate: 0.02, ..Service::healthy() });
    assert!(ends.iter().all(|end| end.harm_s.is_none() && !end.ever_passed));
}
