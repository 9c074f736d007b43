//! What the judge says: a word for the machine, and for people everything that led to it.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

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

/// What is compared between the arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Share of failed requests, outside warm-up.
    ErrorRate,
    /// Share of failed requests against a coarse margin, with warm-up.
    GrossErrors,
    /// Share of requests slower than a level of stable's recent latency, outside warm-up.
    Latency(Quantile),
    /// Slowdown beyond what a cold start explains, at p95, with warm-up.
    GrossLatency,
}

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
    /// Canary requests in blocks that counted.
    pub canary_requests: u64,
    /// Stable requests in blocks that counted.
    pub stable_requests: u64,
}

/// What is known about one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What is compared.
    pub metric: Metric,
    /// The margin of the harm test: points of error rate as a fraction, or a relative slowdown.
    pub margin: f64,
    /// Wealth of the bet against "no worse than the margin"; starts at 1, and 100 alone would be proof at 1 %.
    pub harm_evidence: f64,
    /// Its weight in the average that decides.
    pub weight: f64,
    /// The pass test of this phase. None for the gross copies, which only look for harm, and before the first phase.
    pub pass: Option<PassEvidence>,
    /// Canary requests, and how many of them failed (or were slower than the shifted level).
    pub canary: Count,
    /// Stable requests, and how many of them failed (or were slower than the level).
    pub stable: Count,
    /// Difference of the two shares, canary minus stable, with bounds that hold for all looks together.
    pub difference: Difference,
    /// For latency: the levels now compared and the recent quantiles.
    pub latency: Option<LatencyLevels>,
    /// The dispersion factor that evidence is divided by.
    pub phi: f64,
}

/// Requests of one arm, and the ones that were failed or slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// All of them.
    pub requests: u64,
    /// The failed or slow ones.
    pub bad: u64,
}

impl Count {
    /// The share of failed or slow requests; nothing when there was no request.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.requests > 0).then(|| self.bad as f64 / self.requests as f64)
    }
}

/// A difference of two shares with its confidence sequence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Canary's share minus stable's; nothing while an arm has no request.
    pub estimate: Option<f64>,
    /// Below this with a probability of at most 5 %, over all looks.
    pub low: f64,
    /// Above this with a probability of at most 5 %, over all looks.
    pub high: f64,
}

/// Evidence that a metric lies within the margin of the phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassEvidence {
    /// The phase's margin, in the unit of [`Finding::margin`].
    pub margin: f64,
    /// Wealth of the bet against "worse by at least the margin", now.
    pub evidence: f64,
    /// What it must reach: `1/alpha_pass`.
    pub needed: f64,
    /// Whether the phase passes only with this metric.
    pub required: bool,
    /// Canary requests until it is reached in 9 of 10 cases if the arms go on as they are. Nothing when it is
    /// reached already, and nothing when it cannot be reached at this margin the way things are (see
    /// [`PassEvidence::reached`]).
    pub requests_still_needed: Option<u64>,
}

impl PassEvidence {
    /// Whether the evidence suffices now.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.evidence >= self.needed
    }
}

/// Latencies in microseconds that a latency finding speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyLevels {
    /// Stable's requests are counted when slower than this: its recent quantile, before the latest block.
    pub stable_us: f64,
    /// The canary's requests are counted when slower than this: the level shifted by the margin.
    pub canary_us: f64,
    /// Stable's recent quantile.
    pub recent_stable_us: Option<f64>,
    /// The canary's recent quantile.
    pub recent_canary_us: Option<f64>,
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
