//! The difference of two conversion rates, with bounds that hold at every look: the judge's own bet ([`judge::e1`]), turned
//! from blocks of requests to users dealt by chance.
//!
//! Of `n` users in both variants each was dealt to the variant with the probability `theta` that the split names. With
//! `rho = theta / (1 - theta)` and `s = 1 - rho (r - 1)` a user multiplies the bet against "the difference is at most `delta`" by
//! `r` if the variant converted them, by `s` if the control did, and by `exp(-theta delta (r - 1))` in any case. Its
//! expectation is at most
//! ```text
//! (1 + theta (r - 1) (p_variant - p_control)) exp(-theta delta (r - 1)) <= exp(theta (r - 1) (p_variant - p_control - delta)) <= 1
//! ```
//! so the product is a test supermartingale (Ville), whoever the users are and however their habits change. That is E1 with the
//! users that the split promised in place of those that came, and it needs the totals only.
//!
//! How late conversions are told does not matter at `delta = 0`: without an effect, whom a conversion belongs to is decided by the
//! deal alone. Away from 0 a user who has not converted yet counts as one who has not, in both variants alike.

use crate::interval::Interval;
use judge::e1::{Pair, log_e_value};

/// How much larger one rate is than the other, by which the bets are made: each twice as far from 1 as the one before, so that
/// whatever the difference and the number of users, one bet is near the best.
const RATIOS: [f64; 10] = [1.005, 1.01, 1.02, 1.04, 1.08, 1.16, 1.32, 1.64, 2.28, 3.56];

/// Two to the minus 40: far below any difference that users would notice.
const HALVINGS: u32 = 40;

/// Users of one variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converted {
    /// How many saw it.
    pub users: u64,
    /// How many of them converted.
    pub converted: u64,
}

/// Two variants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dealt {
    /// What others are compared with.
    pub control: Converted,
    /// The other.
    pub variant: Converted,
    /// The probability of the variant, for a user who gets one of the two.
    pub theta: f64,
}

impl Dealt {
    /// Bounds of the difference of the rates, each wrong with a probability of at most `side` over all looks together. A user may
    /// have been counted `stretches` times.
    #[must_use]
    pub fn difference(&self, side: f64, stretches: u32) -> Interval {
        let needed = -libm::log(side);
        let evidence =
            |delta: f64, ratio: &dyn Fn(f64) -> f64| self.log_mean(delta, ratio, f64::from(stretches.max(1))) >= needed;
        Interval {
            low: last_refuted(-1.0, 1.0, |delta| evidence(delta, &|ratio| ratio)),
            high: last_refuted(1.0, -1.0, |delta| evidence(delta, &|ratio| 1.0 / ratio)),
        }
    }

    /// The logarithm of the capital of equal bets against `delta`.
    fn log_mean(&self, delta: f64, ratio: &dyn Fn(f64) -> f64, stretches: f64) -> f64 {
        let users = self.control.users as f64 + self.variant.users as f64;
        let promised = Pair {
            canary: users * self.theta,
            canary_bad: self.variant.converted as f64,
            stable: users * (1.0 - self.theta),
            stable_bad: self.control.converted as f64,
        };
        let logs = RATIOS.map(|of| log_e_value(&promised, ratio(of), delta) / stretches);
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|log| libm::exp(log - most)).sum();
        most + libm::log(sum / RATIOS.len() as f64)
    }
}

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

    fn dealt(control: (u64, u64), variant: (u64, u64), theta: f64) -> Dealt {
        let of = |(users, converted)| Converted { users, converted };
        Dealt { control: of(control), variant: of(variant), theta }
    }

    #[test]
    fn nothing_is_known_of_nobody() {
        assert_eq!(dealt((0, 0), (0, 0), 0.5).difference(0.025, 1), Interval { low: -1.0, high: 1.0 });
        let few = dealt((3, 3), (3, 0), 0.5).difference(0.025, 1);
        assert!(few.low < -0.9 && few.high > 0.0, "{few:?}");
    }

    #[test]
    fn bounds_close_in_on_the_difference() {
        let mut before = f64::INFINITY;
        for times in [1, 10, 100, 1_000, 10_000] {
            let found = dealt((1_000 * times, 100 * times), (1_000 * times, 120 * times), 0.5).difference(0.025, 1);
            assert!(found.low < 0.02 && 0.02 < found.high, "{times}: {found:?}");
            assert!(found.high - found.low < before);
            before = found.high - found.low;
        }
        assert!(before < 0.004, "{before}");
    }

    #[test]
    fn swapping_the_variants_turns_the_interval_round() {
        let one = dealt((9_000, 900), (1_000, 130), 0.1).difference(0.025, 1);
        let other = dealt((1_000, 130), (9_000, 900), 0.9).difference(0.025, 1);
        assert!((one.low + other.high).abs() < 1e-9 && (one.high + other.low).abs() < 1e-9, "{one:?} {other:?}");
    }

    /// The expectation over every deal and every outcome of a few users of many kinds, at the boundary of the null.
    #[test]
    fn its_expectation_is_at_most_one_whoever_the_users_are() {
        for (theta, delta) in [(0.5, 0.0), (0.2, 0.1), (0.8, -0.05)] {
            for ratio in [1.005, 1.64, 3.56, 1.0 / 1.64, 1.0 / 3.56] {
                let mut expected = 1.0;
                for habit in [0.06, 0.3, 0.7, 0.89] {
                    let one = |variant: (u64, u64), control: (u64, u64)| {
                        let pair = dealt(control, variant, theta);
                        let users = (pair.control.users + pair.variant.users) as f64;
                        let promised = Pair {
                            canary: users * theta,
                            canary_bad: pair.variant.converted as f64,
                            stable: users * (1.0 - theta),
                            stable_bad: pair.control.converted as f64,
                        };
                        log_e_value(&promised, ratio, delta).exp()
                    };
                    let with = habit + delta;
                    expected *= theta * (with * one((1, 1), (0, 0)) + (1.0 - with) * one((1, 0), (0, 0)))
                        + (1.0 - theta) * (habit * one((0, 0), (1, 1)) + (1.0 - habit) * one((0, 0), (1, 0)));
                }
                assert!(expected <= 1.0 + 1e-12, "{theta} {delta} {ratio}: {expected}");
                assert!(expected > 0.5, "{theta} {delta} {ratio}: the bet gives too much away: {expected}");
            }
        }
    }
}
