//! How often something happens, and what is not excluded.

use libm::{exp, lgamma, log, log1p};
use serde::Serialize;

/// A rate with its exact 95 % interval (Clopper and Pearson): it holds for none in a few as well.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proportion {
    /// How many.
    pub count: u64,
    /// Of so many.
    pub of: u64,
    /// The rate; 0 of none is 0.
    pub rate: f64,
    /// The lowest rate that is not excluded.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

/// What `count` of `of` say.
#[must_use]
pub fn proportion(count: u64, of: u64) -> Proportion {
    let count = count.min(of);
    let rate = if of == 0 { 0.0 } else { count as f64 / of as f64 };
    let low = if count == 0 { 0.0 } else { bisect(|p| 1.0 - at_most(count - 1, of, p) < TAIL) };
    let high = if count == of { 1.0 } else { bisect(|p| at_most(count, of, p) > TAIL) };
    Proportion { count, of, rate, low, high }
}

/// What is cut off at each end.
const TAIL: f64 = 0.025;

/// Where `below` stops to hold, between 0 and 1.
fn bisect(below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The probability of at most `count` in `of`.
fn at_most(count: u64, of: u64, p: f64) -> f64 {
    let n = of as f64;
    let term = |k: u64| {
        let k = k as f64;
        exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) + (n - k) * log1p(-p))
    };
    (0..=count).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        for (count, of, low, high) in [
            (0, 10, 0.0, 0.3085),
            (1, 10, 0.0025, 0.4450),
            (5, 10, 0.1871, 0.8129),
            (10, 10, 0.6915, 1.0),
            (2, 200, 0.0012, 0.0357),
        ] {
            let found = proportion(count, of);
            assert!((found.low - low).abs() < 1e-4 && (found.high - high).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn nothing_says_nothing() {
        let nothing = proportion(0, 0);
        assert!(nothing.rate == 0.0 && nothing.low == 0.0 && nothing.high == 1.0);
    }
}
