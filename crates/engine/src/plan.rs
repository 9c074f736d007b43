//! What was agreed before the release began: phases, margins, triggers, clocks. A plan is copied into the
//! journal when a release opens, so that a policy edited in the middle of a release changes nothing for it.

use crate::{Millis, Share};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A rollout plan, compiled from the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The plan's name in the policy, e.g. `standard`.
    pub name: String,
    /// At least one; shares rise from phase to phase and end at everybody.
    pub phases: Vec<Phase>,
    /// How long the old version is kept warm after everybody moved.
    pub watch: Millis,
    /// How often arms are measured and versions probed.
    pub interval: Millis,
    /// A measurement that arrives later than this after its interval is judged but adds no soak.
    pub stale_after: Millis,
    /// The new version must be up and healthy within this time of its deployment.
    pub deploy_within: Millis,
    /// Whether any signal counts requests per arm; without one the judge stays undecided.
    pub measured: bool,
    /// How the judge is set.
    pub judge: JudgePlan,
    /// What starts a rollback by itself.
    pub triggers: Triggers,
    /// The time each step of a rollback may take.
    pub rollback: Budget,
}

/// A share of users held for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Who is moved.
    pub share: Share,
    /// How long they stay there, counted only while the share is verified and data is fresh.
    pub soak: Millis,
    /// What this phase must exclude before the next may begin.
    pub margins: Margins,
    /// What happens when the soak is over and the judge is undecided.
    pub on_undecided: OnUndecided,
    /// Hooks (smoke tests, user journeys) that run when the share is reached; each must succeed.
    pub hooks: Vec<String>,
}

/// How much worse the canary may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margins {
    /// Allowed rise of the error proportion, as a fraction: 0.001 is 0.1 percentage points.
    pub error_rate: f64,
    /// Allowed slow-down, relative: 0.1 is 10 %.
    pub latency: f64,
    /// The latency quantiles that must be within the margin, in percent: 50, 95 or 99.
    pub quantiles: Vec<u8>,
}

/// What to do at the end of a phase when neither harm nor its absence is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUndecided {
    /// Go on measuring up to this many times the soak, then hold for a person.
    Extend {
        /// The whole phase in multiples of its soak, at least 1.
        times: u32,
    },
    /// Hold for a person.
    Hold,
    /// Take users back.
    RollBack,
    /// Go on, and write the risk that was not excluded into the journal.
    Advance,
}

/// The judge's settings; see `judge.md` and [`judge::Settings`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgePlan {
    /// The false-alarm budget of one release over all metrics and looks, e.g. 0.01.
    pub alpha_harm: f64,
    /// The chance to pass a release that sits exactly at a margin, e.g. 0.05.
    pub alpha_pass: f64,
    /// What is not judged by the soft metrics after each rise of the share.
    pub warm_up: Millis,
    /// Over what time the evidence for late faults is spread.
    pub horizon: Millis,
    /// All errors of the canary within this time are one incident until stable's errors are known to arrive steadily.
    #[serde(default = "twenty_seconds")]
    pub incident: Millis,
    /// Latency differences below this many microseconds are not harm.
    pub latency_floor_us: u64,
    /// The margins beyond which a release is harmful, in every phase.
    pub harm: Margins,
}

/// What plans of before this was a setting are judged by.
const fn twenty_seconds() -> Millis {
    Millis::seconds(20)
}

/// What starts a rollback by itself. `None` switches a trigger off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// Error rate above a limit for consecutive windows.
    pub error_rate: Option<ErrorStreak>,
    /// Response time worse than stable's for consecutive windows.
    pub response_time: Option<LatencyStreak>,
    /// The canary does not answer its probe, or its process ended.
    pub unavailable: Option<Unavailable>,
    /// Any integrity alarm.
    pub integrity: bool,
    /// Any critical report by a user.
    pub critical_report: bool,
}

/// `error rate > 1 % for 5 consecutive minutes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorStreak {
    /// The limit as a fraction.
    pub above: f64,
    /// How many windows in a row.
    pub windows: u32,
    /// The length of a window.
    pub window: Millis,
    /// A window with fewer canary requests cannot speak.
    pub min_samples: u64,
}

/// `response time > 50 % worse for 10 consecutive minutes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyStreak {
    /// The slow-down, relative to stable in the same window.
    pub worse_by: f64,
    /// Which quantile, in percent: 50, 95 or 99.
    pub quantile: u8,
    /// How many windows in a row.
    pub windows: u32,
    /// The length of a window.
    pub window: Millis,
    /// A window with fewer requests in either arm cannot speak.
    pub min_samples: u64,
}

/// When a version counts as unavailable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unavailable {
    /// The chance of a false alarm by probes over the whole release, e.g. 0.001.
    pub alpha: f64,
    /// Whether the unexpected end of a canary process counts by itself.
    pub process_exit: bool,
}

/// The rollback clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// From the first sign to the alarm.
    pub detection: Millis,
    /// From the alarm to the decision.
    pub decision: Millis,
    /// From the decision until users are back and the canary is withdrawn.
    pub execution: Millis,
    /// From there until stable is shown to be well.
    pub verification: Millis,
    /// All of it.
    pub total: Millis,
}

/// Why a plan cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// There is no phase.
    NoPhase,
    /// This phase (from 1) does not move more users than the one before.
    NotRising {
        /// Counted from 1.
        phase: usize,
    },
    /// The last phase does not reach everybody.
    NotComplete,
    /// The judge cannot work with these settings.
    Judge(String),
    /// A quantile other than 50, 95 and 99.
    Quantile(u8),
}

impl Plan {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// The first reason why this plan cannot be followed.
    pub fn check(&self) -> Result<(), PlanError> {
        let mut last = Share::NONE;
        for (i, phase) in self.phases.iter().enumerate() {
            if phase.share <= last {
                return Err(PlanError::NotRising { phase: i + 1 });
            }
            last = phase.share;
            phase.margins.to_judge()?;
        }
        match self.phases.last() {
            None => Err(PlanError::NoPhase),
            Some(phase) if phase.share != Share::ALL => Err(PlanError::NotComplete),
            Some(_) => self.new_judge().map(|_| ()),
        }
    }

    /// A judge set as this plan says.
    ///
    /// # Errors
    /// The settings are out of the judge's range.
    pub fn new_judge(&self) -> Result<judge::Judge, PlanError> {
        let error_streak = self.triggers.error_rate.as_ref().map(|t| judge::ErrorStreak {
            above: t.above,
            windows: t.windows,
            window_ms: signed(t.window),
            min_samples: t.min_samples,
        });
        let latency_streak = match &self.triggers.response_time {
            None => None,
            Some(t) => Some(judge::LatencyStreak {
                worse_by: t.worse_by,
                quantile: quantile(t.quantile)?,
                windows: t.windows,
                window_ms: signed(t.window),
                min_samples: t.min_samples,
            }),
        };
        judge::Judge::new(judge::Settings {
            alpha_harm: self.judge.alpha_harm,
            alpha_pass: self.judge.alpha_pass,
            warm_up_ms: signed(self.judge.warm_up),
            horizon_ms: signed(self.judge.horizon),
            incident_ms: signed(self.judge.incident),
            latency_floor_us: self.judge.latency_floor_us,
            harm_margins: self.judge.harm.to_judge()?,
            error_streak,
            latency_streak,
            means: Vec::new(),
            series: Vec::new(),
        })
        .map_err(|unsound| PlanError::Judge(alloc::format!("{unsound}")))
    }

    /// How many probes the whole plan is expected to make, for the bound on false alarms.
    #[must_use]
    pub fn expected_probes(&self) -> u32 {
        let soak = self.phases.iter().fold(self.watch, |sum, phase| sum + phase.soak);
        u32::try_from(soak.0 / self.interval.0.max(1)).unwrap_or(u32::MAX).max(1)
    }
}

impl Margins {
    /// In the judge's own words.
    ///
    /// # Errors
    /// A quantile that the judge does not know.
    pub fn to_judge(&self) -> Result<judge::Margins, PlanError> {
        let quantiles = self.quantiles.iter().map(|q| quantile(*q)).collect::<Result<_, _>>()?;
        Ok(judge::Margins { error_rate: self.error_rate, latency: self.latency, quantiles })
    }
}

fn quantile(percent: u8) -> Result<judge::Quantile, PlanError> {
    match percent {
        50 => Ok(judge::Quantile::P50),
        95 => Ok(judge::Quantile::P95),
        99 => Ok(judge::Quantile::P99),
        other => Err(PlanError::Quantile(other)),
    }
}

fn signed(span: Millis) -> i64 {
    i64::try_from(span.0).unwrap_or(i64::MAX)
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPhase => f.write_str("the plan has no phase"),
            Self::NotRising { phase } => write!(f, "phase {phase} does not move more users than the phase before it"),
            Self::NotComplete => f.write_str("the last phase does not reach 100 %"),
            Self::Judge(why) => write!(f, "the judge cannot work with this plan: {why}"),
            Self::Quantile(q) => write!(f, "p{q} is not judged; use p50, p95 or p99"),
        }
    }
}

impl core::error::Error for PlanError {}
