//! How many more canary requests a pass needs, if both arms go on as they are.
//!
//! Per canary request the log-wealth of a bet with risk ratio `RR` grows by `g` with variance `v`:
//! ```text
//! g = (p_c ln r + (p_s/rho) ln s - delta (r - 1)) / phi      v = (p_c ln² r + (p_s/rho) ln² s) / phi
//! n = ((z sqrt(v) + sqrt(z² v + 4 g L)) / (2 g))²            reached by then in 9 of 10 cases (z = 1.28)
//! ```
//! where `L` is the log-wealth still missing (drifted Brownian motion to a level).

use crate::e1::{Pair, Tilt};
use crate::grid::RiskRatio;

/// The 90 % point of the normal distribution.
const Z: f64 = 1.281_551_565_544_6;

/// What a forecast starts from.
pub(crate) struct Forecast<'a> {
    /// What was seen so far.
    pub(crate) seen: &'a Pair,
    pub(crate) delta: f64,
    pub(crate) phi: f64,
    /// The canary's share of traffic from now on.
    pub(crate) share: f64,
    /// The log-wealth still missing.
    pub(crate) missing: f64,
}

impl Forecast<'_> {
    /// Nothing when no bet would grow, or nothing was seen to go by.
    pub(crate) fn requests(&self, ratios: impl Iterator<Item = RiskRatio>) -> Option<u64> {
        if self.seen.ratio().is_none() || self.share <= 0.0 || self.share >= 1.0 {
            return None;
        }
        let needed = ratios.filter_map(|ratio| self.with(ratio)).fold(f64::INFINITY, f64::min);
        (needed < 1e18).then_some(libm::ceil(needed) as u64)
    }

    fn with(&self, ratio: RiskRatio) -> Option<f64> {
        let rho = self.share / (1.0 - self.share);
        let tilt = Tilt::new(ratio, rho);
        let stable = self.seen.stable_bad / self.seen.stable / rho;
        // Half an event towards stable, so that an empty canary does not promise too much.
        let canary = (self.seen.canary_bad + 0.5) / (self.seen.canary + 1.0);
        let growth = canary * tilt.ln_r + stable * tilt.ln_s - self.delta * tilt.r_less_one;
        let variance = canary * tilt.ln_r * tilt.ln_r + stable * tilt.ln_s * tilt.ln_s;
        let (growth, variance) = (growth / self.phi, variance / self.phi);
        if growth <= SMALLEST_GROWTH {
            return None;
        }
        let spread = Z * libm::sqrt(variance);
        let root = (spread + libm::sqrt(spread * spread + 4.0 * growth * self.missing.max(0.0))) / (2.0 * growth);
        Some(root * root)
    }
}

/// Slower growth than this is rounding.
const SMALLEST_GROWTH: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::PASS_ERRORS;

    fn needed(canary_bad: f64, missing: f64) -> Option<u64> {
        let seen = Pair { canary: 20_000.0, canary_bad, stable: 380_000.0, stable_bad: 380.0 };
        let forecast = Forecast { seen: &seen, delta: 0.001, phi: 1.0, share: 0.05, missing };
        forecast.requests(PASS_ERRORS.into_iter())
    }

    /// The planning table of the design: base 0.1 %, weight 5 %, 21.5 k requests for `ln 20 + ln 2`.
    #[test]
    fn it_agrees_with_the_planning_table() {
        let requests = needed(20.0, libm::log(40.0)).unwrap();
        assert!((20_000..26_000).contains(&requests), "{requests}");
    }

    #[test]
    fn less_is_needed_as_evidence_grows_and_nothing_helps_beyond_the_margin() {
        assert!(needed(20.0, 1.0) < needed(20.0, 3.0));
        assert_eq!(needed(45.0, 3.0), None);
    }
}
