//! How long it takes to prove a harm that is there.
//!
//! No single stretch of time is trusted with a proof, so growth and variance are those of a whole stretch with its limit.
//! Errors of the canary within a cell, which is an incident of [`crate::incident`], win together at most what a canary that always fails would:
//! `K` of them win `ln(1 + (1 - s^K) / rho)`, which is `ln r` for one and stays below `ln(1 + 1/rho)`. Latency wins at most
//! [`super::MOST_PER_BLOCK`] in a block.

use core::f64::consts::PI;

use super::Chances;
use super::bet::{POWERS, Toward, by_ln, fastest, per_request};
use super::normal::cdf;
use super::passage::{Drift, reached_by, units_for};
use crate::e1::Tilt;
use crate::finding::Metric;
use crate::grid::{GROSS_ERRORS, HARM_ERRORS, RiskRatio, SLIGHT_ERRORS};
use crate::settings::Quantile;
use crate::stakes::{AT_EACH_PHASE, AT_THE_START, MOST_PER_BLOCK, weight_of};

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
    /// This metric's part of it.
    pub weight: Weight,
    /// What part of its capital is bet when the harm begins; see [`capital`].
    pub capital: f64,
    /// The dispersion that evidence is divided by.
    pub phi: f64,
    /// What a stretch of time may win.
    pub limit: Limit,
}

/// Which harm test, by what it weighs among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Errors beyond the margin of the release.
    Errors,
    /// Errors beyond [`super::GROSS_ERROR_MARGIN`].
    GrossErrors,
    /// One quantile of latency.
    Latency(Quantile),
}

/// What a stretch of time may win.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Errors: what a canary that always fails would win in a cell of so many seconds.
    Cell(f64),
    /// Latency: [`super::MOST_PER_BLOCK`] in a block of so many seconds.
    Block(f64),
}

/// When harm is proved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proof {
    /// After so many canary requests.
    pub requests: f64,
    /// After so many seconds.
    pub seconds: f64,
}

/// What part of a harm test's capital is bet when a phase begins: the first gets 0.4, a later one a fifth of what is
/// left after `elapsed`, the time since the start as a part of the horizon over which capital is released.
#[must_use]
pub fn capital(phases_before: u32, elapsed: f64) -> f64 {
    if phases_before == 0 {
        return AT_THE_START;
    }
    let left = (1.0 - AT_THE_START) * libm::pow(1.0 - AT_EACH_PHASE, f64::from(phases_before - 1));
    AT_EACH_PHASE * left * libm::exp(-elapsed)
}

impl HarmPlan {
    /// When harm is proved with a chance of `power`; nothing when it never is.
    #[must_use]
    pub fn proof(&self, power: f64) -> Option<Proof> {
        let seconds = match self.limit {
            Limit::Cell(seconds) | Limit::Block(seconds) => seconds,
        };
        let requests = self.per_second * self.share * seconds;
        let needed = |ratio: RiskRatio, bets: f64| {
            let level = libm::log(bets / (self.alpha * self.weight.part() * self.capital));
            let drift = self.per_stretch(ratio, requests);
            if drift.growth <= SMALLEST_GROWTH {
                return None;
            }
            units_for(power, level / drift.growth, |stretches| reached_by(stretches, drift, level))
        };
        let soonest = |ratios: &mut dyn Iterator<Item = RiskRatio>, bets: f64| {
            ratios.filter_map(|ratio| needed(ratio, bets)).fold(f64::INFINITY, f64::min)
        };
        let stretches = match self.weight {
            // Errors of a cell saturate, so that only the ratios that are bet on count, each with its own capital.
            Weight::Errors => soonest(&mut SLIGHT_ERRORS.into_iter().chain(HARM_ERRORS), ERROR_BETS),
            Weight::GrossErrors => soonest(&mut GROSS_ERRORS.into_iter(), GROSS_BETS),
            Weight::Latency(_) => {
                let fastest = fastest(Toward::Harm, |ratio| self.per_stretch(ratio, requests).growth);
                soonest(&mut POWERS.into_iter().map(|power| by_ln(fastest.ln * power)), EFFECTIVE_BETS)
            }
        };
        stretches.is_finite().then_some(Proof { requests: stretches * requests, seconds: stretches * seconds })
    }

    /// Growth and variance in a stretch with so many canary requests.
    fn per_stretch(&self, ratio: RiskRatio, requests: f64) -> Drift {
        let rho = self.share / (1.0 - self.share);
        match self.limit {
            Limit::Cell(_) => {
                let tilt = Tilt::new(ratio, rho);
                let stable_bad = requests / rho * self.chances.stable;
                let won = won(requests * self.chances.canary, tilt, rho);
                let growth = won.growth + stable_bad * tilt.ln_s - requests * self.chances.margin * tilt.r_less_one;
                let variance = won.variance + stable_bad * tilt.ln_s * tilt.ln_s;
                Drift { growth, variance }.tempered(self.phi)
            }
            Limit::Block(_) => {
                let each = per_request(&self.chances, rho, ratio).tempered(self.phi);
                held_below(Drift { growth: each.growth * requests, variance: each.variance * requests }, MOST_PER_BLOCK)
            }
        }
    }
}

impl Weight {
    fn part(self) -> f64 {
        weight_of(match self {
            Weight::Errors => Metric::ErrorRate,
            Weight::GrossErrors => Metric::GrossErrors,
            Weight::Latency(quantile) => Metric::Latency(quantile),
        })
    }
}

/// What the canary's bad requests win in a cell where `mean` are expected, over `K ~ Poisson`.
fn won(mean: f64, tilt: Tilt, rho: f64) -> Drift {
    let reach = REACH * libm::sqrt(mean) + REACH;
    let (mut count, last) = (libm::floor((mean - reach).max(0.0)), libm::ceil(mean + reach));
    let stride = libm::ceil((last - count) / MOST_TERMS).max(1.0);
    let ln_mean = libm::log(mean.max(SMALLEST_MEAN));
    let (mut weights, mut sum, mut squares) = (0.0, 0.0, 0.0);
    while count <= last {
        let weight = libm::exp(count * ln_mean - mean - libm::lgamma(count + 1.0));
        let gain = libm::log1p(-libm::expm1(count * tilt.ln_s) / rho);
        weights += weight;
        sum += weight * gain;
        squares += weight * gain * gain;
        count += stride;
    }
    let growth = sum / weights;
    Drift { growth, variance: (squares / weights - growth * growth).max(0.0) }
}

/// Mean and variance of the smaller of a normal value and a limit.
fn held_below(free: Drift, limit: f64) -> Drift {
    if free.variance <= 0.0 {
        return Drift { growth: free.growth.min(limit), variance: 0.0 };
    }
    let Drift { growth: mean, variance } = free;
    let scatter = libm::sqrt(variance);
    let at = (limit - mean) / scatter;
    let (below, density) = (cdf(at), libm::exp(-0.5 * at * at) / libm::sqrt(2.0 * PI));
    let growth = mean * below - scatter * density + limit * (1.0 - below);
    let square = (mean * mean + variance) * below - scatter * (mean + limit) * density + limit * limit * (1.0 - below);
    Drift { growth, variance: (square - growth * growth).max(0.0) }
}

/// What the mixture costs: of nine bets with equal capital about two are near the best one.
const EFFECTIVE_BETS: f64 = 5.0;
/// All bets on errors share the capital equally.
const ERROR_BETS: f64 = (SLIGHT_ERRORS.len() + HARM_ERRORS.len()) as f64;
const GROSS_BETS: f64 = GROSS_ERRORS.len() as f64;
/// Slower growth than this is rounding.
const SMALLEST_GROWTH: f64 = 1e-13;
/// So many standard deviations on each side, and as many counts besides.
const REACH: f64 = 8.0;
/// Beyond so many counts every n-th stands for its neighbours.
const MOST_TERMS: f64 = 256.0;
/// Keeps the logarithm of nothing a number.
const SMALLEST_MEAN: f64 = 1e-300;
