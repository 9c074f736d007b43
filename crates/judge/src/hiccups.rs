//! How strongly slow requests cluster, read from stable alone.
//!
//! A process that is not scheduled for a moment, a pause of a garbage collector, a slow disk: every request that waits
//! for it is slow at once. Counted as independent they would prove anything. Latency is not counted by user, so the spread
//! is read between successive blocks of stable, at the very levels that are judged:
//! `phi = (sum (x1 - x2)² ...) / (sum of what independent requests would show)`, as [`Spread`] has it. It takes real ups and
//! downs for clusters and so errs on the careful side. Stable usually has more traffic, and so more requests in each
//! cluster, than the canary that the factor is used for.

use crate::exact::wrapped;
use crate::settings::Quantile;
use crate::sketch::Histogram;
use crate::slowness::Levels;
use crate::spread::Spread;

/// The dispersion of stable's slow requests, at each level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hiccups([Spread; 3]);

wrapped!(Hiccups);

impl Hiccups {
    pub(crate) fn none_seen() -> Hiccups {
        Hiccups([Spread::new(), Spread::new(), Spread::new()])
    }

    /// The factor for the next block.
    pub(crate) fn phi(&self, quantile: Quantile) -> f64 {
        self.0[quantile.index()].phi()
    }

    /// Takes stable's latencies of a block that ended at `now_ms`, at the levels that were known before it.
    pub(crate) fn learn(&mut self, levels: &Levels, stable: &Histogram, now_ms: i64) {
        for (quantile, spread) in Quantile::ALL.into_iter().zip(&mut self.0) {
            if let Some(level) = levels.of(quantile) {
                spread.learn_successive(stable.total() as f64, stable.count_above(level.stable) as f64, now_ms);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand requests a block, one in twenty slow, and in every tenth block a stall that catches `caught` more.
    fn after(caught: u64) -> Hiccups {
        let mut levels = Levels::default();
        let mut hiccups = Hiccups::none_seen();
        for number in 0..200 {
            let stalled = if number % 10 == 9 { caught } else { 0 };
            let mut block = Histogram::new();
            block.add(crate::sketch::bucket_of(5_000), 950 - stalled);
            block.add(crate::sketch::bucket_of(20_000), 40 + (number * 7) % 21 + stalled);
            let now_ms = number as i64 * 10_000;
            hiccups.learn(&levels, &block, now_ms);
            levels.learn(&block, now_ms, 1_000);
        }
        hiccups
    }

    #[test]
    fn requests_that_are_slow_together_scatter_more() {
        assert!(after(0).phi(Quantile::P95) < 2.0, "{}", after(0).phi(Quantile::P95));
        assert!(after(300).phi(Quantile::P95) > 20.0, "{}", after(300).phi(Quantile::P95));
    }

    #[test]
    fn nothing_is_known_of_nothing() {
        assert_eq!(Hiccups::none_seen().phi(Quantile::P50), 1.0);
    }
}
