//! After promotion the canary has everything, and stable's past in this rollout is all there is to compare with.

use judge::{Cause, Judge, Outcome, Settings};

use super::chance::Chance;
use super::plan::{START_MS, release_margins};
use super::service::{BLOCK_MS, Latency, Nature, Service};

/// Half an hour at 50 %, then half an hour at 100 % with another nature.
fn promoted(then: Nature, stable_measured: bool) -> Judge {
    let latency = Latency::new();
    let mut chance = Chance::new(2);
    let mut judge = Judge::new(Settings::default()).unwrap();
    judge.enter_phase(START_MS, &release_margins());
    for number in 0..360 {
        let share = if number < 180 { 0.5 } else { 1.0 };
        let canary = if number < 180 { Service::healthy().canary } else { then };
        let service = Service { canary, ..Service::healthy() };
        let mut block = service.block(&mut chance, &latency, START_MS + number * BLOCK_MS, share);
        if number >= 180 && !stable_measured {
            block.stable = None;
        }
        let _ = judge.absorb(&block);
    }
    judge
}

#[test]
fn a_release_that_breaks_after_promotion_fires_the_trigger_and_says_what_it_was_held_against() {
    for stable_measured in [true, false] {
        let judge = promoted(Nature { errors: 0.04, slower_by: 0 }, stable_measured);
        let verdict = judge.verdict();
        assert_eq!((verdict.outcome, verdict.cause), (Outcome::Harm, Some(Cause::ErrorStreak)));
        assert!(!verdict.error_streak.unwrap().concurrent);
        assert!(verdict.sentence().contains("not concurrent"), "{}", verdict.sentence());
    }
}

#[test]
fn a_release_that_becomes_slow_after_promotion_is_held_and_not_blamed() {
    let verdict = promoted(Nature { errors: 0.001, slower_by: 30 }, true).verdict();
    assert_ne!(verdict.outcome, Outcome::Harm, "nobody was measured beside it");
    assert!(verdict.shared_degradation);
}

#[test]
fn a_release_that_stays_well_is_left_alone() {
    let verdict = promoted(Service::healthy().canary, true).verdict();
    assert_ne!(verdict.outcome, Outcome::Harm);
    assert_eq!(verdict.skipped, 0);
}
