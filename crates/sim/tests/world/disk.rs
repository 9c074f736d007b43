//! A journal that cannot be written stops a ramp and never a rollback.

use crate::told::{at_ms, count, live, quick, story};
use engine::{Command, Millis, Share};
use sim::{Act, During, Illness, Scenario, Trouble};

fn full(scenario: Scenario, from: u64, to: u64) -> Scenario {
    scenario.with(During::seconds(from, to), Trouble::DiskFull)
}

#[test]
fn a_full_disk_holds_the_ramp_and_loses_nothing() {
    let outcome = live(&full(quick(1), 10, 40));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    let (raised, share) = outcome.shares[1];
    assert_eq!(share, Share::percent(50));
    assert!((40_000..43_000).contains(&raised.0), "raised after {raised}");
    assert_eq!(count(&outcome, "phase_passed"), 3);
}

#[test]
fn a_full_disk_delays_no_rollback() {
    for illness in [Illness::Dies, Illness::Errors { more: 0.3 }, Illness::Slow { factor: 4.0 }] {
        let bad = quick(2).with(During::from_second(8), Trouble::version("1.1", illness));
        let (free, full) = (live(&bad), live(&full(bad.clone(), 6, 120)));
        assert_eq!(full.word(), "rolled_back", "{}", story(&full));
        assert_eq!(full.rollback, free.rollback, "{}", story(&full));
        assert!(at_ms(&full, "rollback_started") >= 120_000, "it is written as soon as that is possible");
    }
}

#[test]
fn with_a_full_disk_people_may_take_users_back_and_nothing_else() {
    for (command, told, word) in [
        (Command::RollBack { reason: "now".to_string() }, "roll back: unwritten", "rolled_back"),
        (Command::Abort { reason: "now".to_string() }, "abort: unwritten", "aborted"),
    ] {
        let outcome = live(&full(quick(3), 6, 60).then(Millis::seconds(20), Act::Say(command)));
        assert_eq!(outcome.told(), ["open: accepted", told]);
        assert_eq!(outcome.word(), word, "{}", story(&outcome));
        let (_, back) = outcome.rollback.unwrap();
        assert!(back.is_some_and(|back| back.0 < 20_100), "{back:?}");
    }
    let advance = Act::Say(Command::Advance { reason: "now".to_string(), phase: None });
    let outcome = live(&full(quick(3), 6, 30).then(Millis::seconds(20), advance));
    assert!(outcome.answers.len() == 2 && at_ms(&outcome, "phase_passed") >= 30_000, "{}", story(&outcome));
}

#[test]
fn answers_of_the_journal_that_get_lost_change_nothing() {
    let plain = live(&quick(4));
    let lost = live(&quick(4).with(During::seconds(5, 6), Trouble::WriteUnanswered));
    assert_eq!(lost.word(), "completed", "{}", story(&lost));
    assert_eq!(count(&lost, "phase_passed"), count(&plain, "phase_passed"));
}

#[test]
fn an_end_whose_answer_gets_lost_is_written_all_the_same() {
    let scenario = quick(4)
        .with(During::seconds(8, 12), Trouble::WriteUnanswered)
        .then(Millis::seconds(9), Act::Say(Command::Abort { reason: "now".to_string() }));
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "aborted", "{}", story(&outcome));
}

#[test]
fn a_release_whose_opening_was_not_answered_stands_in_the_way_of_the_next() {
    let unanswered = quick(5).with(During { from: Millis(300), to: Millis(900) }, Trouble::WriteUnanswered);
    let outcome = live(&unanswered.clone().then(Millis::seconds(1), Act::open("1.2")));
    assert_eq!(outcome.told(), ["open: accepted", "open: TG-2102"], "{}", story(&outcome));
    let newer = sim::Opening { version: "1.2".to_string(), supersede: true, ..sim::Opening::default() };
    let outcome = live(&unanswered.then(Millis::seconds(1), Act::Open(newer)));
    assert_eq!(outcome.words(), ["superseded", "completed"], "{}", story(&outcome));
}
