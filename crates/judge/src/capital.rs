//! Capital on bets whose evidence is not E1: shares of traffic, means, series. Funded over time like all capital, so
//! that a fault which begins late meets fresh money; each block adds the logarithm of its evidence.

use crate::exact::wrapped;
use crate::wealth::{LARGEST_LOG, log_add_exp};

/// Capital on `K` bets, as logarithms, with equal weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Capital<const K: usize>([f64; K]);

wrapped!(Capital<const K: usize>);

impl<const K: usize> Capital<K> {
    pub(crate) const fn none() -> Capital<K> {
        Capital([f64::NEG_INFINITY; K])
    }

    /// Spreads an amount equally.
    pub(crate) fn fund(&mut self, amount: f64) {
        let each = libm::log(amount / K as f64);
        for log in &mut self.0 {
            *log = log_add_exp(*log, each);
        }
    }

    /// Adds what each bet won or lost. What is not a number is no evidence.
    pub(crate) fn settle(&mut self, won: [f64; K]) {
        for (log, won) in self.0.iter_mut().zip(won) {
            if won.is_finite() {
                *log += won;
            }
        }
    }

    /// The capital on all bets, held below `K e^600` so that it stays a number.
    pub(crate) fn total(&self) -> f64 {
        self.0.iter().map(|log| libm::exp(log.min(LARGEST_LOG))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_is_moved_and_stays_a_number() {
        let mut capital = Capital::<3>::none();
        assert_eq!(capital.total(), 0.0);
        capital.fund(0.4);
        capital.fund(0.1);
        assert!((capital.total() - 0.5).abs() < 1e-12);
        capital.settle([1e300, f64::NAN, f64::INFINITY]);
        capital.settle([1e300, -1e300, 0.0]);
        capital.fund(0.1);
        assert!(capital.total().is_finite() && capital.total() > 1e200);
    }
}
