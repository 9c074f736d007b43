//! Where the buckets begin and end. Computed at compile time, so that no two machines differ in a single bit.

/// How many buckets there are. The last one ends at 16.6 minutes and also holds everything slower.
pub const BUCKETS: usize = 1088;

/// The ratio of two neighbouring edges, `1.1^(1/5)`.
pub const GAMMA: f64 = 1.019_244_876_491_456_6;

/// `ln(gamma) = ln(1.1) / 5`.
const LN_GAMMA: f64 = 0.019_062_035_960_864_97;

/// `gamma^0 .. gamma^4`; five steps are one factor of 1.1, which keeps rounding from piling up.
const STEPS: [f64; 5] = [1.0, GAMMA, 1.038_860_118_254_084_6, 1.058_852_852_921_784_7, 1.079_230_345_298_891];

static UPPER_EDGES_US: [f64; BUCKETS] = upper_edges();

const fn upper_edges() -> [f64; BUCKETS] {
    let mut edges = [0.0; BUCKETS];
    let mut decade = 1.0;
    let mut bucket = 0;
    while bucket < BUCKETS {
        edges[bucket] = decade * STEPS[bucket % 5];
        if bucket % 5 == 4 {
            decade *= 1.1;
        }
        bucket += 1;
    }
    edges
}

/// The bucket that counts a latency of `us` microseconds: the first whose upper edge is not below it.
/// What is slower than every edge is counted in the last bucket.
#[must_use]
pub fn bucket_of(us: u64) -> u16 {
    first_edge_from(us as f64)
}

/// The first bucket whose upper edge is at least `us`, or the last bucket.
pub(crate) fn first_edge_from(us: f64) -> u16 {
    let bucket = UPPER_EDGES_US.partition_point(|edge| *edge < us);
    bucket.min(BUCKETS - 1) as u16
}

/// The upper edge of a bucket in microseconds (inclusive): `gamma^bucket`. The lower edge is the upper edge of the
/// bucket before, and 0 for the first. A number past the last bucket means the last bucket.
#[must_use]
pub fn upper_edge_us(bucket: u16) -> f64 {
    UPPER_EDGES_US[usize::from(bucket).min(BUCKETS - 1)]
}

/// The smallest number of buckets that spans at least a relative `margin` (0.1 is exactly 5).
pub(crate) fn buckets_at_least(margin: f64) -> usize {
    libm::ceil(buckets_in(margin) - TOLERANCE) as usize
}

/// The largest number of buckets that spans at most a relative `margin` (0.1 is exactly 5).
pub(crate) fn buckets_at_most(margin: f64) -> usize {
    libm::floor(buckets_in(margin) + TOLERANCE) as usize
}

/// Rounding in the logarithm must not turn five buckets into six.
const TOLERANCE: f64 = 1e-9;

fn buckets_in(margin: f64) -> f64 {
    libm::log1p(margin) / LN_GAMMA
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_percent_is_exactly_five_buckets() {
        for bucket in 0..(BUCKETS - 5) as u16 {
            let ratio = upper_edge_us(bucket + 5) / upper_edge_us(bucket);
            assert!((ratio - 1.1).abs() < 1e-12, "bucket {bucket}: {ratio}");
        }
        assert_eq!((buckets_at_least(0.1), buckets_at_most(0.1)), (5, 5));
        assert_eq!((buckets_at_least(0.5), buckets_at_most(0.5)), (22, 21));
    }

    #[test]
    fn a_latency_lies_within_the_edges_of_its_bucket() {
        for us in (0..3_000).chain([99_999, 1_000_000, 59_999_999, 900_000_000]) {
            let bucket = bucket_of(us);
            assert!(us as f64 <= upper_edge_us(bucket));
            assert!(bucket == 0 || us as f64 > upper_edge_us(bucket - 1), "{us} in {bucket}");
        }
    }

    #[test]
    fn what_is_slower_than_every_edge_is_in_the_last_bucket() {
        assert_eq!(usize::from(bucket_of(u64::MAX)), BUCKETS - 1);
        assert_eq!(upper_edge_us(u16::MAX), upper_edge_us((BUCKETS - 1) as u16));
        let minutes = upper_edge_us(u16::MAX) / 60e6;
        assert!((16.5..16.7).contains(&minutes), "{minutes}");
    }
}
