//! How long it takes to prove a harm that is there.
//!
//! No stretch of `cell_seconds` may win more than a canary that is bad throughout would in it: its `K` bad requests
//! win `ln(1 + (1 - s^K) / rho)` together, which is `ln r` for one and never more than `ln(1 + 1/rho)`.
//! Growth and variance are therefore those of a whole cell, over `K ~ Poisson`.

use super::Chances;
use super::bet::{POWERS, Toward, by_ln, fastest};
use super::passage::{Drift, reached_by, units_for};
use crate::e1::Tilt;
use crate::grid::RiskRatio;

/// The length of the stretches in which the canary's bad requests are weighed together.
pub const CELL_SECONDS: f64 = 20.0;

/// The harm test of one metric against a canary that is worse by a known amount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HarmPlan {
    /// How likely the arms are to answer badly.
    pub chances: Chances,
    /// Requests per second of both arms.
    pub per_second: f64,
    /// The canary's share of traffic.
    pub share: f64,
    /// The false-alarm budget of the whole release.
    pub alpha: f64,
    /// This metric's weight among all.
    pub weight: f64,
    /// What part of its capital is bet when the harm begins: 0.4 at the start of a rollout, less later.
    pub capital: f64,
    /// The dispersion that evidence is divided by.
    pub phi: f64,
    /// See [`CELL_SECONDS`].
    pub cell_seconds: f64,
}

/// When harm is proved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proof {
    /// After so many canary requests.
    pub requests: f64,
    /// After so many seconds.
    pub seconds: f64,
}

impl HarmPlan {
    /// When harm is proved with a chance of `power`; nothing when it never is.
    #[must_use]
    pub fn proof(&self, power: f64) -> Option<Proof> {
        let per_cell = self.per_second * self.share * self.cell_seconds;
        let fastest = fastest(Toward::Harm, |ratio| self.per_cell(ratio).growth);
        let level = libm::log(EFFECTIVE_BETS / (self.alpha * self.weight * self.capital));
        let needed = |power_of_ratio: f64| {
            let drift = self.per_cell(by_ln(fastest.ln * power_of_ratio)).tempered(self.phi);
            if drift.growth <= SMALLEST_GROWTH {
                return None;
            }
            units_for(power, level / drift.growth, |cells| reached_by(cells, drift, level))
        };
        let cells = POWERS.into_iter().filter_map(needed).fold(f64::INFINITY, f64::min);
        let proof = Proof { requests: cells * per_cell, seconds: cells * self.cell_seconds };
        cells.is_finite().then_some(proof)
    }

    fn per_cell(&self, ratio: RiskRatio) -> Drift {
        let rho = self.share / (1.0 - self.share);
        let tilt = Tilt::new(ratio, rho);
        let canary = self.per_second * self.share * self.cell_seconds;
        let stable_bad = canary / rho * self.chances.stable;
        let bad = won(canary * self.chances.canary, tilt, rho);
        Drift {
            growth: bad.growth + stable_bad * tilt.ln_s - canary * self.chances.margin * tilt.r_less_one,
            variance: bad.variance + stable_bad * tilt.ln_s * tilt.ln_s,
        }
    }
}

/// What the canary's bad requests win in a cell where `mean` are expected.
fn won(mean: f64, tilt: Tilt, rho: f64) -> Drift {
    let reach = REACH * libm::sqrt(mean) + REACH;
    let (first, last) = (libm::floor((mean - reach).max(0.0)), libm::ceil(mean + reach));
    let stride = libm::ceil((last - first) / MOST_TERMS).max(1.0);
    let (mut weights, mut sum, mut squares) = (0.0, 0.0, 0.0);
    let mut count = first;
    while count <= last {
        let weight = libm::exp(count * libm::log(mean.max(SMALLEST_MEAN)) - mean - libm::lgamma(count + 1.0));
        let gain = libm::log1p(-libm::expm1(count * tilt.ln_s) / rho);
        weights += weight;
        sum += weight * gain;
        squares += weight * gain * gain;
        count += stride;
    }
    let growth = sum / weights;
    Drift { growth, variance: (squares / weights - growth * growth).max(0.0) }
}

/// What the mixture costs: of nine bets with equal capital about two are near the best one.
const EFFECTIVE_BETS: f64 = 5.0;
/// Slower growth per cell than this is rounding.
const SMALLEST_GROWTH: f64 = 1e-13;
/// So many standard deviations on each side, and as many counts besides.
const REACH: f64 = 8.0;
/// Beyond so many counts every n-th stands for its neighbours.
const MOST_TERMS: f64 = 256.0;
/// Keeps the logarithm of nothing a number.
const SMALLEST_MEAN: f64 = 1e-300;
