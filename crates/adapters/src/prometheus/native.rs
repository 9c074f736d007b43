//! Native histograms as the HTTP API writes them: buckets by their edges. The schema is not written; it follows from the
//! edges of any bucket.

use super::answer::number;
use judge::sketch::foreign::{Exponential, Refused, whole};
use serde::Deserialize;

/// A native histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct NativeHistogram {
    /// How many were counted.
    pub count: f64,
    /// Non-empty buckets, rising: lower edge, upper edge, count.
    pub buckets: Vec<(f64, f64, f64)>,
}

/// As it is written.
#[derive(Deserialize)]
pub(super) struct Written {
    count: String,
    #[serde(default)]
    buckets: Vec<(u8, String, String, String)>,
}

impl Written {
    pub(super) fn read(&self) -> Result<NativeHistogram, String> {
        let bucket = |(_, lower, upper, count): &(u8, String, String, String)| {
            Ok((number(lower)?, number(upper)?, number(count)?))
        };
        let buckets = self.buckets.iter().map(bucket).collect::<Result<Vec<_>, String>>()?;
        Ok(NativeHistogram { count: number(&self.count)?, buckets })
    }
}

impl NativeHistogram {
    /// By index, as the judge takes it.
    pub(super) fn exponential(&self) -> Result<Exponential, Refused> {
        whole(self.count)?;
        let (mut zero, mut threshold, mut schema) = (0, 0.0, None);
        let mut buckets = Vec::new();
        for &(lower, upper, count) in &self.buckets {
            let count = whole(count)?;
            if lower.is_nan() || upper.is_nan() {
                return Err(Refused::NotANumber);
            }
            if upper <= 0.0 {
                return Err(Refused::Negative);
            }
            if lower <= 0.0 {
                (zero, threshold) = (count, upper);
                continue;
            }
            let own = schema_of(lower, upper)?;
            if *schema.get_or_insert(own) != own {
                return Err(Refused::EdgesChanged);
            }
            buckets.push((index_of(upper, own)?, count));
        }
        // Without a bucket any resolution is right; the finest gives way to the other reading's.
        Exponential::native(schema.unwrap_or(FINEST), threshold, zero, &buckets)
    }
}

const FINEST: i32 = 8;

/// Growth is `2^(2^-schema)`.
fn schema_of(lower: f64, upper: f64) -> Result<i32, Refused> {
    let exact = -(upper / lower).log2().log2();
    let nearest = exact.round();
    if !(-4.0..=8.0).contains(&nearest) || (exact - nearest).abs() > 1e-6 {
        #[expect(clippy::cast_possible_truncation, reason = "shown to people; it saturates")]
        return Err(Refused::UnknownSchema { schema: nearest as i32 });
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number from -4 to 8")]
    Ok(nearest as i32)
}

fn index_of(upper: f64, schema: i32) -> Result<i64, Refused> {
    let index = (upper.log2() * f64::from(schema).exp2()).round();
    if index.abs() < 1e6 {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below a million")]
        return Ok(index as i64);
    }
    Err(Refused::Infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_follows_from_the_edges() {
        for schema in -4..=8 {
            let edge = |index: i64| (index as f64 * f64::from(-schema).exp2()).exp2();
            let histogram = NativeHistogram {
                count: 12.0,
                buckets: vec![(-1e-9, 1e-9, 2.0), (edge(-3), edge(-2), 4.0), (edge(1), edge(2), 6.0)],
            };
            let expected = Exponential::native(schema, 1e-9, 2, &[(-2, 4), (2, 6)]);
            assert_eq!(histogram.exponential(), expected, "{schema}");
        }
    }

    #[test]
    fn others_are_refused() {
        let reason = |buckets: &[(f64, f64, f64)]| {
            NativeHistogram { count: 1.0, buckets: buckets.to_vec() }.exponential().unwrap_err()
        };
        assert_eq!(reason(&[(1.0, 2.0, f64::NAN)]), Refused::NotANumber);
        assert_eq!(reason(&[(1.0, 2.0, 0.5)]), Refused::NotWhole { value: 0.5 });
        assert_eq!(reason(&[(-2.0, -1.0, 1.0)]), Refused::Negative);
        assert_eq!(reason(&[(1.0, 2.0, 1.0), (2.0, 8.0, 1.0)]), Refused::EdgesChanged);
        assert!(matches!(reason(&[(1.0, 3.0, 1.0)]), Refused::UnknownSchema { .. }));
        assert!(matches!(reason(&[(1.0, f64::INFINITY, 1.0)]), Refused::UnknownSchema { .. }));
        assert_eq!(reason(&[(f64::NAN, 1.0, 1.0)]), Refused::NotANumber);
    }
}
