//! Good releases arrive and bad ones are taken back.

use crate::told::{at_ms, count, kinds, line, live, quick, story, under};
use engine::{Millis, Share};
use expect_test::expect;
use sim::{During, Illness, Rules, Scenario, Traffic, Trouble, run, standard};

#[test]
fn a_good_release_goes_through_all_phases() {
    let outcome = live(&quick(1));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    expect![[r#"
        00:00:00.400 r1 opened 1.1
        00:00:00.400 r1 deploy_started
        00:00:01.200 r1 deployed
        00:00:01.200 r1 phase_entered 1 at 25 %
        00:00:01.200 r1 share_confirmed 25 %
        00:00:13.200 r1 phase_passed 1 by Judge
        00:00:13.200 r1 phase_entered 2 at 50 %
        00:00:13.200 r1 share_confirmed 50 %
        00:00:25.200 r1 phase_passed 2 by Judge
        00:00:25.200 r1 phase_entered 3 at 100 %
        00:00:25.200 r1 share_confirmed 100 %
        00:00:25.200 r1 phase_passed 3 by NothingToCompare
        00:00:25.200 r1 watch_started
        00:00:30.200 r1 promotion_started
        00:00:30.200 r1 completed"#]]
    .assert_eq(&outcome.timeline.join("\n"));
}

#[test]
fn a_verdict_does_not_wait_for_a_look_that_happens_to_come_late() {
    // Ports that take their time shift the looks against the intervals of the gate.
    for port_ms in [10, 90, 170, 230] {
        let outcome = live(&Scenario { port_ms, ..quick(1) });
        let soaked = at_ms(&outcome, "phase_passed") - at_ms(&outcome, "share_confirmed");
        // Twelve intervals, a fiftieth of one for the gate to count, and the look.
        assert!(soaked <= 12_000 + 20 + port_ms, "{port_ms}: {soaked}\n{}", story(&outcome));
    }
}

#[test]
fn the_plan_of_the_process_takes_three_and_a_half_hours_and_the_watch() {
    let mut scenario = Scenario::good(3, standard().unwrap());
    scenario.traffic = Traffic { per_second: 1_500.0, daily_swing: 0.4, by_user: true, pushed: false };
    scenario.until = Millis::minutes(12 * 60);
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(
        outcome.shares.iter().map(|(_, share)| *share).collect::<Vec<_>>(),
        [5, 25, 50, 100].map(Share::percent)
    );
    let watched = at_ms(&outcome, "watch_started") - at_ms(&outcome, "share_confirmed");
    assert_eq!(watched, Millis::minutes(210).0);
    assert_eq!(at_ms(&outcome, "completed") - at_ms(&outcome, "watch_started"), Millis::minutes(60).0);
}

#[test]
fn with_little_traffic_the_plan_of_the_process_extends_and_then_waits_for_a_person() {
    let mut scenario = Scenario::good(4, standard().unwrap());
    scenario.traffic.per_second = 2.0;
    scenario.until = Millis::minutes(3 * 60);
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "held", "{}", story(&outcome));
    assert_eq!((count(&outcome, "soak_extended"), count(&outcome, "phase_passed")), (1, 0));
    assert_eq!(at_ms(&outcome, "held") - at_ms(&outcome, "share_confirmed"), Millis::minutes(60).0);
    assert_eq!(outcome.share(), Share::percent(5));
}

/// A release with an illness from the tenth second on, for a minute and a half, is taken back within this many seconds.
fn taken_back_within(seconds: u64, how: Illness) {
    for seed in 0..5 {
        let outcome = live(&quick(seed).with(During::seconds(10, 100), Trouble::version("1.1", how.clone())));
        assert_eq!(outcome.word(), "rolled_back", "seed {seed} {how:?}\n{}", story(&outcome));
        assert_eq!(outcome.share(), Share::NONE);
        let (decided, back) = outcome.rollback.unwrap();
        assert!(decided <= Millis::seconds(10 + seconds), "seed {seed} {how:?} decided after {decided}");
        assert!(back.is_some_and(|back| back.0 <= decided.0 + 50), "{back:?}");
    }
}

#[test]
fn errors_are_taken_back() {
    taken_back_within(60, Illness::Errors { more: 0.1 });
}

#[test]
fn slowness_is_taken_back() {
    taken_back_within(10, Illness::Slow { factor: 3.0 });
}

#[test]
fn a_drift_is_taken_back() {
    taken_back_within(45, Illness::Drift { more: 1.0 });
}

#[test]
fn a_death_is_taken_back() {
    taken_back_within(2, Illness::Dies);
}

#[test]
fn a_version_that_answers_nothing_is_taken_back() {
    taken_back_within(3, Illness::Hangs);
}

#[test]
fn a_fault_that_shows_in_the_watch_is_taken_back() {
    let rules = Rules { watch_s: 60, ..Rules::quick() };
    let outcome = live(&under(2, &rules).with(During::from_second(40), Trouble::version("1.1", Illness::Dies)));
    assert_eq!(outcome.word(), "rolled_back", "{}", story(&outcome));
    assert!(at_ms(&outcome, "watch_started") < at_ms(&outcome, "rollback_started"));
    assert_eq!(outcome.share(), Share::NONE);
}

#[test]
fn the_first_release_of_a_service_has_nothing_to_be_compared_with() {
    let rules = Rules { installed: false, ..Rules::quick() };
    let outcome = live(&under(5, &rules));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert!(line(&outcome, "phase_passed").ends_with("3 by NothingToCompare"));
    assert_eq!(outcome.shares.iter().map(|(_, share)| *share).collect::<Vec<_>>(), [Share::ALL]);
}

#[test]
fn a_second_release_starts_from_the_first() {
    let scenario = quick(6).then(Millis::minutes(2), sim::Act::open("1.2"));
    let outcome = live(&scenario);
    assert_eq!(outcome.words(), ["completed", "completed"], "{}", story(&outcome));
    assert_eq!(outcome.releases.values().next_back().unwrap().opened.live.as_deref(), Some("1.1"));
}

#[test]
fn what_is_undecided_goes_as_the_plan_says() {
    let ends = [("hold", "held"), ("extend 2x", "held"), ("roll back", "rolled_back"), ("advance", "completed")];
    for (rule, end) in ends {
        // So little traffic that nothing can be excluded.
        let rules = Rules { on_undecided: rule.to_string(), error_points: 0.1, ..Rules::quick() };
        let mut scenario = under(7, &rules);
        scenario.traffic.per_second = 20.0;
        let outcome = live(&scenario);
        assert_eq!(outcome.word(), end, "{rule}\n{}", story(&outcome));
        let soak = at_ms(&outcome, if end == "held" { "held" } else { "deployed" });
        match rule {
            "hold" => assert_eq!(soak, 13_200),
            "extend 2x" => assert_eq!(soak, 25_200),
            "roll back" => assert!(line(&outcome, "rollback_started").contains("undecided at the end of the phase")),
            _ => assert!(line(&outcome, "phase_passed").ends_with("1 by PlanDespiteRisk")),
        }
    }
}

#[test]
fn nothing_is_blamed_for_an_undecided_end() {
    let rules = Rules { on_undecided: "roll back".to_string(), error_points: 0.1, ..Rules::quick() };
    let mut scenario = under(7, &rules).then(Millis::minutes(5), sim::Act::open("1.1"));
    scenario.traffic.per_second = 20.0;
    let outcome = live(&scenario);
    assert_eq!(outcome.told(), ["open: accepted", "open: accepted"]);
}

#[test]
fn an_unmeasured_service_is_held_by_the_undecided_judge() {
    let rules = Rules { measured: false, on_undecided: "hold".to_string(), ..Rules::quick() };
    let outcome = live(&under(8, &rules));
    assert_eq!(outcome.word(), "held", "{}", story(&outcome));
    let rules = Rules { on_undecided: "advance".to_string(), ..rules };
    let outcome = live(&under(8, &rules));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert!(!kinds(&outcome).contains(&"sight_lost".to_string()), "{}", story(&outcome));
}

#[test]
fn chance_follows_from_the_seed() {
    let heads: Vec<_> = (0..4).map(|seed| run(&quick(seed)).unwrap().head.hash).collect();
    assert!(heads.iter().enumerate().all(|(i, head)| !heads[..i].contains(head)), "{heads:?}");
}
