//! What was counted: the increments of both arms over a stretch of time, and whether they can be true.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::exact::state;
use crate::sketch::Histogram;

/// How many user-hash buckets an arm is counted in.
pub const USER_BUCKETS: usize = 64;

/// Counts of one user-hash bucket of an arm: users are spread over [`USER_BUCKETS`] by a hash, which makes the
/// buckets exchangeable, so that the spread between them shows how errors cluster. Written as `[r, e, u]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64, u64)", into = "(u64, u64, u64)")]
pub struct Bucket {
    /// Requests answered.
    pub requests: u64,
    /// Of these, the ones that failed.
    pub errors: u64,
    /// Users with at least one failed request.
    pub affected_users: u64,
}

impl From<(u64, u64, u64)> for Bucket {
    fn from((requests, errors, affected_users): (u64, u64, u64)) -> Bucket {
        Bucket { requests, errors, affected_users }
    }
}

impl From<Bucket> for (u64, u64, u64) {
    fn from(bucket: Bucket) -> (u64, u64, u64) {
        (bucket.requests, bucket.errors, bucket.affected_users)
    }
}

/// Values that an arm reported within a block, such as what each visit bought: enough for their mean and variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_squares: f64,
}

state!(Mean { count, sum, sum_squares });

impl Mean {
    /// Whether these can be the sums of so many numbers.
    pub(crate) fn is_possible(&self) -> bool {
        let square = self.sum * self.sum;
        let numbers = self.sum.is_finite() && self.sum_squares.is_finite() && square.is_finite();
        let none = self.count == 0 && (square > 0.0 || self.sum_squares > 0.0);
        // Sums are rounded: with all values alike both sides are equal but for the last digits.
        numbers && !none && self.sum_squares >= 0.0 && square <= self.sum_squares * self.count as f64 * (1.0 + 1e-6)
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    pub(crate) fn variance(&self) -> f64 {
        let count = self.count as f64;
        ((self.sum_squares - self.sum * self.sum / count) / (count - 1.0)).max(0.0)
    }

    pub(crate) fn and(&self, other: &Mean) -> Mean {
        Mean {
            count: self.count.saturating_add(other.count),
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
        }
    }
}

/// What one arm did within a block: increments, not running totals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Requests answered.
    pub requests: u64,
    /// Of these, the ones that failed.
    pub errors: u64,
    /// Requests begun, whether or not they were answered, as whoever hands them to the arms counted them. Without it
    /// the judge sees only what was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// How long the requests took; may hold fewer than `requests` (not every failure has a duration).
    pub latency: Histogram,
    /// The same counts by user-hash bucket: [`USER_BUCKETS`] of them, or none when users are not known. Requests
    /// without a user are in no bucket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
    /// Of the failed requests, those of users who had none in this arm during the minutes before, so that somebody who
    /// fails again and again counts once. `None` when the source does not remember users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_errors: Option<u64>,
    /// Business metrics, in the order of [`crate::Settings::means`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<Mean>,
}

/// How requests find their arm. What the shares of the arms prove depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Not told.
    #[default]
    Unknown,
    /// Chance gives each request to an arm, by the share: the arms' shares of the answers are a matter of chance.
    ByRequest,
    /// Users stay with their version: a few heavy users make a share of any size.
    ByUser,
}

impl Split {
    fn is_unknown(&self) -> bool {
        matches!(self, Split::Unknown)
    }
}

/// Both arms over the same stretch of time, usually 5 to 15 seconds. `None` means that the measurement is missing,
/// which is not the same as no traffic: a missing arm is never a zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Start, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// End, after the start.
    pub to_ms: i64,
    /// The share of traffic that was asked for the canary, 0 to 1.
    pub share: f64,
    /// The version that serves everyone else, measured at the same time.
    pub stable: Option<Arm>,
    /// The version being released.
    pub canary: Option<Arm>,
    /// Samples of stable and canary, in the order of [`crate::Settings::series`]; none where there is no new sample.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<Option<(f64, f64)>>,
    /// How requests found their arm.
    #[serde(default, skip_serializing_if = "Split::is_unknown")]
    pub split: Split,
}

/// Which of the two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The version that serves everyone else.
    Stable,
    /// The version being released.
    Canary,
}

/// Counts that cannot be true, such as after a counter was reset in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impossible {
    /// More failed requests than requests.
    MoreErrorsThanRequests,
    /// More users who failed for the first time than failed requests.
    MoreFreshErrorsThanErrors,
    /// More measured durations than requests.
    MoreLatenciesThanRequests,
    /// Neither no user buckets nor exactly [`USER_BUCKETS`].
    WrongNumberOfBuckets,
    /// A user bucket with more errors than requests, or more affected users than errors.
    ImpossibleBucket,
    /// More means than the settings have rules for: whose they are is a guess.
    MoreMeansThanRules,
    /// The same of series, which belong to both arms.
    MoreSeriesThanRules,
}

impl Arm {
    /// Whether these counts can be true.
    ///
    /// # Errors
    /// The first contradiction found. The sums over user buckets are not held against the totals: requests without
    /// a user are in no bucket, and a reader may be one request ahead of the other.
    pub fn check(&self) -> Result<(), Impossible> {
        if self.errors > self.requests {
            return Err(Impossible::MoreErrorsThanRequests);
        }
        if self.fresh_errors.is_some_and(|fresh| fresh > self.errors) {
            return Err(Impossible::MoreFreshErrorsThanErrors);
        }
        if self.latency.total() > self.requests {
            return Err(Impossible::MoreLatenciesThanRequests);
        }
        if !self.buckets.is_empty() && self.buckets.len() != USER_BUCKETS {
            return Err(Impossible::WrongNumberOfBuckets);
        }
        if self.buckets.iter().any(|b| b.errors > b.requests || b.affected_users > b.errors) {
            return Err(Impossible::ImpossibleBucket);
        }
        Ok(())
    }
}

impl Arm {
    /// Errors, with each user counted once in this block, as far as the source tells users apart.
    pub(crate) fn failures(&self) -> u64 {
        let repeated: u64 = self.buckets.iter().map(Bucket::repeated).fold(0, u64::saturating_add);
        self.errors.saturating_sub(repeated)
    }

    /// Errors, with each user counted once for as long as the source remembers users.
    pub(crate) fn fresh(&self) -> u64 {
        self.fresh_errors.unwrap_or_else(|| self.failures())
    }
}

impl Bucket {
    /// Errors beyond the first of each user. A bucket with errors has at least one affected user, told or not.
    fn repeated(&self) -> u64 {
        self.errors.saturating_sub(self.affected_users.max(1))
    }
}

impl fmt::Display for Side {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Side::Stable => "stable",
            Side::Canary => "canary",
        })
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Impossible::MoreErrorsThanRequests => "more errors than requests",
            Impossible::MoreFreshErrorsThanErrors => "more users who failed for the first time than errors",
            Impossible::MoreLatenciesThanRequests => "more latencies than requests",
            Impossible::WrongNumberOfBuckets => "user buckets that are neither none nor 64",
            Impossible::ImpossibleBucket => "a user bucket with more errors than requests or more users than errors",
            Impossible::MoreMeansThanRules => "more business metrics than there are rules",
            Impossible::MoreSeriesThanRules => "more series than there are rules",
        })
    }
}
