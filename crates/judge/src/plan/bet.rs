//! Which ratio to bet on, and what the bet yields.

use super::Chances;
use super::passage::Drift;
use crate::e1::Tilt;
use crate::grid::RiskRatio;

/// Growth per canary request of a bet by E1, `rho` being canary requests per stable request.
pub(super) fn per_request(chances: &Chances, rho: f64, ratio: RiskRatio) -> Drift {
    let tilt = Tilt::new(ratio, rho);
    let stable = chances.stable / rho;
    Drift {
        growth: chances.canary * tilt.ln_r + stable * tilt.ln_s - chances.margin * tilt.r_less_one,
        variance: chances.canary * tilt.ln_r * tilt.ln_r + stable * tilt.ln_s * tilt.ln_s,
    }
}

/// Which way a bet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Toward {
    /// Ratios above 1.
    Harm,
    /// Ratios below 1.
    Pass,
}

/// The ratio with the largest growth, by golden section over its logarithm.
pub(super) fn fastest(toward: Toward, growth: impl Fn(RiskRatio) -> f64) -> RiskRatio {
    let (mut low, mut high) = match toward {
        Toward::Harm => (1e-9, LARGEST_LN),
        Toward::Pass => (-LARGEST_LN, -1e-9),
    };
    let of = |ln: f64| growth(by_ln(ln));
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (of(left), of(right));
    for _ in 0..STEPS {
        if at_left > at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = of(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = of(right);
        }
    }
    by_ln((low + high) / 2.0)
}

pub(super) fn by_ln(ln: f64) -> RiskRatio {
    RiskRatio { value: libm::exp(ln), ln }
}

/// Powers of the fastest ratio that are tried: to bet a little less grows more slowly and scatters less.
pub(super) const POWERS: [f64; 13] = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1];

/// `ln 10^4`.
const LARGEST_LN: f64 = 9.210_340_371_976_182;
/// `(sqrt(5) - 1) / 2`.
const GOLDEN: f64 = 0.618_033_988_749_894_8;
/// Narrows the bracket to the 17th digit.
const STEPS: u32 = 80;
