//! The difference of two shares with bounds that hold at every look: a confidence sequence from the same bets.
//!
//! Each bet keeps `A_k = sum (x_c ln r + x_s ln s) / phi` and `B_k = sum n_c (r - 1) / phi`. For any difference
//! `delta` the capital of the bets against it is `E(delta) = sum pi_k exp(A_k - delta B_k)`, monotone in `delta`: below
//! the root of `E_harm(delta) = 1/a`, and above the root of `E_pass(delta) = 1/a`, the true difference lies with a
//! probability of at most `a` each, over all looks together.

use crate::e1::{Pair, Tilt};
use crate::exact::{rounded, state};
use crate::finding::{Count, Difference};
use crate::wealth::{LARGEST_LOG, log_add_exp};

/// `ln(1/a)` with `a` = 5 % on each side.
const LN_NEEDED: f64 = 2.995_732_273_553_991;

/// Counts of one metric over the rollout, with `H` bets that the difference is larger and `P` that it is smaller.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contrast<const H: usize, const P: usize> {
    pub(crate) canary: Count,
    pub(crate) stable: Count,
    larger: [Line; H],
    smaller: [Line; P],
}

state!(Contrast<const H: usize, const P: usize> { canary, stable, larger, smaller });

/// One bet against all margins at once: its log-wealth at `delta` is `at_zero - delta * slope`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    at_zero: f64,
    slope: f64,
}

state!(Line { at_zero, slope });

impl<const H: usize, const P: usize> Contrast<H, P> {
    pub(crate) const fn new() -> Contrast<H, P> {
        const EMPTY: Line = Line { at_zero: 0.0, slope: 0.0 };
        const NONE: Count = Count { requests: 0, bad: 0 };
        Contrast { canary: NONE, stable: NONE, larger: [EMPTY; H], smaller: [EMPTY; P] }
    }

    /// Adds a block. `pair` holds the same counts as `canary` and `stable`.
    pub(crate) fn add(&mut self, pair: &Pair, larger: &[Tilt; H], smaller: &[Tilt; P], phi: f64) {
        self.canary.add(pair.canary, pair.canary_bad);
        self.stable.add(pair.stable, pair.stable_bad);
        for (line, tilt) in self.larger.iter_mut().zip(larger) {
            line.add(pair, tilt, phi);
        }
        for (line, tilt) in self.smaller.iter_mut().zip(smaller) {
            line.add(pair, tilt, phi);
        }
    }

    /// The difference of the shares, canary minus stable.
    pub(crate) fn difference(&self) -> Difference {
        let estimate = match (self.canary.share(), self.stable.share()) {
            (Some(canary), Some(stable)) => Some(canary - stable),
            (None, _) | (_, None) => None,
        };
        Difference {
            estimate,
            low: last_refuted(-1.0, 1.0, |delta| log_mean_exp(&self.larger, delta) >= LN_NEEDED),
            high: last_refuted(1.0, -1.0, |delta| log_mean_exp(&self.smaller, delta) >= LN_NEEDED),
        }
    }
}

impl Count {
    fn add(&mut self, requests: f64, bad: f64) {
        self.requests = self.requests.saturating_add(requests as u64);
        self.bad = self.bad.saturating_add(bad as u64);
    }
}

impl Line {
    fn add(&mut self, pair: &Pair, tilt: &Tilt, phi: f64) {
        self.at_zero = rounded::<LINE_BITS>(self.at_zero + tilt.log_counts(pair) / phi);
        self.slope = rounded::<LINE_BITS>(self.slope + tilt.slope(pair) / phi);
    }
}

/// For people, to whom six digits are many; evidence never rests on it.
const LINE_BITS: u32 = 20;

fn log_mean_exp(lines: &[Line], delta: f64) -> f64 {
    let sum = lines
        .iter()
        .fold(f64::NEG_INFINITY, |sum, line| log_add_exp(sum, (line.at_zero - delta * line.slope).min(LARGEST_LOG)));
    sum - libm::log(lines.len() as f64)
}

/// Two to the minus 33 of the interval: far below any margin.
const HALVINGS: u32 = 33;

/// Bisection between `from`, which is refuted first, and `to`: the last point that is still refuted.
fn last_refuted(from: f64, to: f64, refuted: impl Fn(f64) -> bool) -> f64 {
    if !refuted(from) {
        return from;
    }
    let (mut inside, mut outside) = (from, to);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(inside, outside);
        if refuted(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::{HARM_ERRORS, PASS_ERRORS};

    fn contrast(canary_bad: f64, stable_bad: f64, blocks: usize) -> Contrast<9, 6> {
        let mut contrast = Contrast::new();
        let pair = Pair { canary: 1_000.0, canary_bad, stable: 3_000.0, stable_bad };
        let (larger, smaller) = (Tilt::each(&HARM_ERRORS, 1.0 / 3.0), Tilt::each(&PASS_ERRORS, 1.0 / 3.0));
        (0..blocks).for_each(|_| contrast.add(&pair, &larger, &smaller, 1.0));
        contrast
    }

    #[test]
    fn nothing_is_known_before_the_first_block() {
        let difference = Contrast::<9, 6>::new().difference();
        assert_eq!(difference, Difference { estimate: None, low: -1.0, high: 1.0 });
    }

    #[test]
    fn bounds_close_in_on_the_difference() {
        let (early, late) = (contrast(20.0, 30.0, 3).difference(), contrast(20.0, 30.0, 300).difference());
        for difference in [early, late] {
            assert_eq!(difference.estimate, Some(0.01));
            assert!(difference.low < 0.01 && 0.01 < difference.high, "{difference:?}");
        }
        assert!(late.high - late.low < early.high - early.low);
        assert!(late.low > 0.008 && late.high < 0.012, "{late:?}");
    }

    #[test]
    fn a_lower_bound_above_a_margin_is_evidence_against_it() {
        let contrast = contrast(20.0, 30.0, 20);
        let low = contrast.difference().low;
        assert!(log_mean_exp(&contrast.larger, low - 1e-6) >= LN_NEEDED);
        assert!(log_mean_exp(&contrast.larger, low + 1e-6) < LN_NEEDED);
    }
}
