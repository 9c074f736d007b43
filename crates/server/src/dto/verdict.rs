//! What the judge says, and what that rests on. Evidence is a wealth: 1 is where it starts, and it is told as at most
//! 10^300, because JSON has no infinity.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything the judge knows at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The word.
    pub outcome: Outcome,
    /// All of it in a sentence.
    pub sentence: String,
    /// What showed harm, if harm was shown, e.g. `error_rate`, `p95`, `error_streak`.
    pub cause: Option<String>,
    /// The weighted average of the harm evidence.
    pub harm_evidence: f64,
    /// What it must reach.
    pub harm_needed: f64,
    /// One for each metric.
    pub findings: Vec<Finding>,
    /// The trigger on errors, if there is one.
    pub error_streak: Option<Streak>,
    /// The trigger on latency, if there is one.
    pub latency_streak: Option<Streak>,
    /// What this verdict does not speak about, and why.
    pub not_judged: Vec<NotJudged>,
    /// Both arms breach a trigger: what they share is broken.
    pub shared_degradation: bool,
    /// Not proved, but clearly worse and estimated beyond the margin.
    pub leans_harm: bool,
    /// How strongly errors cluster.
    pub dispersion: Dispersion,
    /// Blocks that counted.
    pub blocks: u64,
    /// Blocks that did not.
    pub skipped: u64,
}

/// The word of the judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Each metric that the phase requires is shown to lie within its margin.
    Pass,
    /// The new version is shown to be worse than the margins allow.
    Harm,
    /// Neither is shown yet.
    Undecided,
}

/// What is known about one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// `error_rate`, `gross_errors`, `p50`, `p95`, `p99` or `gross_latency`.
    pub metric: String,
    /// What is known, in a sentence.
    pub sentence: String,
    /// The margin of the harm test: a fraction of requests, or a relative slow-down.
    pub margin: f64,
    /// Evidence against "no worse than the margin".
    pub harm_evidence: f64,
    /// Its weight in the average that decides.
    pub weight: f64,
    /// The pass test of this phase; nothing where there is none.
    pub pass: Option<Pass>,
    /// The new version's requests, and the failed or slow ones.
    pub canary: Count,
    /// The old version's.
    pub stable: Count,
    /// New minus old, with bounds that hold for all looks together.
    pub difference: Difference,
    /// For latency: the levels.
    pub latency: Option<LatencyLevels>,
}

/// Evidence that a metric lies within the margin of the phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pass {
    /// The phase's margin.
    pub margin: f64,
    /// The evidence.
    pub evidence: f64,
    /// What it must reach.
    pub needed: f64,
    /// Whether it has.
    pub reached: bool,
    /// Whether the phase passes only with it.
    pub required: bool,
    /// Requests of the new version until it is reached, if things go on as they are; nothing when it is reached, or
    /// cannot be.
    pub requests_still_needed: Option<u64>,
}

/// Requests, and the ones that were failed or slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// All of them.
    pub requests: u64,
    /// The failed or slow ones.
    pub bad: u64,
}

/// A difference of two fractions with its confidence sequence (95 % on each side).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// New minus old; nothing while a version has no request.
    pub estimate: Option<f64>,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Latencies that a finding speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyLevels {
    /// The old version's requests are slow beyond this.
    pub stable_us: f64,
    /// The new version's are slow beyond this: the level shifted by the margin.
    pub canary_us: f64,
    /// The old version's recent quantile.
    pub recent_stable_us: Option<f64>,
    /// The new version's recent quantile.
    pub recent_canary_us: Option<f64>,
}

/// Where a trigger stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Streak {
    /// Breaching windows in a row.
    pub windows: u32,
    /// So many fire.
    pub windows_needed: u32,
    /// Evidence that the new version is worse over these windows.
    pub guard: f64,
    /// What that must reach before the new version is blamed.
    pub guard_needed: f64,
    /// Whether the old version was measured at the same time.
    pub concurrent: bool,
}

/// Something that a verdict does not speak about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotJudged {
    /// What.
    pub what: String,
    /// Why, and what would change it.
    pub why: String,
}

/// How much more errors scatter than independent ones would.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Dispersion {
    /// The factor that evidence is divided by.
    pub factor: f64,
    /// Whether enough errors were seen to know it.
    pub known: bool,
}
