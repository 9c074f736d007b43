//! Ports that lie, posts that lose, replicas that stand still, clocks that disagree and people who cannot wait.

use crate::told::{count, live, quick, story, under};
use engine::{Millis, Share};
use sim::{Act, During, Illness, Opening, Port, PortTrouble, PostTrouble, Rules, Scenario, SignalTrouble, Trouble};

fn lies(port: Port) -> Trouble {
    Trouble::Port { port, how: PortTrouble::Lies }
}

#[test]
fn a_lever_that_lied_about_a_rollback_is_asked_again() {
    // It says that nobody is left, the target says that the version is gone, and neither is so.
    let scenario = quick(1)
        .with(During::from_second(8), Trouble::version("1.1", Illness::Dies))
        .with(During::seconds(7, 15), lies(Port::Shift))
        .with(During::seconds(7, 60), lies(Port::Withdraw));
    let outcome = live(&scenario);
    assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
    let back = outcome.shares.last().unwrap().0;
    assert!(back < Millis::seconds(25), "users were back after {back}");
}

#[test]
fn a_signal_that_repeats_tears_or_reorders_loses_no_interval_and_counts_none_twice() {
    for how in [SignalTrouble::Repeats, SignalTrouble::Torn, SignalTrouble::Reordered] {
        // What comes after a silence is more than one interval.
        let scenario = quick(1)
            .with(During::seconds(5, 8), Trouble::Port { port: Port::Read, how: PortTrouble::Fails })
            .with(During::seconds(0, 60), Trouble::Signal { how });
        let outcome = live(&scenario);
        assert_eq!(outcome.word(), "completed", "{how:?}\n{}", story(&outcome));
    }
}

#[test]
fn counts_that_cannot_be_true_or_are_old_blind_and_blame_nobody() {
    for how in [SignalTrouble::Absurd, SignalTrouble::Stale] {
        let outcome = live(&quick(1).with(During::seconds(4, 30), Trouble::Signal { how }));
        assert_eq!(outcome.word(), "completed", "{how:?}\n{}", story(&outcome));
        assert!(count(&outcome, "sight_lost") >= 1, "{how:?}\n{}", story(&outcome));
    }
}

fn pushed(seed: u64) -> Scenario {
    let mut scenario = quick(seed);
    scenario.traffic.pushed = true;
    scenario
}

#[test]
fn counts_that_are_pushed_may_be_lost_doubled_or_late() {
    assert_eq!(live(&pushed(1)).word(), "completed");
    for how in [PostTrouble::Lost, PostTrouble::Twice, PostTrouble::Late] {
        let outcome = live(&pushed(1).with(During::seconds(4, 25), Trouble::Post { how }));
        assert_eq!(outcome.word(), "completed", "{how:?}\n{}", story(&outcome));
    }
}

#[test]
fn what_is_pushed_is_heard_again_when_a_clock_that_was_ahead_comes_back() {
    for by_ms in [-30_000, 30_000, 3_600_000] {
        let outcome = live(&pushed(1).with(During::seconds(5, 15), Trouble::ClockSkew { replica: 0, by_ms }));
        assert_eq!(outcome.word(), "completed", "{by_ms}\n{}", story(&outcome));
    }
}

#[test]
fn what_is_pushed_rarely_is_heard_again_after_a_silence() {
    // By the time that an interval is over, the silence before it was noted once more.
    let rules = Rules { interval_s: 2, stale_after_s: 3, ..Rules::quick() };
    let mut scenario = under(1, &rules).with(During::seconds(3, 12), Trouble::Post { how: PostTrouble::Lost });
    scenario.traffic.pushed = true;
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
}

#[test]
fn a_leader_that_stood_still_past_its_lease_is_refused() {
    for from in [1, 3, 9, 16] {
        let two = Scenario { replicas: 2, ..quick(2) };
        let outcome = live(&two.with(During::seconds(from, from + 20), Trouble::Frozen { replica: 0 }));
        assert_eq!(outcome.word(), "completed", "{from}\n{}", story(&outcome));
    }
}

#[test]
fn a_replica_whose_clock_is_ahead_takes_over_and_the_old_leader_is_refused() {
    let two = Scenario { replicas: 2, ..quick(3) };
    let outcome = live(&two.with(During::seconds(5, 40), Trouble::ClockSkew { replica: 1, by_ms: 30_000 }));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
}

#[test]
fn an_edit_of_the_policy_changes_nothing_for_what_is_open() {
    let mut scenario = quick(1)
        .then(Millis::seconds(3), Act::Edit(0))
        .then(Millis::seconds(50), Act::Open(Opening { version: "1.2".to_string(), ..Opening::default() }));
    scenario.edits = vec![Rules { phases: vec![(10, 6)], ..Rules::quick() }.policy().unwrap()];
    let outcome = live(&scenario);
    let phases: Vec<usize> = outcome.releases.values().map(|state| state.plan().phases.len()).collect();
    assert_eq!(phases, [3, 2], "{}", story(&outcome));
}

#[test]
fn people_in_haste_are_heard_once() {
    let mut scenario = quick(1)
        .then(Millis::seconds(4), Act::Say(engine::Command::Advance { reason: "because".to_string(), phase: Some(0) }));
    (scenario.hasty, scenario.port_ms) = (true, 120);
    let outcome = live(&scenario.with(During::seconds(3, 6), Trouble::SlowDisk { ms: 300 }));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(count(&outcome, "phase_passed"), 3, "{}", story(&outcome));
}
