//! The difference of two means, with bounds that hold at every look once there are many users.
//!
//! For an average over `n` users whose deviation is estimated as `sigma`, the interval
//! ```text
//! estimate ± sigma sqrt( 2 (n rho² + 1) / (n² rho²) · ln( sqrt(n rho² + 1) / alpha ) )
//! ```
//! covers at all `n` from some number on together with a probability that tends to `1 - alpha` as that number grows
//! (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
//! Annals of Statistics 2024, arXiv 2103.06476, Theorem 2.2). For a difference of means `sigma²` is `n` times its variance,
//! `v_1/n_1 + v_2/n_2`. The statement is asymptotic: with few users, or where a handful of users has nearly all of the sum,
//! the interval is too narrow. So nothing is said before [`LEAST_USERS`], and senders do well to cut extreme values.

use crate::counts::Moments;
use crate::interval::Interval;

/// In each variant, before anything is said.
pub const LEAST_USERS: u64 = 1_000;

/// The number of users at which the interval is sharpest, `rho² = (-2 ln alpha + ln(1 - 2 ln alpha)) / n`; it must not depend on
/// the data.
const SHARPEST_AT: f64 = 5_000.0;

/// Bounds of the difference of the means, variant minus control, each wrong with a probability of `side` over all looks
/// together. Nothing with too few users or with sums that are none. A user may have been counted `stretches` times.
#[must_use]
pub fn difference(control: &Moments, variant: &Moments, side: f64, stretches: u32) -> Option<Interval> {
    if control.users.min(variant.users) < LEAST_USERS {
        return None;
    }
    let variance = control.variance()? / control.users as f64 + variant.variance()? / variant.users as f64;
    let n = control.users as f64 + variant.users as f64;
    let alpha = 2.0 * side;
    let spent = -2.0 * libm::log(alpha);
    let squared = (spent + libm::log(spent + 1.0)) / SHARPEST_AT * n;
    let scale = 2.0 * (squared + 1.0) / squared * libm::log(libm::sqrt(squared + 1.0) / alpha);
    let width = libm::sqrt(variance * f64::from(stretches.max(1)) * scale);
    let middle = variant.mean()? - control.mean()?;
    let found = Interval { low: middle - width, high: middle + width };
    (found.low.is_finite() && found.high.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` users of whom half have `mean - sd` and half `mean + sd`.
    fn two_values(n: u64, mean: f64, sd: f64) -> Moments {
        let users = n as f64;
        Moments { users: n, sum: users * mean, sum_squares: users * (mean * mean + sd * sd) }
    }

    #[test]
    fn few_users_say_nothing() {
        assert_eq!(difference(&two_values(999, 1.0, 1.0), &two_values(9_000, 1.0, 1.0), 0.025, 1), None);
        assert!(difference(&two_values(1_000, 1.0, 1.0), &two_values(9_000, 1.0, 1.0), 0.025, 1).is_some());
    }

    #[test]
    fn sums_that_are_no_sums_say_nothing() {
        let wrong = Moments { users: 2_000, sum: f64::INFINITY, sum_squares: 1.0 };
        assert_eq!(difference(&wrong, &two_values(2_000, 1.0, 1.0), 0.025, 1), None);
    }

    #[test]
    fn users_counted_twice_are_no_more_evidence_than_users_counted_once() {
        let once = difference(&two_values(4_000, 5.0, 2.0), &two_values(4_000, 5.5, 2.0), 0.025, 1).unwrap();
        let twice = difference(&two_values(8_000, 5.0, 2.0), &two_values(8_000, 5.5, 2.0), 0.025, 2).unwrap();
        let width = |of: Interval| of.high - of.low;
        assert!(width(twice) > 0.95 * width(once), "{twice:?} {once:?}");
    }
}
