//! A scenario as typed values, every number in its canonical unit. It is decoded from the checked text only.

use super::fault::{Fault, Within};
use engine::Millis;
use serde::Deserialize;

/// A world that a release goes through, and how it should end there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called in reports.
    pub name: String,
    /// What happens, for people.
    pub description: Option<String>,
    /// Who comes.
    pub traffic: Visitors,
    /// How both versions behave while nothing goes wrong.
    pub baseline: Baseline,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How it should end.
    pub expect: Expectation,
    /// How many worlds are lived.
    pub runs: u64,
    /// Where chance begins.
    pub seed: u64,
}

/// Who comes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visitors {
    /// Per second, on average.
    pub requests: f64,
    /// How far it swings over a day, as a fraction.
    pub daily_swing: f64,
    /// How many users there are; nothing when nobody counts them.
    pub users: Option<u64>,
}

/// How both versions behave while nothing goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// As a fraction.
    pub error_rate: f64,
    /// Half of the requests take less.
    pub median: Millis,
    /// 95 % take less.
    pub p95: Millis,
    /// How much of this moves.
    pub noise: Noise,
    /// Errors that come together.
    pub clusters: Option<Clusters>,
}

/// How far things move from minute to minute: standard deviations, as fractions.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// The traffic.
    pub traffic: f64,
    /// The errors of both versions.
    pub error_rate: f64,
    /// The response times of both versions.
    pub latency: f64,
    /// The response times of each version by itself.
    pub each_version: f64,
}

/// A part of the errors comes in clusters.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clusters {
    /// Which part, as a fraction.
    pub part: f64,
    /// Errors in a cluster, on average.
    pub size: u32,
    /// What a cluster stays within.
    pub within: Within,
}

/// How a scenario should end.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// How.
    pub verdict: ExpectedVerdict,
    /// The rollback is decided within this time of the fault.
    pub within: Option<Millis>,
    /// Why it is rolled back.
    pub cause: Option<ExpectedCause>,
    /// In which part of the runs, as a fraction.
    #[serde(rename = "in")]
    pub in_runs: f64,
}

/// How a release should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ExpectedVerdict {
    /// Users keep the new version.
    #[serde(rename = "completed")]
    Completed,
    /// Users are taken back.
    #[serde(rename = "rolled back")]
    RolledBack,
    /// It goes no further.
    #[serde(rename = "held")]
    Held,
    /// It ended before anybody had it.
    #[serde(rename = "aborted")]
    Aborted,
    /// One of the three before.
    #[serde(rename = "not completed")]
    NotCompleted,
    /// Completed or held.
    #[serde(rename = "not rolled back")]
    NotRolledBack,
}

/// Why a release should be rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ExpectedCause {
    /// The judge found harm.
    #[serde(rename = "harm")]
    Harm,
    /// No answer, or a process that ended.
    #[serde(rename = "unavailable")]
    Unavailable,
    /// A hook failed.
    #[serde(rename = "hook failed")]
    HookFailed,
    /// The policy rolls back what stays undecided.
    #[serde(rename = "undecided")]
    Undecided,
    /// It never came up.
    #[serde(rename = "deploy failed")]
    DeployFailed,
}
