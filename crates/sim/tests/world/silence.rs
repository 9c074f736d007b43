//! A lever with a dead man's switch, and a control that is away for too long.

use crate::told::{count, live, story, under};
use engine::{Command, Millis, Share};
use sim::{Act, During, Opening, Rules, Scenario, Trouble};

fn switched(seed: u64) -> Scenario {
    under(seed, &Rules { dead_man_s: Some(30), ..Rules::quick() })
}

/// Control stands still in the first phase.
fn away(seconds: u64) -> Scenario {
    switched(1).with(During::seconds(6, 6 + seconds), Trouble::Frozen { replica: 0 })
}

#[test]
fn a_lever_that_nobody_talks_to_takes_users_back_and_the_release_waits_for_a_person() {
    let outcome = live(&away(60));
    assert_eq!((outcome.word(), outcome.share()), ("held", Share::NONE), "{}", story(&outcome));
    assert_eq!(count(&outcome, "taken_back"), 1, "{}", story(&outcome));
    let back = outcome.shares.last().unwrap().0;
    assert!((Millis::seconds(35)..Millis::seconds(38)).contains(&back), "users were back after {back}");
}

#[test]
fn a_person_lets_users_back_once_the_journal_tells_it() {
    let outcome = live(&away(60).then(Millis::minutes(3), Act::Say(Command::Resume)));
    assert_eq!((outcome.word(), count(&outcome, "taken_back")), ("completed", 1), "{}", story(&outcome));
}

#[test]
fn a_person_who_has_enough_of_it_takes_the_release_back() {
    let roll_back = Act::Say(Command::RollBack { reason: "because".to_string() });
    let outcome = live(&away(60).then(Millis::minutes(3), roll_back));
    assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
}

#[test]
fn a_control_that_is_back_in_time_finds_users_where_they_were() {
    for seconds in [5, 15, 25] {
        let outcome = live(&away(seconds));
        assert_eq!((outcome.word(), count(&outcome, "taken_back")), ("completed", 0), "{}", story(&outcome));
    }
}

#[test]
fn a_second_control_that_takes_over_is_a_word() {
    let outcome = live(&Scenario { replicas: 2, ..away(60) });
    assert_eq!((outcome.word(), count(&outcome, "taken_back")), ("completed", 0), "{}", story(&outcome));
}

#[test]
fn a_release_that_is_superseded_while_users_come_back_leaves_nobody_on_it() {
    for later in [0, 5, 15, 40] {
        let resumed = Millis::minutes(3);
        let mut scenario = away(60).then(resumed, Act::Say(Command::Resume)).then(
            resumed + Millis(later),
            Act::Open(Opening { version: "2.0".into(), supersede: true, ..Opening::default() }),
        );
        scenario.port_ms = 15;
        let outcome = live(&scenario);
        assert_eq!(count(&outcome, "taken_back"), 1, "{later}\n{}", story(&outcome));
        assert_eq!(outcome.word(), "completed", "{later}\n{}", story(&outcome));
    }
}

#[test]
fn a_crash_between_the_lever_and_the_journal_forgets_nothing() {
    for point in (30..90).step_by(3) {
        let mut scenario = switched(2).then(Millis::minutes(10), Act::Say(Command::Resume));
        (scenario.restart_after, scenario.crashes) = (Millis::seconds(45), vec![point, point + 25, point + 31]);
        let outcome = live(&scenario);
        assert!(count(&outcome, "taken_back") <= 3, "{point}\n{}", story(&outcome));
    }
}
