//! What is known about one metric: counts, the difference with its bounds, and the evidence both ways.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::exact::state;
use crate::settings::Quantile;

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
    /// A business metric, by its place in [`crate::Settings::means`], outside warm-up.
    Mean(u8),
    /// A series of numbers, by its place in [`crate::Settings::series`], outside warm-up.
    Series(u8),
    /// Share of requests that were begun and never answered, or the canary's share of the answers; with warm-up.
    Throughput,
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
    /// For throughput that is judged by the canary's share of the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<Shares>,
    /// For means and series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Values>,
}

/// What a mean or a series came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// What people call it.
    pub name: String,
    /// How much worse is acceptable, with its unit.
    pub allowed: String,
    /// The middle of the canary's values; nothing before the first.
    pub canary: Option<f64>,
    /// The middle of stable's values.
    pub stable: Option<f64>,
    /// Bounds of the difference, canary minus stable, when they are known.
    pub between: Option<(f64, f64)>,
    /// Samples of a series that were judged; for a mean the counts of the finding say it.
    pub samples: u32,
    /// The bounds hold for many values that are not too skewed, and not exactly.
    pub asymptotic: bool,
    /// What the sender does to extreme values.
    pub winsorised: Option<String>,
}

/// The canary's share, since it was last changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// What was asked for.
    pub asked: f64,
    /// Its part of all answers.
    pub got: f64,
}

/// Requests of one arm, and the ones that were failed or slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// All of them.
    pub requests: u64,
    /// The failed or slow ones.
    pub bad: u64,
}

state!(Count { requests, bad });

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
