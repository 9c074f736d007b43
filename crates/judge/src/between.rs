//! How strongly slow requests cluster in one arm and not in the other.
//!
//! Comparing successive blocks of stable ([`crate::hiccups`]) takes for clusters what both arms share: a busy hour, a slow
//! dependency. The arms are measured at the same time, so that what they share cancels in `r = x_c - a X`, the canary's slow
//! requests less its share `a` of all of them. With `z = r / sqrt(X a (1-a)(1-X/N))`, independent requests show
//! `E (z_j - z_(j-1))² / 2 = 1` between successive blocks, and a canary that is worse by the same amount in both blocks
//! cancels as well: it cannot excuse itself. One that is worse now and then could; therefore the smaller of both readings is
//! used, and the other one never looks at the canary.

use crate::e1::Pair;
use crate::exact::state;
use crate::settings::Quantile;
use crate::slowness::{Latencies, Levels};

/// Blocks per aggregate.
const SCALES: [u32; 2] = [1, 3];
/// Weight of the assumption that requests are independent.
const PRIOR: f64 = 10.0;
/// How much the measured excess is raised for estimation error.
const CAUTION: f64 = 1.5;
/// So many informative requests make a reading.
const ENOUGH: f64 = 60.0;
/// Aggregates with less information say nothing about scatter.
const LEAST: f64 = 1.0;
/// No aggregate counts for more: the scatter of many must not hide behind one.
const MOST: f64 = 20.0;
/// A reading forgets by this factor with every aggregate.
const KEPT: f64 = 0.998;

/// The dispersion between the arms, at each level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Between {
    by: [[Scale; 2]; 3],
    /// The share of the last block; another share begins anew.
    share: f64,
}

state!(Between { by, share });

#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    every: u32,
    filled: u32,
    filling: Pair,
    /// The aggregate before, as `z` with its information.
    before: Option<(f64, f64)>,
    found: f64,
    expected: f64,
}

state!(Scale { filled, filling, before, found, expected } made { every } sound |read| read.filled < read.every);

impl Between {
    pub(crate) fn nothing_seen() -> Between {
        let nothing = Pair { canary: 0.0, canary_bad: 0.0, stable: 0.0, stable_bad: 0.0 };
        let scale = |every| Scale { every, filled: 0, filling: nothing, before: None, found: 0.0, expected: 0.0 };
        Between { by: [SCALES.map(scale); 3], share: -1.0 }
    }

    /// The factor for the next block, if enough was seen.
    pub(crate) fn phi(&self, quantile: Quantile) -> Option<f64> {
        let scales = &self.by[quantile.index()];
        if scales[0].expected < ENOUGH {
            return None;
        }
        let largest = scales.iter().map(Scale::factor).fold(1.0, f64::max);
        Some(1.0 + CAUTION * (largest - 1.0))
    }

    /// Takes a block, at the levels that were known before it.
    pub(crate) fn learn(&mut self, levels: &Levels, both: &Latencies<'_>, share: f64) {
        let another = share.total_cmp(&self.share).is_ne();
        self.share = share;
        for (quantile, scales) in Quantile::ALL.into_iter().zip(&mut self.by) {
            for scale in scales {
                if another {
                    scale.start_over();
                }
                if let Some(level) = levels.of(quantile) {
                    scale.take(&both.pair(level.stable, level.stable));
                }
            }
        }
    }
}

impl Scale {
    fn factor(&self) -> f64 {
        (self.found + PRIOR) / (self.expected + PRIOR)
    }

    fn start_over(&mut self) {
        self.filled = 0;
        self.filling = Pair { canary: 0.0, canary_bad: 0.0, stable: 0.0, stable_bad: 0.0 };
        self.before = None;
    }

    fn take(&mut self, pair: &Pair) {
        self.filling.add(pair);
        self.filled += 1;
        if self.filled < self.every {
            return;
        }
        let reading = standardised(&self.filling);
        if let (Some((z, information)), Some((z_before, information_before))) = (reading, self.before) {
            let weight = information.min(information_before).min(MOST);
            self.found = self.found * KEPT + weight * (z - z_before) * (z - z_before) / 2.0;
            self.expected = self.expected * KEPT + weight;
        }
        self.start_over();
        self.before = reading;
    }
}

/// The canary's excess in units of its scatter, and how much information it rests on.
fn standardised(pair: &Pair) -> Option<(f64, f64)> {
    let (requests, slow) = (pair.canary + pair.stable, pair.canary_bad + pair.stable_bad);
    if requests <= 0.0 {
        return None;
    }
    let share = pair.canary / requests;
    let information = slow * share * (1.0 - share) * (1.0 - slow / requests);
    (information >= LEAST).then(|| ((pair.canary_bad - share * slow) / libm::sqrt(information), information))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::{Histogram, bucket_of};

    fn arm(requests: u64, slow: u64) -> Histogram {
        let mut histogram = Histogram::new();
        histogram.add(bucket_of(5_000), requests - slow);
        histogram.add(bucket_of(40_000), slow);
        histogram
    }

    /// Slow requests of canary and stable, by block; a thousand requests each.
    fn after(slow: impl Fn(u64) -> (u64, u64)) -> Option<f64> {
        let (mut between, mut levels) = (Between::nothing_seen(), Levels::default());
        for number in 0..200 {
            let (canary, stable) = slow(number);
            let (canary, stable) = (arm(1_000, canary), arm(1_000, stable));
            between.learn(&levels, &Latencies { canary: &canary, stable: &stable }, 0.5);
            levels.learn(&stable, i64::try_from(number).unwrap() * 10_000, 1_000);
        }
        between.phi(Quantile::P95)
    }

    /// Between 40 and 60, without any order.
    fn noise(number: u64) -> u64 {
        40 + number * number * 7 % 21
    }

    #[test]
    fn what_both_arms_share_is_no_cluster() {
        let phi = after(|number| {
            let shared = if number / 5 % 2 == 0 { 0 } else { 400 };
            (noise(number) + shared, noise(number + 9) + shared)
        });
        assert!(phi.is_some_and(|phi| phi < 2.0), "{phi:?}");
    }

    #[test]
    fn what_hits_one_arm_now_and_then_is() {
        let stall = |number: u64, every: u64| if number.is_multiple_of(every) { 300 } else { 0 };
        let phi = after(|number| (noise(number) + stall(number, 19), noise(number + 9) + stall(number, 17)));
        assert!(phi.is_some_and(|phi| phi > 8.0), "{phi:?}");
    }

    #[test]
    fn a_canary_that_is_slower_throughout_does_not_excuse_itself() {
        let phi = after(|number| (noise(number) * 8, noise(number + 9)));
        assert!(phi.is_some_and(|phi| phi < 4.0), "{phi:?}");
    }

    #[test]
    fn little_is_no_reading() {
        assert_eq!(Between::nothing_seen().phi(Quantile::P50), None);
    }
}
