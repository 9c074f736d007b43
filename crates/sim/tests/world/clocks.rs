//! A clock that is stepped decides nothing.

use crate::told::{live, quick, story};
use engine::Millis;
use sim::{During, Illness, Trouble};

const HOUR: i64 = 3_600_000;

#[test]
fn a_step_of_the_clock_passes_nothing_early() {
    for by_ms in [-HOUR, -5_000, -700, 700, 3_000] {
        for at in [3, 9, 17] {
            let outcome = live(&quick(1).with(During::from_second(at), Trouble::ClockStep { by_ms }));
            assert_eq!(outcome.word(), "completed", "{by_ms} at {at}\n{}", story(&outcome));
            // By a clock that was not stepped.
            let (watched, _) = outcome.shares[2];
            assert!(watched >= Millis::seconds(25), "{by_ms} at {at}: everybody moved after {watched}");
        }
    }
}

#[test]
fn a_clock_that_is_an_hour_ahead_of_the_gate_holds_nothing_up_for_ever() {
    let outcome = live(&quick(1).with(During::from_second(9), Trouble::ClockStep { by_ms: HOUR }));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
}

#[test]
fn a_bad_release_is_taken_back_whatever_the_clock_says() {
    for by_ms in [-HOUR, -5_000, 5_000, HOUR] {
        let scenario = quick(2)
            .with(During::from_second(8), Trouble::ClockStep { by_ms })
            .with(During::from_second(9), Trouble::version("1.1", Illness::Errors { more: 0.2 }));
        let outcome = live(&scenario);
        assert_eq!(outcome.word(), "rolled_back", "{by_ms}\n{}", story(&outcome));
    }
}
