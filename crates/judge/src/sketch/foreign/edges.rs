//! Buckets with fixed edges, as in the classic histograms of Prometheus, and what can be compared with them.

use alloc::vec::Vec;

use super::Refused;
use super::place::place;
use crate::sketch::Histogram;

/// More edges than this are a mistake or an attack.
pub const MOST_EDGES: usize = 512;

/// Upper edges of buckets in microseconds, rising; what is slower than the last is in one bucket more.
#[derive(Clone, Debug, PartialEq)]
pub struct Edges {
    us: Vec<f64>,
}

/// Which edges stand for a level and a margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Stable's requests slower than this edge are held against the canary's.
    pub stable_us: f64,
    /// For harm: the first edge that is at least the margin higher. Nothing if the margin leads beyond the last edge.
    pub harm: Option<Limit>,
    /// For a pass: the last edge that is at most the margin higher. It may be `stable_us` itself, and then a canary passes
    /// only if it is faster.
    pub pass: Limit,
}

/// An edge for the canary's requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// In microseconds.
    pub us: f64,
    /// The margin that is really tested, relative: what people must be told.
    pub margin: f64,
}

impl Edges {
    /// Edges in seconds, as Prometheus has them in `le`; the last may be infinite.
    ///
    /// # Errors
    /// Edges that do not rise, are not above zero, are no numbers, or are more than [`MOST_EDGES`].
    pub fn from_seconds(edges: &[f64]) -> Result<Edges, Refused> {
        let finite = match edges {
            [finite @ .., last] if *last == f64::INFINITY => finite,
            all => all,
        };
        if finite.len() > MOST_EDGES {
            return Err(Refused::too_many_edges(finite.len()));
        }
        if finite.is_empty() {
            return Err(Refused::NoEdges);
        }
        let mut us: Vec<f64> = Vec::with_capacity(finite.len());
        for &edge in finite {
            let edge = edge * 1e6;
            match edge {
                _ if edge.is_nan() => return Err(Refused::NotANumber),
                _ if edge.is_infinite() => return Err(Refused::Infinite),
                _ if edge <= 0.0 => return Err(Refused::Negative),
                _ if us.last().is_some_and(|before| *before >= edge) => {
                    return Err(Refused::NotRising { edge_us: edge });
                }
                _ => us.push(edge),
            }
        }
        Ok(Edges { us })
    }

    /// How many buckets there are, with the one that has no end.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.us.len() + 1
    }

    /// The edges that stand for a level of stable's latency and a relative margin. Stable is cut at the edge that is nearest
    /// to the level, the canary higher: rounded up for harm, so that less is called harm, and down for a pass.
    ///
    /// Nothing when level or margin are no sizes.
    #[must_use]
    pub fn compare(&self, level_us: f64, margin: f64) -> Option<Comparison> {
        if !(level_us > 0.0 && level_us.is_finite() && margin >= 0.0 && margin.is_finite()) {
            return None;
        }
        let distance = |edge: f64| libm::fabs(libm::log(edge / level_us));
        let stable_us = self.us.iter().copied().min_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
        let limit = |us: f64| Limit { us, margin: us / stable_us - 1.0 };
        let allowed = stable_us * (1.0 + margin);
        // Rounding in a product must not lead one edge too far.
        let (least, most) = (allowed * (1.0 - ROUNDING), allowed * (1.0 + ROUNDING));
        let harm = self.us.iter().copied().find(|edge| *edge >= least).map(limit);
        let pass = self.us.iter().copied().rfind(|edge| *edge <= most).unwrap_or(stable_us);
        Some(Comparison { stable_us, harm, pass: limit(pass) })
    }

    /// What was counted between two readings of cumulative counts, one for each bucket, fastest first.
    ///
    /// # Errors
    /// Counts that are not cumulative, fell, or are another number than the buckets.
    pub fn increments(&self, before: &[u64], after: &[u64]) -> Result<Histogram, Refused> {
        self.check(before)?;
        self.check(after)?;
        let mut histogram = Histogram::new();
        let mut lower = (0.0, 0, 0);
        let ends = self.us.iter().copied().chain([f64::INFINITY]);
        for (upper_us, (&before, &after)) in ends.zip(before.iter().zip(after)) {
            let (lower_us, before_lower, after_lower) = lower;
            let (own_before, own_after) = (before - before_lower, after - after_lower);
            if own_after < own_before {
                return Err(Refused::Reset);
            }
            place(&mut histogram, lower_us, upper_us, own_before, own_after);
            lower = (upper_us, before, after);
        }
        Ok(histogram)
    }

    fn check(&self, cumulative: &[u64]) -> Result<(), Refused> {
        if cumulative.len() != self.buckets() {
            return Err(Refused::WrongLength { buckets: self.buckets(), counts: cumulative.len() });
        }
        match cumulative.windows(2).position(|pair| pair[1] < pair[0]) {
            Some(at) => Err(Refused::NotCumulative { bucket: at + 1 }),
            None => Ok(()),
        }
    }
}

/// Relative.
const ROUNDING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    /// As the Go client has them.
    const USUAL: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, f64::INFINITY];

    #[test]
    fn a_margin_is_what_the_edges_can_show() {
        let edges = Edges::from_seconds(&USUAL).unwrap();
        let found = edges.compare(90_000.0, 0.1).unwrap();
        assert_eq!(found.stable_us, 100_000.0);
        let harm = found.harm.unwrap();
        assert!((harm.us, harm.margin) == (250_000.0, 1.5), "{harm:?}");
        assert_eq!(found.pass, Limit { us: 100_000.0, margin: 0.0 });
        let found = edges.compare(90_000.0, 1.5).unwrap();
        assert_eq!((found.harm.unwrap().us, found.pass.us), (250_000.0, 250_000.0));
        assert_eq!(edges.compare(60e6, 0.1).unwrap().harm, None);
        for (level, margin) in [(0.0, 0.1), (f64::NAN, 0.1), (1.0, -0.1), (1.0, f64::NAN), (f64::INFINITY, 0.1)] {
            assert_eq!(edges.compare(level, margin), None);
        }
    }

    #[test]
    fn bad_edges_have_a_reason() {
        let reason = |edges: &[f64]| Edges::from_seconds(edges).unwrap_err();
        assert_eq!(reason(&[]), Refused::NoEdges);
        assert_eq!(reason(&[f64::INFINITY]), Refused::NoEdges);
        assert_eq!(reason(&[f64::NAN]), Refused::NotANumber);
        assert_eq!(reason(&[f64::INFINITY, 1.0]), Refused::Infinite);
        assert_eq!(reason(&[0.0, 1.0]), Refused::Negative);
        assert_eq!(reason(&[1.0, 1.0]), Refused::NotRising { edge_us: 1e6 });
        let million: Vec<f64> = (1..=1_000_000).map(f64::from).collect();
        assert_eq!(reason(&million), Refused::TooMany { buckets: 1_000_000, most: 512 });
    }

    #[test]
    fn bad_counts_have_a_reason() {
        let edges = Edges::from_seconds(&[0.1, 0.2]).unwrap();
        assert_eq!(edges.increments(&[1, 2, 3], &[1, 2]), Err(Refused::WrongLength { buckets: 3, counts: 2 }));
        assert_eq!(edges.increments(&[1, 2, 3], &[5, 4, 6]), Err(Refused::NotCumulative { bucket: 1 }));
        assert_eq!(edges.increments(&[1, 2, 3], &[0, 2, 3]), Err(Refused::Reset));
        // All cumulative counts rose, and yet a bucket lost requests.
        assert_eq!(edges.increments(&[1, 9, 9], &[8, 10, 10]), Err(Refused::Reset));
        assert_eq!(edges.increments(&[1, 2, 3], &[1, 2, 3]).unwrap().total(), 0);
    }

    fn cumulative(counts: &[u64]) -> Vec<u64> {
        let mut sum = 0;
        let add = |count: &u64| {
            sum += count;
            sum
        };
        counts.iter().map(add).collect()
    }

    proptest! {
        #[test]
        fn blocks_add_up_however_they_are_cut(
            first in prop::collection::vec(0_u64..1_000, 12),
            second in prop::collection::vec(0_u64..200, 12),
            third in prop::collection::vec(0_u64..200, 12),
        ) {
            let edges = Edges::from_seconds(&USUAL).unwrap();
            let sum = |parts: &[&Vec<u64>]| -> Vec<u64> {
                cumulative(&(0..12).map(|i| parts.iter().map(|part| part[i]).sum()).collect::<Vec<_>>())
            };
            let (a, b, c) = (sum(&[&first]), sum(&[&first, &second]), sum(&[&first, &second, &third]));
            let mut cut = edges.increments(&a, &b).unwrap();
            cut.merge(&edges.increments(&b, &c).unwrap());
            prop_assert_eq!(cut.total(), second.iter().chain(&third).sum::<u64>());
            prop_assert_eq!(cut, edges.increments(&a, &c).unwrap());
        }

        #[test]
        fn harm_is_rounded_up_and_a_pass_down(
            edges in prop::collection::btree_set(1_u32..100_000, 1..40),
            level in 1.0..1e6,
            margin in 0.0..3.0,
        ) {
            let edges = Edges::from_seconds(&edges.into_iter().map(|edge| f64::from(edge) * 1e-5).collect::<Vec<_>>()).unwrap();
            let found = edges.compare(level, margin).unwrap();
            prop_assert!(found.harm.is_none_or(|harm| harm.margin >= margin - 1e-6));
            prop_assert!((0.0..=margin + 1e-6).contains(&found.pass.margin));
            prop_assert!(found.harm.is_none_or(|harm| harm.us >= found.pass.us));
        }

        #[test]
        fn any_edges_and_counts_are_read_or_refused(
            edges in prop::collection::vec(any::<f64>(), 0..20),
            before in vec![any::<u64>(); 4],
            after in vec![any::<u64>(); 4],
        ) {
            let _any = Edges::from_seconds(&edges).map(|edges| edges.increments(&before, &after));
            let _fits = Edges::from_seconds(&[1e-7, 1.0, 1e9]).unwrap().increments(&before, &after);
        }
    }
}
