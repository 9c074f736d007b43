//! The normal distribution, far into its tails.

use core::f64::consts::{FRAC_1_SQRT_2, PI};

/// `Phi(x)`.
pub(super) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// `ln Phi(x)`, also where `Phi(x)` is too small to be a number.
pub(super) fn ln_cdf(x: f64) -> f64 {
    if x > FAR {
        return libm::log(cdf(x));
    }
    let square = x * x;
    let series = 1.0 - (1.0 - (3.0 - 15.0 / square) / square) / square;
    -0.5 * square - libm::log(-x) - 0.5 * libm::log(2.0 * PI) + libm::log(series)
}

/// From here down three terms of the asymptotic series are good to eight digits.
const FAR: f64 = -20.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert!((cdf(1.281_551_565_544_6) - 0.9).abs() < 1e-12);
        assert!((cdf(-3.0) - 0.001_349_898_031_630_1).abs() < 1e-15);
        assert!((ln_cdf(-10.0) - -53.231_285_151_2).abs() < 1e-9);
    }

    #[test]
    fn both_forms_agree_where_they_meet() {
        let (near, far) = (ln_cdf(FAR + 1e-9), ln_cdf(FAR - 1e-9));
        assert!((near - far).abs() < 1e-6, "{near} {far}");
        assert!(ln_cdf(-1e6).is_finite());
    }
}
