//! Counts that others send, and the measurements that a release rests on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counts of both versions over one interval, from a service whose policy says `signals: [push]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushMeasurement {
    /// Begin of the interval, by the clock of whoever counted.
    pub from_ms: i64,
    /// Its end, after the begin and after the end of the one before.
    pub to_ms: i64,
    /// The old version; nothing when it was not measured, which is not the same as no traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable: Option<PushedArm>,
    /// The new version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<PushedArm>,
}

/// What one version did in the interval: increments, not running totals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushedArm {
    /// Requests answered.
    pub requests: u64,
    /// Of these, the ones that failed.
    pub errors: u64,
    /// Requests begun, whether or not they were answered, counted by whoever hands them to the versions. With it for both
    /// versions the judge finds requests that are never answered, which neither errors nor latency show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// Of the errors, those of users who had not failed before, for as long as the sender remembers users. With it the
    /// errors of one user who fails for minutes count once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_errors: Option<u64>,
    /// The latency of each request that was measured. Either this or `latency_buckets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<Vec<u64>>,
    /// `[bucket, requests]` with rising buckets; bucket `b` ends at `1.1^(b/5)` microseconds, the last one is 1087.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_buckets: Option<Vec<[u64; 2]>>,
    /// `[requests, errors, affected users]` for each of 64 groups of users, by a hash of the user. From these the judge
    /// learns how errors cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_buckets: Option<Vec<[u64; 3]>>,
}

/// Stored measurements of a release, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasurementPage {
    /// The measurements of this page.
    pub measurements: Vec<StoredMeasurement>,
    /// Ask with `after` set to this for newer ones; nothing when there are none yet.
    pub next_after: Option<u64>,
}

/// A measurement as it was stored; never edited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StoredMeasurement {
    /// Its number, from 1.
    pub n: u64,
    /// The entry of the release's stream that it follows.
    pub after_seq: u64,
    /// Its link in the chain of measurements.
    pub hash: String,
    /// The measurement itself.
    #[schema(value_type = Object)]
    pub measurement: serde_json::Value,
}
