//! Why a foreign histogram is not taken. Each is a reason for people; none is ever replaced by a guess.

use core::fmt;

use super::{MOST_BUCKETS, MOST_EDGES};

/// Why a foreign histogram is not taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refused {
    /// Not a number, where a count or an edge should be.
    NotANumber,
    /// Infinite, where only the last edge may be.
    Infinite,
    /// Below zero.
    Negative,
    /// A count that is no whole number, or too large to be exact.
    NotWhole {
        /// What was found.
        value: f64,
    },
    /// No edge at all.
    NoEdges,
    /// An edge that is not above the one before it.
    NotRising {
        /// In microseconds.
        edge_us: f64,
    },
    /// More buckets than anybody needs.
    TooMany {
        /// How many there are.
        buckets: usize,
        /// How many are taken.
        most: usize,
    },
    /// Another number of counts than buckets.
    WrongLength {
        /// How many buckets there are.
        buckets: usize,
        /// How many counts came.
        counts: usize,
    },
    /// A cumulative count that is lower than the one of a faster bucket.
    NotCumulative {
        /// Which bucket.
        bucket: usize,
    },
    /// A count that fell since the one before: the counter began anew.
    Reset,
    /// The edges changed under way.
    EdgesChanged,
    /// A resolution that is not known.
    UnknownSchema {
        /// What was found.
        schema: i32,
    },
    /// A bucket of an exponential histogram whose edge is no time.
    OutOfRange {
        /// Its index.
        index: i64,
    },
}

/// A count that came as a floating-point number.
///
/// # Errors
/// Anything but a whole number from 0 to 2^53, up to which all of them are exact.
pub fn whole(value: f64) -> Result<u64, Refused> {
    if value.is_nan() {
        return Err(Refused::NotANumber);
    }
    if value.is_infinite() {
        return Err(Refused::Infinite);
    }
    if value < 0.0 {
        return Err(Refused::Negative);
    }
    if value > LARGEST_EXACT || libm::trunc(value) < value {
        return Err(Refused::NotWhole { value });
    }
    Ok(value as u64)
}

/// 2^53
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NotANumber => out.write_str("a value is not a number"),
            Refused::Infinite => out.write_str("a value is infinite"),
            Refused::Negative => out.write_str("a value is below zero"),
            Refused::NotWhole { value } => write!(out, "{value} is not a whole number up to 2^53"),
            Refused::NoEdges => out.write_str("there are no buckets with a finite edge"),
            Refused::NotRising { edge_us } => write!(out, "the edge at {edge_us} µs is not above the one before it"),
            Refused::TooMany { buckets, most } => write!(out, "{buckets} buckets, at most {most} are read"),
            Refused::WrongLength { buckets, counts } => write!(out, "{counts} counts for {buckets} buckets"),
            Refused::NotCumulative { bucket } => {
                write!(out, "bucket {bucket} has less than a faster one, though its count should include that one's")
            }
            Refused::Reset => out.write_str("a count fell: the counter began anew"),
            Refused::EdgesChanged => out.write_str("the edges of the buckets changed under way"),
            Refused::UnknownSchema { schema } => write!(out, "schema {schema} is not one of -4 to 8"),
            Refused::OutOfRange { index } => write!(out, "the bucket with index {index} is no time"),
        }
    }
}

impl core::error::Error for Refused {}

impl Refused {
    pub(super) fn too_many_edges(buckets: usize) -> Refused {
        Refused::TooMany { buckets, most: MOST_EDGES }
    }

    pub(super) fn too_many_buckets(buckets: usize) -> Refused {
        Refused::TooMany { buckets, most: MOST_BUCKETS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_are_counts() {
        assert_eq!(whole(0.0), Ok(0));
        assert_eq!(whole(9_007_199_254_740_992.0), Ok(1 << 53));
        assert_eq!(whole(f64::NAN), Err(Refused::NotANumber));
        assert_eq!(whole(f64::INFINITY), Err(Refused::Infinite));
        assert_eq!(whole(f64::NEG_INFINITY), Err(Refused::Infinite));
        assert_eq!(whole(-1.0), Err(Refused::Negative));
        assert_eq!(whole(0.5), Err(Refused::NotWhole { value: 0.5 }));
        assert_eq!(whole(1e16), Err(Refused::NotWhole { value: 1e16 }));
    }
}
