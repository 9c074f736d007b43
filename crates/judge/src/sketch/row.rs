//! Weights per latency bucket without gaps, for sums over many blocks: adding a block is an index and an addition.

use alloc::vec::Vec;

use super::histogram::{Histogram, within};
use super::layout::BUCKETS;
use crate::exact::{Damage, Exact, Reader, Writer, read_new, rounded};

/// One weight for each bucket from the first to the last that ever occurred.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    first: u16,
    weights: Vec<f64>,
    total: f64,
}

/// Counts of whole requests are written as such: they are most of the state.
impl Exact for Row {
    fn write(&self, to: &mut Writer) {
        let Row { first, weights, total } = self;
        let whole = |weight: &f64| f64::from(*weight as u32) == *weight && weight.is_sign_positive();
        let counts = weights.iter().all(whole);
        (*first, counts).write(to);
        if counts {
            weights.iter().map(|weight| *weight as u32).collect::<Vec<u32>>().write(to);
        } else {
            weights.write(to);
        }
        total.write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let (first, counts) = read_new(from)?;
        self.first = first;
        self.weights =
            if counts { read_new::<Vec<u32>>(from)?.into_iter().map(f64::from).collect() } else { read_new(from)? };
        self.total.read(from)?;
        let fits = usize::from(first) + self.weights.len() <= BUCKETS;
        if fits { Ok(()) } else { Err(Damage::Contradiction("Row")) }
    }
}

impl Row {
    /// Adds a histogram whose requests weigh `unit` each.
    pub(crate) fn add(&mut self, histogram: &Histogram, unit: f64) {
        let (Some(low), Some(high)) = (histogram.iter().next(), histogram.iter().next_back()) else {
            return;
        };
        self.reach(low.0, high.0);
        let first = self.first;
        for (bucket, count) in histogram.iter() {
            if let Some(weight) = self.weights.get_mut(usize::from(bucket - first)) {
                *weight += count as f64 * unit;
            }
        }
        self.total += histogram.total() as f64 * unit;
    }

    /// Makes all weights smaller, and forgets those that become next to nothing.
    pub(crate) fn scale(&mut self, factor: f64) {
        for weight in &mut self.weights {
            *weight *= factor;
            if *weight < NEXT_TO_NOTHING {
                *weight = 0.0;
            }
        }
        self.total = self.weights.iter().sum();
    }

    /// Keeps three or four digits of each weight, far more than so many requests tell, for the state to stay small.
    pub(crate) fn round(&mut self) {
        self.weights.iter_mut().for_each(|weight| *weight = rounded::<WEIGHT_BITS>(*weight));
        self.total = self.weights.iter().sum();
    }

    /// Forgets all requests but keeps the room.
    pub(crate) fn clear(&mut self) {
        self.weights.clear();
        self.total = 0.0;
    }

    pub(crate) fn total(&self) -> f64 {
        self.total
    }

    /// The weight above each bucket, from the first bucket on, written into `above`; and the sum of all.
    pub(crate) fn sum_above(&self, above: &mut Vec<f64>) -> f64 {
        above.resize(self.weights.len(), 0.0);
        let mut sum = 0.0;
        for (above, weight) in above.iter_mut().zip(&self.weights).rev() {
            *above = sum;
            sum += weight;
        }
        sum
    }

    /// The latency in microseconds below which a share `q` lies; nothing before the first request.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        let target = (1.0 - q) * self.total;
        let mut above = 0.0;
        for (at, &weight) in self.weights.iter().enumerate().rev() {
            if weight > 0.0 && above + weight >= target {
                return Some(within(self.bucket(at), ((above + weight - target) / weight).clamp(0.0, 1.0)));
            }
            above += weight;
        }
        self.weights.iter().position(|&weight| weight > 0.0).map(|at| within(self.bucket(at), 0.0))
    }

    /// The place of a bucket, when it is not below the first.
    pub(crate) fn place(&self, bucket: u16) -> Option<usize> {
        bucket.checked_sub(self.first).map(usize::from)
    }

    pub(crate) fn bucket(&self, place: usize) -> u16 {
        self.first.saturating_add(place as u16)
    }

    pub(crate) fn weight(&self, place: usize) -> f64 {
        self.weights.get(place).copied().unwrap_or(0.0)
    }

    fn reach(&mut self, low: u16, high: u16) {
        if self.weights.is_empty() {
            self.first = low;
        }
        if low < self.first {
            let room = core::iter::repeat_n(0.0, usize::from(self.first - low));
            self.weights.splice(0..0, room);
            self.first = low;
        }
        let length = usize::from(high - self.first) + 1;
        if length > self.weights.len() {
            self.weights.resize(length, 0.0);
        }
    }
}

/// To within 1/8192, where what a block adds is about 1/40 of a weight.
const WEIGHT_BITS: u32 = 12;

/// A request this far back is gone.
const NEXT_TO_NOTHING: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[u16]) -> Histogram {
        let mut histogram = Histogram::new();
        buckets.iter().for_each(|&bucket| histogram.add(bucket, 10));
        histogram
    }

    #[test]
    fn it_reaches_in_both_directions() {
        let mut row = Row::default();
        row.add(&histogram(&[500, 510]), 1.0);
        row.add(&histogram(&[490, 520]), 2.0);
        row.add(&Histogram::new(), 2.0);
        assert_eq!(row.total(), 60.0);
        let weight = |bucket| row.place(bucket).map(|place| row.weight(place));
        assert_eq!(
            [weight(490), weight(500), weight(505), weight(520)],
            [Some(20.0), Some(10.0), Some(0.0), Some(20.0)]
        );
        assert_eq!((row.place(489), weight(900)), (None, Some(0.0)));
    }

    #[test]
    fn quantiles_are_those_of_a_histogram() {
        let (mut row, mut histogram) = (Row::default(), Histogram::new());
        (1..5_000).for_each(|us| histogram.record(us * us));
        row.add(&histogram, 0.25);
        for q in [0.0, 0.3, 0.5, 0.95, 0.999, 1.0] {
            let (found, expected) = (row.quantile(q).unwrap(), histogram.quantile(q).unwrap());
            assert!((found / expected.max(1e-3) - 1.0).abs() < 0.02 || found == expected, "{q}: {found} {expected}");
        }
        assert_eq!(Row::default().quantile(0.5), None);
    }

    #[test]
    fn what_is_scaled_away_is_gone() {
        let mut row = Row::default();
        row.add(&histogram(&[5]), 1.0);
        row.scale(1e-20);
        assert_eq!((row.total(), row.quantile(0.5)), (0.0, None));
    }
}
