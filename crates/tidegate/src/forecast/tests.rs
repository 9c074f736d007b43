//! The figures that the guide and the standard process quote, and the words around them.

use super::{Metric, Standing, Traffic, forecast, lines};
use crate::paint::Paint;
use engine::Plan;
use expect_test::expect;
use judge::plan::{Scatter, Tail};

fn plan(kind: &str) -> Plan {
    let policy = policy::read(&policy::starter("shop").unwrap(), "tidegate.yaml").unwrap();
    policy.compile("shop", "production", kind).unwrap().plan
}

fn traffic(requests: f64) -> Traffic {
    let tail = Some(Tail::lognormal(80e3, 0.6));
    Traffic { requests, error_rate: 0.001, dispersion: Scatter::INDEPENDENT_ERRORS, tail, said_by: "a test".into() }
}

fn told(plan: &Plan, traffic: &Traffic) -> String {
    let phases = forecast(plan, traffic).unwrap();
    phases.iter().flat_map(|phase| lines(phase, traffic, Paint::new(false))).collect::<Vec<_>>().join("\n")
}

/// The process read literally: 0.1 points in every phase.
fn literal() -> Plan {
    let mut plan = plan("feature");
    for phase in &mut plan.phases {
        phase.margins = plan.judge.harm.clone();
    }
    plan
}

#[test]
fn the_standard_process_at_a_hundred_requests_per_second() {
    expect![[r#"
        ok phase 1 (5 % for 30 min) excludes a rise of 0.5 points after 13 min; it proves harm from 0.51 points on
        ok phase 1 (5 % for 30 min) excludes a slow-down of 25 % at p50 after 6 min; it proves harm from 20 % on
        ok phase 1 (5 % for 30 min) excludes a slow-down of 25 % at p95 after 8 min; it proves harm from 21 % on
        ok phase 2 (25 % for 1 h) excludes a rise of 0.2 points after 10 min; it proves harm from 0.27 points on
        ok phase 2 (25 % for 1 h) excludes a slow-down of 15 % at p50 after 4 min; it proves harm from 14 % on
        ok phase 2 (25 % for 1 h) excludes a slow-down of 15 % at p95 after 5 min; it proves harm from 14 % on
        ok phase 3 (50 % for 2 h) excludes a rise of 0.1 points after 3 min; it proves harm from 0.23 points on
        ok phase 3 (50 % for 2 h) excludes a slow-down of 10 % at p50 after 3 min; it proves harm from 12 % on
        ok phase 3 (50 % for 2 h) excludes a slow-down of 10 % at p95 after 3 min; it proves harm from 13 % on
        ok phase 3 (50 % for 2 h) excludes a slow-down of 10 % at p99 after 3 min; it proves harm from 14 % on"#]]
    .assert_eq(&told(&plan("feature"), &traffic(100.0)));
}

#[test]
fn the_process_read_literally_at_twenty_requests_per_second() {
    let errors_alone = Traffic { tail: None, ..traffic(20.0) };
    expect![[r#"
        warning[TG-7039] phase 1 (5 % for 30 min) cannot exclude a rise of 0.1 points at 20/s: that takes 7.5 h; within 30 min it excludes 0.69 points; it proves harm from 1.2 points on
           enough would be `soak: 7 h 30 min`, or `error_rate: 0.69 points`
        slow phase 2 (25 % for 1 h) excludes a rise of 0.1 points only when it is extended: that takes 99 min; within 1 h it excludes 0.15 points; it proves harm from 0.41 points on
           enough would be `soak: 1 h 40 min`, or `error_rate: 0.15 points`
        ok phase 3 (50 % for 2 h) excludes a rise of 0.1 points after 26 min; it proves harm from 0.29 points on"#]].assert_eq(&told(&literal(), &errors_alone));
}

#[test]
fn more_traffic_decides_sooner_and_sees_more() {
    let phase = |rate| forecast(&literal(), &traffic(rate)).unwrap().swap_remove(0).metrics;
    for (few, many) in phase(20.0).iter().zip(phase(2_000.0)) {
        assert!(few.passed_after_s.unwrap() > many.passed_after_s.unwrap(), "{few:?} {many:?}");
        assert!(few.excluded_within_soak.unwrap() > many.excluded_within_soak.unwrap());
        assert!(few.detected_within_soak.unwrap() > many.detected_within_soak.unwrap());
        assert!(few.standing != Standing::Enough && many.standing == Standing::Enough, "{few:?} {many:?}");
    }
}

#[test]
fn a_later_phase_with_the_same_margins_goes_on_where_the_first_one_ended() {
    let plan = literal();
    let second = |plan: &Plan| forecast(plan, &traffic(20.0)).unwrap().swap_remove(1).metrics[0].passed_after_s;
    let mut apart = plan.clone();
    // Neither of them is that of harm, so that each test begins with its phase.
    apart.phases[1].margins.error_rate = 0.000_999_9;
    assert!(second(&plan).unwrap() < second(&apart).unwrap());
}

#[test]
fn a_margin_of_nothing_is_never_excluded() {
    let mut plan = literal();
    plan.phases[0].margins.error_rate = 0.0;
    let metric = forecast(&plan, &traffic(1e6)).unwrap().swap_remove(0).metrics.swap_remove(0);
    assert_eq!((metric.metric, metric.passed_after_s, metric.standing), (Metric::ErrorRate, None, Standing::TooLittle));
}
