//! Latencies drawn straight into the buckets of the judge's histogram: what a block of thousands of requests costs is
//! then a few microseconds, and a rollout of hours a few milliseconds.

use crate::chance::Chance;
use judge::Histogram;
use judge::sketch::{BUCKETS, bucket_of, upper_edge_us};

/// A log-normal distribution of latencies, cut into buckets.
#[derive(Clone, Debug)]
pub(crate) struct Latencies {
    first: u16,
    /// Of the buckets in the middle: the first, and the chance of each, given that it is none before.
    middle: usize,
    given_rest: Vec<f64>,
    /// For draws one by one: from all buckets, and from those at both ends.
    all: Alias,
    ends: Alias,
}

/// Beyond this many deviations there is less than one request in ten thousand.
const TAILS: f64 = 3.8;
/// The middle: its buckets are full enough to be drawn by their mean and their deviation.
const MIDDLE: f64 = 2.5;

impl Latencies {
    /// Half of the requests take less than `median_us` microseconds; `sigma` is the deviation of the logarithm.
    pub(crate) fn new(median_us: f64, sigma: f64) -> Self {
        let center = libm::log(median_us.max(1.0));
        let edge = |deviations: f64| bucket_at(libm::exp(center + deviations * sigma));
        let (first, last) = (edge(-TAILS), edge(TAILS));
        let mut below = 0.0;
        let mut weights: Vec<f64> = (first..last)
            .map(|bucket| {
                let z = (libm::log(upper_edge_us(bucket)) - center) / sigma.max(1e-6);
                let upto = 0.5 * libm::erfc(-z / core::f64::consts::SQRT_2);
                let weight = upto - below;
                below = upto;
                weight
            })
            .collect();
        weights.push(1.0 - below);
        let middle = usize::from(edge(-MIDDLE) - first)..usize::from(edge(MIDDLE) - first);
        let mut at_the_ends = weights.clone();
        at_the_ends[middle.clone()].fill(0.0);
        Self {
            first,
            middle: middle.start,
            given_rest: given_rest(&weights[middle]),
            all: Alias::new(&weights),
            ends: Alias::new(&at_the_ends),
        }
    }

    /// How `n` requests fall into the buckets.
    pub(crate) fn draw(&self, chance: &mut Chance, n: u64) -> Histogram {
        let mut counts = vec![0; self.all.columns.len()];
        if n < MANY * counts.len() as u64 {
            self.all.draw(chance, n, &mut counts);
        } else {
            let mut left = n;
            for (count, p) in counts.iter_mut().skip(self.middle).zip(&self.given_rest) {
                *count = chance.many_of(left, *p);
                left -= *count;
            }
            self.ends.draw(chance, left, &mut counts);
        }
        let mut filled = Vec::with_capacity(counts.len());
        filled.extend((self.first..).zip(counts).filter(|(_, count)| *count > 0));
        Histogram::try_from(filled).unwrap_or_default()
    }
}

/// So many draws per bucket cost more one by one than all at once.
const MANY: u64 = 8;

/// Walker's table: every column keeps its own bucket with some chance and names one other.
#[derive(Clone, Debug)]
struct Alias {
    columns: Vec<(f64, u16)>,
}

impl Alias {
    /// Vose's construction.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "at most 1,088 buckets")]
    fn new(weights: &[f64]) -> Self {
        let (total, n) = (weights.iter().sum::<f64>(), weights.len() as f64);
        let mut scaled: Vec<f64> = weights.iter().map(|weight| weight / total * n).collect();
        let mut columns: Vec<(f64, u16)> = (0..scaled.len()).map(|i| (1.0, i as u16)).collect();
        let (mut poor, mut rich): (Vec<usize>, Vec<usize>) = (0..scaled.len()).partition(|i| scaled[*i] < 1.0);
        while let (Some(needy), Some(giver)) = (poor.pop(), rich.pop()) {
            columns[needy] = (scaled[needy], giver as u16);
            scaled[giver] -= 1.0 - scaled[needy];
            if scaled[giver] < 1.0 { poor.push(giver) } else { rich.push(giver) }
        }
        Self { columns }
    }

    fn draw(&self, chance: &mut Chance, n: u64, counts: &mut [u64]) {
        for _ in 0..n {
            let column = usize::try_from(chance.below(self.columns.len() as u64)).unwrap_or(0);
            let Some((keep, other)) = self.columns.get(column) else { continue };
            let bucket = if chance.unit() < *keep { column } else { usize::from(*other) };
            if let Some(count) = counts.get_mut(bucket) {
                *count += 1;
            }
        }
    }
}

/// The chance of each bucket, given that it is none before; the buckets that are not listed share what is left of 1.
fn given_rest(weights: &[f64]) -> Vec<f64> {
    let mut rest = 1.0;
    let share = |weight: &f64| {
        let p = (weight / rest).clamp(0.0, 1.0);
        rest -= weight;
        p
    };
    weights.iter().map(share).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "microseconds, positive")]
fn bucket_at(us: f64) -> u16 {
    bucket_of(us as u64).min(u16::try_from(BUCKETS - 1).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_drawing_have_the_quantiles_of_the_distribution() {
        let latencies = Latencies::new(40_000.0, 0.3);
        let mut chance = Chance::new(3);
        let mut one_by_one = Histogram::new();
        (0..2_000).for_each(|_| one_by_one.merge(&latencies.draw(&mut chance, 50)));
        let at_once = latencies.draw(&mut chance, 100_000);
        for (q, z) in [(0.5, 0.0), (0.95, 1.6449), (0.99, 2.3263)] {
            let exact = 40_000.0 * libm::exp(z * 0.3);
            for drawn in [&one_by_one, &at_once] {
                assert_eq!(drawn.total(), 100_000);
                let seen = drawn.quantile(q).unwrap();
                assert!((seen / exact - 1.0).abs() < 0.02, "{q}: {seen} for {exact}");
            }
        }
    }
}
