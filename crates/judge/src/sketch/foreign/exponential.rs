//! Buckets that grow by a fixed factor, `2^(2^-schema)`: Prometheus native histograms, and OTel exponential ones, which count
//! their buckets from the lower edge instead of the upper one. The resolution may be lowered under way, by joining pairs of
//! buckets; it is the only way in which these edges may change.

use alloc::vec::Vec;

use super::place::place;
use super::{Edges, Refused};
use crate::sketch::Histogram;

/// More buckets than this are a mistake or an attack: 512 cover nine decades at a growth of 4 %.
pub const MOST_BUCKETS: usize = 4_096;

const COARSEST: i32 = -4;
const FINEST: i32 = 8;
/// Beyond it an edge in seconds is no time that anybody waits: 2^±64.
const MOST_OCTAVES: u64 = 64;

/// Counts by bucket since a counter began, in seconds. Bucket `i` reaches from `base^(i-1)`, exclusive, to `base^i`,
/// inclusive.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponential {
    schema: i32,
    /// Requests that took next to no time, and what counts as that.
    zero: u64,
    zero_us: f64,
    /// By index, rising, without empty ones.
    buckets: Vec<(i64, u64)>,
}

impl Exponential {
    /// A Prometheus native histogram, from its buckets by index. `zero_threshold` is in seconds.
    ///
    /// # Errors
    /// A schema that is not one of -4 to 8, indices that do not rise or lead to no time, more than [`MOST_BUCKETS`].
    pub fn native(schema: i32, zero_threshold: f64, zero: u64, buckets: &[(i64, u64)]) -> Result<Exponential, Refused> {
        if !(COARSEST..=FINEST).contains(&schema) {
            return Err(Refused::UnknownSchema { schema });
        }
        if buckets.len() > MOST_BUCKETS {
            return Err(Refused::too_many_buckets(buckets.len()));
        }
        if zero_threshold.is_nan() {
            return Err(Refused::NotANumber);
        }
        if !(0.0..1e9).contains(&zero_threshold) {
            return Err(if zero_threshold < 0.0 { Refused::Negative } else { Refused::Infinite });
        }
        let mut before = None;
        for &(index, _) in buckets {
            if octave(index, schema).unsigned_abs() > MOST_OCTAVES {
                return Err(Refused::OutOfRange { index });
            }
            if before.is_some_and(|before| before >= index) {
                return Err(Refused::NotRising { edge_us: edge_us(index, schema) });
            }
            before = Some(index);
        }
        let buckets = buckets.iter().copied().filter(|bucket| bucket.1 > 0).collect();
        Ok(Exponential { schema, zero, zero_us: zero_threshold * 1e6, buckets })
    }

    /// The positive range of an OTel exponential histogram whose unit is the second: bucket `offset + i` reaches from
    /// `base^(offset+i)` to `base^(offset+i+1)`.
    ///
    /// # Errors
    /// As for [`Exponential::native`].
    pub fn otel(
        scale: i32,
        zero_threshold: f64,
        zero: u64,
        offset: i32,
        counts: &[u64],
    ) -> Result<Exponential, Refused> {
        if counts.len() > MOST_BUCKETS {
            return Err(Refused::too_many_buckets(counts.len()));
        }
        let first = i64::from(offset) + 1;
        let buckets: Vec<_> = (first..).zip(counts.iter().copied()).filter(|bucket| bucket.1 > 0).collect();
        Exponential::native(scale, zero_threshold, zero, &buckets)
    }

    /// How fine the buckets are: their growth is `2^(2^-schema)`.
    #[must_use]
    pub fn schema(&self) -> i32 {
        self.schema
    }

    /// The same buckets before anything was counted.
    #[must_use]
    pub fn none_of_it(&self) -> Exponential {
        Exponential { zero: 0, buckets: Vec::new(), ..*self }
    }

    /// The same counts with fewer buckets; one that is coarser already stays as it is.
    #[must_use]
    pub fn at_most(&self, schema: i32) -> Exponential {
        let steps = self.schema.saturating_sub(schema.max(COARSEST)).max(0);
        let mut buckets: Vec<(i64, u64)> = Vec::with_capacity(self.buckets.len());
        for &(index, count) in &self.buckets {
            // Upper edges join upwards: of 2 and 1 the upper one is 2.
            let index = index.saturating_add((1 << steps) - 1) >> steps;
            match buckets.last_mut() {
                Some(last) if last.0 == index => last.1 = last.1.saturating_add(count),
                _ => buckets.push((index, count)),
            }
        }
        Exponential { schema: self.schema - steps, buckets, ..*self }
    }

    /// What was counted since `before`, at the coarser of both resolutions.
    ///
    /// # Errors
    /// A count that fell, or another idea of what is next to nothing.
    pub fn since(&self, before: &Exponential) -> Result<Histogram, Refused> {
        let schema = self.schema.min(before.schema);
        let (after, before) = (self.at_most(schema), before.at_most(schema));
        if after.zero_us.total_cmp(&before.zero_us).is_ne() {
            return Err(Refused::EdgesChanged);
        }
        let mut histogram = Histogram::new();
        if after.zero < before.zero || before.buckets.iter().any(|(index, count)| after.count(*index) < *count) {
            return Err(Refused::Reset);
        }
        let nothing = after.zero_us.max(1e-3);
        place(&mut histogram, nothing, nothing, before.zero, after.zero);
        for &(index, count) in &after.buckets {
            let (lower, upper) = (edge_us(index - 1, schema), edge_us(index, schema));
            place(&mut histogram, lower, upper, before.count(index), count);
        }
        Ok(histogram)
    }

    /// The edges of the buckets that have counts, for [`Edges::compare`].
    ///
    /// # Errors
    /// No bucket has any, or more than can be compared.
    pub fn edges(&self) -> Result<Edges, Refused> {
        let (Some(first), Some(last)) = (self.buckets.first(), self.buckets.last()) else {
            return Err(Refused::NoEdges);
        };
        let span = usize::try_from(last.0 - first.0).unwrap_or(usize::MAX);
        if span >= super::MOST_EDGES {
            return Err(Refused::too_many_edges(span));
        }
        let seconds: Vec<f64> = (first.0..=last.0).map(|index| edge_us(index, self.schema) / 1e6).collect();
        Edges::from_seconds(&seconds)
    }

    fn count(&self, index: i64) -> u64 {
        self.buckets.binary_search_by_key(&index, |bucket| bucket.0).map_or(0, |at| self.buckets[at].1)
    }
}

/// The power of two below the upper edge of a bucket.
fn octave(index: i64, schema: i32) -> i64 {
    if schema >= 0 { index >> schema } else { index.saturating_mul(1 << -schema) }
}

fn edge_us(index: i64, schema: i32) -> f64 {
    1e6 * libm::exp2(libm::ldexp(index as f64, -schema))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::bucket_of;
    use alloc::vec;
    use proptest::prelude::*;

    fn native(schema: i32, buckets: &[(i64, u64)]) -> Exponential {
        Exponential::native(schema, 0.0, 0, buckets).unwrap()
    }

    #[test]
    fn edges_are_where_prometheus_has_them() {
        for (schema, index, seconds) in
            [(0, 0, 1.0), (0, 1, 2.0), (0, -3, 0.125), (3, 8, 2.0), (-1, 1, 4.0), (-4, -1, 1.0 / 65_536.0)]
        {
            assert!((edge_us(index, schema) / 1e6 / seconds - 1.0).abs() < 1e-12, "{schema} {index}");
        }
        assert!((edge_us(1, 3) / 1e6 - 1.090_507_732_665_257_7).abs() < 1e-12);
    }

    #[test]
    fn otel_counts_from_the_lower_edge() {
        let otel = Exponential::otel(3, 0.0, 2, -28, &[5, 0, 7]).unwrap();
        assert_eq!(otel, Exponential::native(3, 0.0, 2, &[(-27, 5), (-25, 7)]).unwrap());
    }

    #[test]
    fn a_request_lies_within_its_bucket() {
        let counted = native(3, &[(-27, 64)]).since(&native(3, &[])).unwrap();
        // 2^(-28/8) to 2^(-27/8) seconds
        let (low, high) = (bucket_of(88_388), bucket_of(96_389));
        assert_eq!(counted.total(), 64);
        assert!(counted.iter().all(|(bucket, _)| (low..=high).contains(&bucket)));
    }

    #[test]
    fn a_coarser_resolution_under_way_loses_nothing() {
        let (before, after) = (native(3, &[(-27, 5), (-26, 2), (-25, 3)]), native(2, &[(-13, 9), (-12, 4)]));
        let counted = after.since(&before).unwrap();
        assert_eq!(before.at_most(2), native(2, &[(-13, 7), (-12, 3)]));
        assert_eq!(counted.total(), 3);
    }

    #[test]
    fn bad_histograms_have_a_reason() {
        let reason =
            |schema, threshold, buckets: &[(i64, u64)]| Exponential::native(schema, threshold, 0, buckets).unwrap_err();
        assert_eq!(reason(9, 0.0, &[]), Refused::UnknownSchema { schema: 9 });
        assert_eq!(reason(-5, 0.0, &[]), Refused::UnknownSchema { schema: -5 });
        assert_eq!(reason(0, f64::NAN, &[]), Refused::NotANumber);
        assert_eq!(reason(0, -1.0, &[]), Refused::Negative);
        assert_eq!(reason(0, f64::INFINITY, &[]), Refused::Infinite);
        assert_eq!(reason(0, 0.0, &[(1, 1), (1, 1)]), Refused::NotRising { edge_us: 2e6 });
        assert_eq!(reason(0, 0.0, &[(2_000, 1)]), Refused::OutOfRange { index: 2_000 });
        assert_eq!(reason(-4, 0.0, &[(i64::MIN, 1)]), Refused::OutOfRange { index: i64::MIN });
        let many: Vec<_> = (0..1_000_000).map(|i| (i, 1)).collect();
        assert_eq!(reason(8, 0.0, &many), Refused::TooMany { buckets: 1_000_000, most: MOST_BUCKETS });
        assert_eq!(
            Exponential::otel(0, 0.0, 0, 0, &vec![1; 1_000_000]).unwrap_err(),
            Refused::TooMany { buckets: 1_000_000, most: MOST_BUCKETS }
        );
        assert_eq!(native(0, &[(1, 3)]).since(&native(0, &[(1, 4)])), Err(Refused::Reset));
        assert_eq!(native(0, &[(1, 3)]).since(&native(0, &[(0, 1)])), Err(Refused::Reset));
        let other_zero = Exponential::native(0, 0.001, 0, &[]).unwrap();
        assert_eq!(other_zero.since(&native(0, &[])), Err(Refused::EdgesChanged));
    }

    #[test]
    fn the_effective_margin_of_a_resolution() {
        let edges = native(3, &[(-40, 1), (0, 1)]).edges().unwrap();
        let found = edges.compare(100_000.0, 0.1).unwrap();
        // One bucket is 9.05 %, two are 18.9 %.
        assert!(
            (found.pass.margin - 0.0905).abs() < 1e-3 && (found.harm.unwrap().margin - 0.189).abs() < 1e-3,
            "{found:?}"
        );
        let edges = native(5, &[(-160, 1), (0, 1)]).edges().unwrap();
        let found = edges.compare(100_000.0, 0.1).unwrap();
        assert!(
            (found.pass.margin - 0.0905).abs() < 1e-3 && (found.harm.unwrap().margin - 0.1144).abs() < 1e-3,
            "{found:?}"
        );
        assert_eq!(native(3, &[]).edges(), Err(Refused::NoEdges));
    }

    proptest! {
        #[test]
        fn joining_pairs_keeps_every_request_in_its_place(
            schema in COARSEST..=FINEST,
            to in COARSEST..=FINEST,
            counts in prop::collection::btree_map(-900_i64..900, 1_u64..1_000, 0..40),
        ) {
            let shrunk = |index: i64| if schema >= 4 { index } else { index >> (8 - schema) };
            let mut buckets: Vec<(i64, u64)> = counts.into_iter().map(|(index, count)| (shrunk(index), count)).collect();
            buckets.dedup_by_key(|bucket| bucket.0);
            let fine = native(schema, &buckets);
            let coarse = fine.at_most(to);
            let total = |of: &Exponential| of.buckets.iter().map(|bucket| bucket.1).sum::<u64>();
            prop_assert_eq!(total(&fine), total(&coarse));
            for &(index, _) in &fine.buckets {
                let middle = edge_us(index, schema) * libm::exp2(-libm::ldexp(0.5, -schema));
                let holds = |other: i64| {
                    edge_us(other - 1, coarse.schema) < middle && middle < edge_us(other, coarse.schema)
                };
                prop_assert_eq!(coarse.buckets.iter().filter(|bucket| holds(bucket.0)).count(), 1);
            }
        }

        #[test]
        fn any_buckets_are_read_or_refused(
            schema in -10..12,
            threshold in any::<f64>(),
            buckets in prop::collection::vec((any::<i64>(), any::<u64>()), 0..6),
        ) {
            if let Ok(read) = Exponential::native(schema, threshold, 1, &buckets) {
                let _since = read.since(&native(0, &[]));
                let _edges = read.edges();
            }
        }
    }
}
