//! Which share of requests is slow at the levels that the judge would choose, read from a histogram.

use super::Chances;
use super::normal::cdf;
use crate::recent::{Level, Recent, Shift};
use crate::settings::Quantile;
use crate::sketch::{BUCKETS, Histogram, first_edge_from, upper_edge_us};

/// The latency of stable.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail(Recent);

impl Tail {
    /// As it was measured.
    #[must_use]
    pub fn of(latency: &Histogram) -> Tail {
        let mut recent = Recent::default();
        recent.learn(latency, 0);
        Tail(recent)
    }

    /// Lognormal, which is what latency is like when nothing but two of its quantiles is known.
    #[must_use]
    pub fn lognormal(median_us: f64, sigma: f64) -> Tail {
        let mut latency = Histogram::new();
        let mut below = 0.0;
        for bucket in 0..BUCKETS as u16 {
            let up_to = cdf(libm::log(upper_edge_us(bucket) / median_us) / sigma);
            latency.add(bucket, libm::round((up_to - below) * ENOUGH) as u64);
            below = up_to;
        }
        Tail::of(&latency)
    }

    /// The chances of slow requests when the canary is as fast as stable and must be shown to be at most `margin`
    /// slower. Nothing when too few requests lie beyond the quantile, or the margin leaves what can be counted.
    #[must_use]
    pub fn unchanged(&self, quantile: Quantile, margin: f64, floor_us: u64) -> Option<Chances> {
        let level = self.level(quantile, floor_us)?;
        let canary = self.0.share_above(level.shifted(Shift::inside(margin))?);
        Some(Chances { canary, stable: self.0.share_above(level.stable), margin: 0.0 })
    }

    /// The chances of slow requests when every canary request takes `slower` as much longer (0.3 is 30 %) and a slow-down
    /// beyond `margin` is to be proved.
    #[must_use]
    pub fn slower(&self, quantile: Quantile, margin: f64, floor_us: u64, slower: f64) -> Option<Chances> {
        let level = self.level(quantile, floor_us)?;
        let limit = upper_edge_us(level.shifted(Shift::beyond(margin))?) / (1.0 + slower);
        Some(Chances { canary: self.above(limit), stable: self.0.share_above(level.stable), margin: 0.0 })
    }

    fn level(&self, quantile: Quantile, floor_us: u64) -> Option<Level> {
        self.0.edge_near(quantile.level()).map(|edge| Level::at(edge, floor_us))
    }

    /// The share of requests slower than `us`, interpolated within its bucket.
    fn above(&self, us: f64) -> f64 {
        let bucket = first_edge_from(us);
        let upper = self.0.share_above(bucket);
        let Some(before) = bucket.checked_sub(1) else {
            return upper;
        };
        let (low, high) = (upper_edge_us(before), upper_edge_us(bucket));
        let lower = self.0.share_above(before);
        upper + (lower - upper) * ((high - us) / (high - low)).clamp(0.0, 1.0)
    }
}

/// Requests in an invented histogram: so many that rounding does not show at the slowest percent.
const ENOUGH: f64 = 1e9;
