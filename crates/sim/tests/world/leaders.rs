//! Two control planes on one journal.

use crate::told::{at_ms, live, quick, story};
use engine::Share;
use sim::{During, Illness, Scenario, Trouble};

fn two(seed: u64) -> Scenario {
    Scenario { replicas: 2, ..quick(seed) }
}

#[test]
fn the_second_replica_only_watches() {
    let outcome = live(&two(1));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(at_ms(&outcome, "completed"), at_ms(&live(&quick(1)), "completed"));
}

#[test]
fn a_leader_that_cannot_reach_the_journal_is_replaced() {
    for from in [3, 8, 12, 24] {
        let outcome = live(&two(2).with(During::seconds(from, from + 60), Trouble::Partition { replica: 0 }));
        assert_eq!(outcome.word(), "completed", "{from}\n{}", story(&outcome));
    }
}

#[test]
fn a_leader_that_comes_back_is_refused() {
    // It is cut off for just longer than its lease, and then they take turns.
    let scenario = two(3)
        .with(During::seconds(4, 18), Trouble::Partition { replica: 0 })
        .with(During::seconds(20, 34), Trouble::Partition { replica: 1 });
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
}

#[test]
fn a_cut_off_leader_still_takes_users_back() {
    let scenario = two(4)
        .with(During::seconds(6, 100), Trouble::Partition { replica: 0 })
        .with(During::from_second(8), Trouble::version("1.1", Illness::Dies));
    let outcome = live(&scenario);
    assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
    let back = outcome.shares.iter().find(|(_, share)| *share == Share::NONE).unwrap().0;
    assert!(back.0 < 10_000, "users were back after {back}, before anybody else could lead");
}
