//! Counts per latency bucket, sparse: a service uses a few dozen of the buckets.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::layout::{BUCKETS, bucket_of, upper_edge_us};

/// Requests per latency bucket. Two histograms merge by adding counts; nothing is lost by merging.
///
/// Written as an array of `[bucket, count]`, buckets rising; what is read is checked ([`Malformed`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<(u16, u64)>")]
pub struct Histogram {
    /// Buckets strictly rising and below [`BUCKETS`], counts above zero, their sum within `u64`.
    counts: Vec<(u16, u64)>,
    total: u64,
}

impl Histogram {
    /// A histogram of no request.
    #[must_use]
    pub const fn new() -> Histogram {
        Histogram { counts: Vec::new(), total: 0 }
    }

    /// Counts one request that took `us` microseconds.
    pub fn record(&mut self, us: u64) {
        self.add(bucket_of(us), 1);
    }

    /// Counts `count` requests in `bucket`. A number past the last bucket means the last bucket (which holds
    /// everything slower), and counts stop at what `u64` holds.
    pub fn add(&mut self, bucket: u16, count: u64) {
        let count = count.min(u64::MAX - self.total);
        if count == 0 {
            return;
        }
        let bucket = bucket.min((BUCKETS - 1) as u16);
        match self.counts.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(at) => self.counts[at].1 += count,
            Err(at) => self.counts.insert(at, (bucket, count)),
        }
        self.total += count;
    }

    /// Adds the counts of another histogram to this one.
    pub fn merge(&mut self, other: &Histogram) {
        for &(bucket, count) in &other.counts {
            self.add(bucket, count);
        }
    }

    /// How many requests were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many requests were slower than the upper edge of `bucket`.
    #[must_use]
    pub fn count_above(&self, bucket: u16) -> u64 {
        self.counts.iter().rev().take_while(|entry| entry.0 > bucket).map(|entry| entry.1).sum()
    }

    /// The latency in microseconds below which a share `q` of the requests lies, interpolated within its bucket.
    /// Nothing when there is no request or `q` is not between 0 and 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.total == 0 || !(0.0..=1.0).contains(&q) {
            return None;
        }
        let rank = q * self.total as f64;
        let mut below = 0.0;
        for &(bucket, count) in &self.counts {
            let count = count as f64;
            if below + count >= rank {
                return Some(within(bucket, (rank - below) / count));
            }
            below += count;
        }
        self.counts.last().map(|entry| upper_edge_us(entry.0))
    }

    /// The non-empty buckets with their counts, buckets rising.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u16, u64)> + ExactSizeIterator + '_ {
        self.counts.iter().copied()
    }
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.counts)
    }
}

/// The latency at a `share` of the way through a bucket.
pub(super) fn within(bucket: u16, share: f64) -> f64 {
    let lower = if bucket == 0 { 0.0 } else { upper_edge_us(bucket - 1) };
    lower + share * (upper_edge_us(bucket) - lower)
}

/// Why an array of `[bucket, count]` is not a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A bucket is not above the one before it.
    NotRising {
        /// The bucket that is out of order.
        bucket: u16,
    },
    /// There is no such bucket in this layout.
    OutOfRange {
        /// The bucket that does not exist.
        bucket: u16,
    },
    /// The counts together exceed what can be counted.
    Overflow,
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::NotRising { bucket } => {
                write!(out, "latency bucket {bucket} is listed twice or after a higher one; list each once, rising")
            }
            Malformed::OutOfRange { bucket } => {
                write!(out, "latency bucket {bucket} does not exist; the last one is {}", BUCKETS - 1)
            }
            Malformed::Overflow => out.write_str("the latency counts together exceed 2^64 - 1"),
        }
    }
}

impl core::error::Error for Malformed {}

impl TryFrom<Vec<(u16, u64)>> for Histogram {
    type Error = Malformed;

    fn try_from(counts: Vec<(u16, u64)>) -> Result<Histogram, Malformed> {
        let mut total: u64 = 0;
        let mut before = None;
        for &(bucket, count) in &counts {
            if usize::from(bucket) >= BUCKETS {
                return Err(Malformed::OutOfRange { bucket });
            }
            if before.is_some_and(|before| before >= bucket) {
                return Err(Malformed::NotRising { bucket });
            }
            before = Some(bucket);
            total = total.checked_add(count).ok_or(Malformed::Overflow)?;
        }
        let counts = counts.into_iter().filter(|entry| entry.1 > 0).collect();
        Ok(Histogram { counts, total })
    }
}

impl From<Histogram> for Vec<(u16, u64)> {
    fn from(histogram: Histogram) -> Vec<(u16, u64)> {
        histogram.counts
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn counts_above_an_edge_and_quantiles_agree_with_the_recorded_values() {
        let mut histogram = Histogram::new();
        (1..=10_000).for_each(|us| histogram.record(us * 10));
        assert_eq!(histogram.total(), 10_000);
        let edge = bucket_of(50_000);
        let above = (1..=10_000).filter(|us| (us * 10) as f64 > upper_edge_us(edge)).count() as u64;
        assert_eq!(histogram.count_above(edge), above);
        for q in [0.01, 0.5, 0.95, 0.99] {
            let exact = q * 100_000.0;
            let read = histogram.quantile(q).unwrap();
            assert!((read / exact - 1.0).abs() < 0.01, "{q}: {read} for {exact}");
        }
    }

    #[test]
    fn merging_is_recording_both() {
        let (mut left, mut right, mut both) = (Histogram::new(), Histogram::new(), Histogram::new());
        for us in [5, 90, 90, 1_000, 70_000] {
            left.record(us);
            both.record(us);
        }
        for us in [1, 90, 2_000_000_000] {
            right.record(us);
            both.record(us);
        }
        left.merge(&right);
        assert_eq!(left, both);
    }

    #[test]
    fn nothing_is_known_of_no_request() {
        assert_eq!(Histogram::new().quantile(0.5), None);
        let mut one = Histogram::new();
        one.record(100);
        assert_eq!(one.quantile(f64::NAN), None);
        assert_eq!(one.quantile(1.5), None);
    }

    #[test]
    fn counts_stop_at_what_u64_holds() {
        let mut histogram = Histogram::new();
        histogram.add(3, u64::MAX);
        histogram.add(9_999, 7);
        assert_eq!(histogram.total(), u64::MAX);
        assert_eq!(histogram.count_above(3), 0);
    }

    #[test]
    fn what_is_read_is_checked() {
        assert_eq!(Histogram::try_from(vec![(7, 1), (7, 1)]), Err(Malformed::NotRising { bucket: 7 }));
        assert_eq!(Histogram::try_from(vec![(1_088, 1)]), Err(Malformed::OutOfRange { bucket: 1_088 }));
        assert_eq!(Histogram::try_from(vec![(1, u64::MAX), (2, 1)]), Err(Malformed::Overflow));
        assert_eq!(Histogram::try_from(vec![(1, 0)]), Ok(Histogram::new()));
    }
}
