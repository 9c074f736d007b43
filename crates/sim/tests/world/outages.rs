//! What both arms share is nobody's fault.

use crate::told::{at_ms, count, live, quick, story};
use engine::Share;
use sim::{During, Trouble};

fn outage(more_errors: f64, probes_fail: bool) -> Trouble {
    Trouble::Dependency { more_errors, slower: 1.5, probes_fail }
}

#[test]
fn a_dependency_that_fails_both_arms_holds_the_phase_and_blames_nobody() {
    for seed in 0..10 {
        let outcome = live(&quick(seed).with(During::seconds(6, 40), outage(0.4, false)));
        assert_eq!(outcome.word(), "completed", "seed {seed}\n{}", story(&outcome));
        assert_eq!(count(&outcome, "degradation_shared"), 2, "seed {seed}\n{}", story(&outcome));
        assert!(at_ms(&outcome, "phase_passed") > 40_000, "seed {seed}\n{}", story(&outcome));
        assert!(outcome.shares.iter().all(|(_, share)| *share != Share::NONE));
    }
}

#[test]
fn probes_that_fail_for_both_hold_the_phase_and_blame_nobody() {
    for seed in 0..10 {
        let outcome = live(&quick(seed).with(During::seconds(6, 40), outage(0.0, true)));
        assert_eq!(outcome.word(), "completed", "seed {seed}\n{}", story(&outcome));
        assert!(at_ms(&outcome, "phase_passed") > 40_000, "seed {seed}\n{}", story(&outcome));
    }
}
