//! What the judge says: a word for the machine, and for people everything that led to it.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::exact::{choice, state};
use crate::finding::{Finding, Metric, Shares};
use crate::settings::Quantile;

/// The word the engine acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Each metric this phase requires is shown to lie within its margin, as of now.
    Pass,
    /// The canary is shown to be worse than the margins allow. It stays so: harm once proved is never taken back.
    Harm,
    /// Neither is shown yet.
    Undecided,
}

choice!(Outcome { Pass, Harm, Undecided });

/// What showed harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// See [`Metric::ErrorRate`].
    ErrorRate,
    /// See [`Metric::GrossErrors`].
    GrossErrors,
    /// See [`Metric::Latency`].
    Latency(Quantile),
    /// See [`Metric::GrossLatency`].
    GrossLatency,
    /// See [`Metric::Mean`].
    Mean(u8),
    /// See [`Metric::Series`].
    Series(u8),
    /// See [`Metric::Throughput`].
    Throughput,
    /// The trigger on errors in consecutive windows.
    ErrorStreak,
    /// The trigger on latency in consecutive windows.
    LatencyStreak,
}

impl From<Metric> for Cause {
    fn from(metric: Metric) -> Cause {
        match metric {
            Metric::ErrorRate => Cause::ErrorRate,
            Metric::GrossErrors => Cause::GrossErrors,
            Metric::Latency(quantile) => Cause::Latency(quantile),
            Metric::GrossLatency => Cause::GrossLatency,
            Metric::Mean(at) => Cause::Mean(at),
            Metric::Series(at) => Cause::Series(at),
            Metric::Throughput => Cause::Throughput,
        }
    }
}

/// Everything the judge knows at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The word.
    pub outcome: Outcome,
    /// What showed harm, if harm was shown.
    pub cause: Option<Cause>,
    /// End of the block that proved harm, if harm was shown.
    pub harm_at_ms: Option<i64>,
    /// The weighted average of the harm wealths, now.
    pub harm_evidence: f64,
    /// What `harm_evidence` must reach: `1/alpha_harm`.
    pub harm_needed: f64,
    /// One for each metric.
    pub findings: Vec<Finding>,
    /// Blocks that counted.
    pub blocks: u64,
    /// Blocks that did not, with [`crate::Absorbed::Skipped`].
    pub skipped: u64,
    /// How strongly errors cluster, and whether that is known.
    pub dispersion: Dispersion,
    /// The trigger on errors, if there is one.
    pub error_streak: Option<StreakReading>,
    /// The trigger on latency, if there is one.
    pub latency_streak: Option<StreakReading>,
    /// What this verdict does not speak about, and why.
    pub not_judged: Vec<NotJudged>,
    /// Both arms breach a trigger: something they share is broken, and the canary is not to blame.
    pub shared_degradation: bool,
    /// Not proved beyond the margin, but clearly worse than stable and estimated beyond the margin: advice to a
    /// person who must decide when a phase ends undecided.
    pub leans_harm: bool,
    /// The canary has far more of the answers than of the share that was asked for: routing does not do as told. No
    /// fault of the canary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_mismatch: Option<Shares>,
    /// Canary requests in blocks that counted.
    pub canary_requests: u64,
    /// Stable requests in blocks that counted.
    pub stable_requests: u64,
}

/// How much more errors scatter than independent ones would.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dispersion {
    /// The factor that evidence from errors is divided by; 1 for independent errors.
    pub phi: f64,
    /// Whether enough errors of stable were seen to know it.
    pub known: bool,
    /// How many errors of stable it rests on, older ones counting less.
    pub informative_errors: f64,
    /// What it was read from.
    pub source: DispersionSource,
    /// How they arrive over time, which bounds what errors of the canary may prove together.
    pub arrivals: ErrorArrivals,
}

/// How stable's errors arrive over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorArrivals {
    /// Stable was not watched for long enough yet. All errors of the canary within `incident_ms` count as one incident, which
    /// proves as much as the one fact that it happened to the canary.
    Unknown,
    /// In bursts: the same.
    InBursts,
    /// One by one: errors count singly, up to a bound for each incident.
    Steady,
}

/// Where the dispersion was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispersionSource {
    /// No error of stable was seen yet.
    Nothing,
    /// The spread between stable's user-hash buckets.
    UserBuckets,
    /// The spread between successive blocks of stable, for want of user buckets. It takes real ups and downs for
    /// clusters, and so errs on the careful side.
    SuccessiveBlocks,
}

choice!(DispersionSource { Nothing, UserBuckets, SuccessiveBlocks });

/// Where a trigger stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreakReading {
    /// Breaching windows in a row.
    pub windows: u32,
    /// So many fire.
    pub windows_needed: u32,
    /// Evidence that the canary is worse than stable over these windows.
    pub guard: f64,
    /// What the guard must reach before the trigger blames the canary.
    pub guard_needed: f64,
    /// Whether stable was measured at the same time. If not, the canary was held against stable's past in this
    /// rollout, which cannot tell a bad release from a bad hour.
    pub concurrent: bool,
}

state!(StreakReading { windows, guard, concurrent } made { windows_needed, guard_needed });

impl StreakReading {
    /// Whether enough windows in a row breach.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.windows >= self.windows_needed
    }
}

/// Something this verdict does not speak about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotJudged {
    /// What.
    pub what: Subject,
    /// Why, and what would change it.
    pub why: String,
}

/// What a verdict can be silent about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Requests that vanish without a trace.
    Throughput,
    /// Sales, sign-ups and the like.
    BusinessMetrics,
    /// A metric of this judge.
    Metric(Metric),
    /// Clustering of slow requests.
    LatencyDispersion,
    /// The trigger on errors.
    ErrorStreak,
    /// The trigger on latency.
    LatencyStreak,
    /// Whether this phase may pass.
    Phase,
}
