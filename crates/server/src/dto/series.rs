//! What a chart draws: the measurements of a release in columns, without what only the judge needs. A rollout of 3.5 hours at
//! 5 seconds is 2,520 of them; as stored, with histograms and users, they would be a hundred times as large.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Measurements in columns, oldest first; all columns have the same length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Series {
    /// Begin of each interval, by the clock of whoever counted.
    pub from_ms: Vec<i64>,
    /// Its end.
    pub to_ms: Vec<i64>,
    /// The share that was in force, in percent; nothing when the lever could not be asked.
    pub share_percent: Vec<Option<f64>>,
    /// The old version.
    pub stable: ArmSeries,
    /// The new version.
    pub canary: ArmSeries,
    /// Ask with `after` set to this for newer ones; nothing when this page holds the last one there is.
    pub next_after: Option<u64>,
    /// The number of the last measurement of this page; ask with `after` set to it when there are new ones.
    pub last: u64,
}

/// What one version did, interval by interval. Nothing where it was not measured, which is not the same as no traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ArmSeries {
    /// Requests answered.
    pub requests: Vec<Option<u64>>,
    /// Of these, the ones that failed.
    pub errors: Vec<Option<u64>>,
    /// Median latency.
    pub p50_us: Vec<Option<u64>>,
    /// 95th percentile.
    pub p95_us: Vec<Option<u64>>,
    /// 99th percentile.
    pub p99_us: Vec<Option<u64>>,
}
