//! What a version cost its users beyond what the old one would have cost them. It is reckoned from what was wrong, not from
//! what was drawn or counted: the luck of a seed is no cost, and a metric outage hides none.

use super::gate::Installation;
use crate::weather::{Health, Weather};
use engine::Millis;

/// Requests of users who were on the newer version.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Toll {
    /// All of them.
    pub requests: u64,
    /// Those that failed, or were never answered, and would not have been on the old version.
    pub failed: f64,
    /// Those that took longer than 95 % of the old version's, beyond the 5 % of which that is expected.
    pub slow: f64,
}

/// One request in twenty is slower than this many deviations.
const P95: f64 = 1.644_853_626_951_472_2;

impl Toll {
    /// One more block: who was asked, how often and when its share rose; who else would have been asked; from when to when.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub(super) fn count(
        &mut self,
        weather: &Weather,
        (canary, requests, risen): (&Installation, u64, Option<Millis>),
        stable: &Installation,
        (at, to): (Millis, Millis),
    ) {
        if requests == 0 {
            return;
        }
        let (new, old) = (weather.health(&canary.version, at, risen), weather.health(&stable.version, at, None));
        // A version that ends within the block answered until then.
        let dead = if canary.alive { 0.0 } else { part_after(canary.died.unwrap_or(at), at, to) };
        let fails = dead + (1.0 - dead) * new.fails(true);
        let n = requests as f64;
        self.requests += requests;
        self.failed += n * (fails - old.fails(stable.alive)).max(0.0);
        let slow = slower_than_p95(&new, &old, weather.healthy().sigma);
        self.slow += n * (1.0 - fails) * (slow - 0.05).max(0.0);
    }
}

/// The part of a block that lies after a moment.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a block")]
fn part_after(moment: Millis, from: Millis, to: Millis) -> f64 {
    ((to - moment.max(from)).0 as f64 / (to - from).0.max(1) as f64).min(1.0)
}

/// The part of requests that take longer than 95 % of the old version's.
fn slower_than_p95(new: &Health, old: &Health, sigma: f64) -> f64 {
    let beyond = |factor: f64| {
        let z = P95 - libm::log(factor.max(1e-9)) / sigma.max(1e-6);
        0.5 * libm::erfc(z / core::f64::consts::SQRT_2)
    };
    let factor = new.slower / old.slower.max(1e-9);
    match new.tail {
        None => beyond(factor),
        Some((part, more)) => (1.0 - part) * beyond(factor) + part * beyond(factor * more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{During, Illness, Scenario, Trouble};
    use crate::{OLD, standard};

    fn toll_of(how: Option<Illness>) -> Toll {
        let mut world = Scenario::good(1, standard().unwrap());
        if let Some(how) = how {
            world = world.with(During::from_second(0), Trouble::version("1.1", how));
        }
        let mut toll = Toll::default();
        let (new, old) = (Installation::of("1.1"), Installation::of(OLD));
        toll.count(&Weather::of(&world), (&new, 1_000, None), &old, (Millis(5), Millis(10_005)));
        toll
    }

    #[test]
    fn what_died_in_a_block_answered_until_then() {
        let world = Scenario::good(1, standard().unwrap());
        let dead = Installation { alive: false, died: Some(Millis::seconds(8)), ..Installation::of("1.1") };
        let mut toll = Toll::default();
        let block = (Millis::seconds(0), Millis::seconds(10));
        toll.count(&Weather::of(&world), (&dead, 1_000, None), &Installation::of(OLD), block);
        assert!((toll.failed - 200.0).abs() < 1.0, "{toll:?}");
    }

    #[test]
    fn a_version_that_is_as_the_old_one_costs_nothing() {
        let toll = toll_of(None);
        assert_eq!(toll.requests, 1_000);
        assert!(toll.failed.abs() < 1e-9 && toll.slow < 0.1, "{toll:?}");
    }

    #[test]
    fn what_fails_is_slow_or_vanishes_is_counted_once() {
        let failing = toll_of(Some(Illness::Errors { more: 0.1 }));
        assert!((failing.failed - 100.0).abs() < 1e-6 && failing.slow < 0.1, "{failing:?}");
        for counted in [true, false] {
            let swallowed = toll_of(Some(Illness::Swallows { part: 0.4, counted }));
            assert!((swallowed.failed - 400.0).abs() < 1.0, "{swallowed:?}");
        }
        let dead = toll_of(Some(Illness::Hangs));
        assert!((dead.failed - 999.0).abs() < 1e-6 && dead.slow.abs() < 1e-9, "{dead:?}");
        let slow = toll_of(Some(Illness::Slow { factor: 100.0 }));
        assert!((slow.slow - 950.0).abs() < 2.0, "{slow:?}");
        let tail = toll_of(Some(Illness::SlowTail { part: 0.1, factor: 1_000.0 }));
        assert!((tail.slow - 95.0).abs() < 2.0, "{tail:?}");
    }
}
