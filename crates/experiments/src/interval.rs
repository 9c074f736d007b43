//! Bounds of a difference, and how sure they are.

use serde::{Deserialize, Serialize};

/// An experiment is told something wrong about a metric, at any of its looks, with at most this probability.
pub const WRONG: f64 = 0.05;

/// Where a difference lies, variant minus control.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

/// What each side of one interval may be wrong by, when one of `comparisons` must not be.
pub(crate) fn side(comparisons: usize) -> f64 {
    WRONG / 2.0 / comparisons.max(1) as f64
}
