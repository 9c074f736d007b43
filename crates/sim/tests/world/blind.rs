//! A judge that sees nothing passes nothing and blames nobody.

use crate::told::{at_ms, count, live, quick, story};
use engine::Share;
use sim::{During, Port, PortTrouble, Trouble};

fn goes_dark(what: &Trouble) {
    for seed in 0..3 {
        let outcome = live(&quick(seed).with(During::seconds(6, 45), what.clone()));
        assert_eq!(outcome.word(), "completed", "seed {seed} {what:?}\n{}", story(&outcome));
        let told = count(&outcome, "sight_lost");
        assert!(told >= 2 && told.is_multiple_of(2), "seed {seed} {what:?}\n{}", story(&outcome));
        assert!(at_ms(&outcome, "phase_passed") > 45_000, "seed {seed} {what:?}\n{}", story(&outcome));
    }
}

#[test]
fn a_signal_without_data_holds_the_phase() {
    goes_dark(&Trouble::NoData);
}

#[test]
fn a_signal_that_cannot_be_reached_holds_the_phase() {
    goes_dark(&Trouble::Port { port: Port::Read, how: PortTrouble::Fails });
}

#[test]
fn a_signal_that_hangs_holds_the_phase() {
    goes_dark(&Trouble::Port { port: Port::Read, how: PortTrouble::Hangs });
}

#[test]
fn a_signal_that_answers_late_gives_less_soak() {
    let late = Trouble::Port { port: Port::Read, how: PortTrouble::Slow(9_000) };
    let (free, late) = (live(&quick(1)), live(&quick(1).with(During::seconds(6, 45), late)));
    assert_eq!(late.word(), "completed", "{}", story(&late));
    assert!(count(&late, "sight_lost") >= 2 && at_ms(&late, "phase_passed") > at_ms(&free, "phase_passed"));
}

#[test]
fn an_outage_of_a_moment_is_not_even_told() {
    let outcome = live(&quick(1).with(During::seconds(6, 8), Trouble::NoData));
    assert_eq!((outcome.word(), count(&outcome, "sight_lost")), ("completed", 0), "{}", story(&outcome));
}

#[test]
fn users_who_do_not_reach_the_canary_stop_the_soak() {
    let outcome = live(&quick(2).with(During::seconds(0, 30), Trouble::Misrouted { reached: 0.02 }));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(count(&outcome, "split_doubted"), 2, "{}", story(&outcome));
    assert!(at_ms(&outcome, "phase_passed") > 30_000, "{}", story(&outcome));
}

#[test]
fn in_the_dark_a_person_still_takes_users_back() {
    let back = sim::Act::Say(engine::Command::RollBack { reason: "looks odd".to_string() });
    let scenario = quick(3).with(During::from_second(4), Trouble::NoData).then(engine::Millis::seconds(20), back);
    let outcome = live(&scenario);
    assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
}
