//! When a drifting Brownian motion first reaches a level.

use super::normal::{cdf, ln_cdf};

/// Growth and variance of the log-wealth of a bet per unit: a canary request, or a cell of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drift {
    pub(super) growth: f64,
    pub(super) variance: f64,
}

impl Drift {
    /// With evidence divided by the dispersion `phi`, by which the scatter of what it counts is raised.
    pub(super) fn tempered(self, phi: f64) -> Drift {
        Drift { growth: self.growth / phi, variance: self.variance / phi }
    }
}

/// The chance that `level` is reached within `n` units: the inverse Gaussian distribution. Its second term is a product of
/// something huge and something tiny, and so is taken as a sum of logarithms.
pub(super) fn reached_by(n: f64, drift: Drift, level: f64) -> f64 {
    if level <= 0.0 {
        return 1.0;
    }
    if n <= 0.0 {
        return 0.0;
    }
    let Drift { growth, variance } = drift;
    if variance <= 0.0 {
        return if growth * n >= level { 1.0 } else { 0.0 };
    }
    let scatter = libm::sqrt(variance * n);
    let direct = cdf((growth * n - level) / scatter);
    let reflected = 2.0 * growth * level / variance + ln_cdf(-(growth * n + level) / scatter);
    (direct + libm::exp(reflected.min(0.0))).min(1.0)
}

/// The smallest `n` with at least the chance `power`, if there is one below [`ENDLESS`]. `chance` must not fall.
pub(super) fn units_for(power: f64, guess: f64, chance: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut low, mut high) = (0.0, guess.clamp(1.0, ENDLESS));
    while chance(high) < power {
        if high >= ENDLESS {
            return None;
        }
        low = high;
        high *= 2.0;
    }
    while high - low > high * 1e-7 {
        let middle = (low + high) / 2.0;
        if chance(middle) < power {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

/// More requests than any service answers during a release.
const ENDLESS: f64 = 1e15;
