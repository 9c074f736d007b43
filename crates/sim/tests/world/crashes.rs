//! Control crashes at every await that it has, one after the other, and each time the end is the same.

use crate::told::{kinds, live, quick, story};
use engine::{Command, Millis};
use sim::{Act, During, Illness, Opening, Outcome, Scenario, Trouble, run};

/// Runs a scenario with one crash at each of its awaits; `fits` says whether an end is as it should be.
fn crash_everywhere(scenario: &Scenario, fits: impl Fn(&Outcome, &Outcome) -> bool) {
    let plain = live(scenario);
    let mut point = 0;
    loop {
        let crashed = run(&Scenario { crashes: vec![point], ..scenario.clone() }).unwrap();
        if crashed.crashes == 0 {
            break;
        }
        assert!(crashed.broken.is_empty(), "crash at {point}\n{}", story(&crashed));
        assert!(fits(&plain, &crashed), "crash at {point}\n{}\nwithout:\n{}", story(&crashed), story(&plain));
        point += 1;
    }
    assert!(point >= plain.points, "{point} of {}", plain.points);
}

/// The records of both are the same, except that soaks took longer and blindness was told.
fn same_story(plain: &Outcome, crashed: &Outcome) -> bool {
    let told = |outcome: &Outcome| kinds(outcome).into_iter().filter(|kind| kind != "sight_lost").collect::<Vec<_>>();
    plain.words() == crashed.words() && told(plain) == told(crashed)
}

fn same_end(plain: &Outcome, crashed: &Outcome) -> bool {
    plain.words() == crashed.words()
}

#[test]
fn in_a_good_release() {
    crash_everywhere(&quick(1), same_story);
}

#[test]
fn in_a_good_release_of_slow_ports_and_hooks() {
    let rules = sim::Rules { hooks: vec!["smoke".to_string()], ..sim::Rules::quick() };
    let mut scenario = crate::told::under(2, &rules);
    scenario.port_ms = 30;
    crash_everywhere(&scenario, same_end);
}

#[test]
fn in_a_rollback() {
    let bad = quick(3).with(During::from_second(8), Trouble::version("1.1", Illness::Errors { more: 0.3 }));
    crash_everywhere(&bad, same_end);
}

#[test]
fn in_a_rollback_by_hand() {
    let by_hand = Act::Say(Command::RollBack { reason: "odd".to_string() });
    crash_everywhere(&quick(4).then(Millis::seconds(9), by_hand), same_story);
}

#[test]
fn in_a_supersession() {
    let newer = Act::Open(Opening { version: "1.2".to_string(), supersede: true, ..Opening::default() });
    crash_everywhere(&quick(5).then(Millis::seconds(9), newer), same_end);
}

#[test]
fn while_a_person_pauses_and_advances() {
    let scenario = quick(6)
        .then(Millis::seconds(4), Act::Say(Command::Pause { reason: "lunch".to_string() }))
        .then(Millis::seconds(9), Act::Say(Command::Resume))
        .then(Millis::seconds(12), Act::Say(Command::Advance { reason: "enough".to_string(), phase: None }));
    crash_everywhere(&scenario, same_end);
}

#[test]
fn for_longer_than_data_stays_fresh() {
    let scenario = Scenario { restart_after: Millis::seconds(9), ..quick(7) };
    crash_everywhere(&scenario, same_end);
}

#[test]
fn with_another_replica_that_takes_over() {
    let scenario = Scenario { replicas: 2, restart_after: Millis::seconds(30), ..quick(8) };
    crash_everywhere(&scenario, same_end);
}

#[test]
fn again_and_again() {
    for every in [7, 31, 97, 203] {
        let crashes: Vec<u64> = (1..2_000).map(|n| n * every).collect();
        let outcome = live(&Scenario { crashes, ..quick(9) });
        assert!(outcome.crashes >= 2 && outcome.word() == "completed", "every {every}: {}", story(&outcome));
    }
}
