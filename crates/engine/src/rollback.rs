//! Taking users back, in the six steps of the process, each with its time against the budget.

use crate::{Budget, Millis, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The steps of a rollback, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollbackStep {
    /// The ramp is stopped.
    Stop,
    /// What is wrong is known.
    Assess,
    /// How far to go back is decided.
    Decide,
    /// Users are back and the canary is withdrawn.
    Execute,
    /// Stable is shown to be well.
    Verify,
    /// Those who must know were told.
    Communicate,
}

/// Why users are taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Cause {
    /// The judge found harm.
    Harm {
        /// Its verdict in a sentence.
        verdict: String,
    },
    /// The new version does not answer, or its process ended.
    Unavailable {
        /// What was seen.
        detail: String,
    },
    /// Data was damaged.
    Integrity {
        /// Who noticed what.
        detail: String,
    },
    /// A user reported something critical.
    CriticalReport {
        /// What they said.
        detail: String,
    },
    /// A smoke test or journey failed.
    HookFailed {
        /// The hook.
        hook: String,
        /// What it said.
        detail: String,
    },
    /// The phase ended undecided, and the plan says to go back.
    Undecided {
        /// What could not be excluded.
        verdict: String,
    },
    /// The new version never came up.
    DeployFailed {
        /// What the target said.
        detail: String,
    },
    /// A person said so.
    Person {
        /// Why.
        reason: String,
    },
    /// A newer release came.
    Superseded {
        /// Its id.
        by: String,
    },
}

/// How a release that goes back ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Taken back because it was bad or could not be shown to be good.
    RolledBack,
    /// Ended by a person, or it never came up.
    Aborted,
    /// Replaced by a newer release.
    Superseded,
}

/// Whether the artifact is to blame, and thus quarantined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// Nothing redeploys this artifact without a person's word.
    Artifact,
    /// It ended for other reasons.
    None,
}

/// A rollback under way or ended, with its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// Why.
    pub cause: Cause,
    /// How the release will end.
    pub ending: Ending,
    /// First sign of what caused it, as far as it can be known.
    pub first_sign: Timestamp,
    /// When the rollback began.
    pub started: Timestamp,
    /// When the lever confirmed 0 %.
    pub users_back: Option<Timestamp>,
    /// When the canary was gone.
    pub withdrawn: Option<Timestamp>,
    /// The steps done, in their order.
    pub done: Vec<(RollbackStep, Timestamp)>,
    /// Steps that took longer than their budget and were shouted about.
    pub over: Vec<RollbackStep>,
    /// Whether the whole clock was exceeded and shouted about.
    pub over_total: bool,
}

impl RollbackStep {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [Self::Stop, Self::Assess, Self::Decide, Self::Execute, Self::Verify, Self::Communicate];

    /// What this step may take, if it has a budget of its own (§3.3 of the process). Stopping is detection;
    /// assessing and deciding share the decision's time; telling people is only under the total.
    #[must_use]
    pub fn budget(self, budget: &Budget) -> Option<Millis> {
        match self {
            Self::Stop => Some(budget.detection),
            Self::Assess | Self::Decide => Some(budget.decision),
            Self::Execute => Some(budget.execution),
            Self::Verify => Some(budget.verification),
            Self::Communicate => None,
        }
    }
}

impl Rollback {
    /// The step that is being worked on; `None` when all are done.
    #[must_use]
    pub fn current(&self) -> Option<RollbackStep> {
        RollbackStep::ALL.into_iter().find(|step| !self.done.iter().any(|(done, _)| done == step))
    }

    /// When the current step began.
    #[must_use]
    pub fn step_began(&self) -> Timestamp {
        self.done.last().map_or(self.first_sign, |(_, at)| *at)
    }

    /// How long a finished step took.
    #[must_use]
    pub fn took(&self, step: RollbackStep) -> Option<Millis> {
        let i = self.done.iter().position(|(done, _)| *done == step)?;
        let began = match i.checked_sub(1) {
            None => self.first_sign,
            Some(before) => self.done.get(before)?.1,
        };
        self.done.get(i).map(|(_, at)| at.since(began))
    }
}

impl Cause {
    /// Whether the artifact is blamed.
    #[must_use]
    pub fn blame(&self, ending: Ending) -> Blame {
        match (self, ending) {
            (
                Self::Harm { .. }
                | Self::Unavailable { .. }
                | Self::Integrity { .. }
                | Self::CriticalReport { .. }
                | Self::HookFailed { .. }
                | Self::Person { .. },
                Ending::RolledBack,
            ) => Blame::Artifact,
            (Self::Undecided { .. } | Self::DeployFailed { .. } | Self::Superseded { .. }, _)
            | (_, Ending::Aborted | Ending::Superseded) => Blame::None,
        }
    }
}

impl fmt::Display for RollbackStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stop => "stop",
            Self::Assess => "assess",
            Self::Decide => "decide",
            Self::Execute => "execute",
            Self::Verify => "verify",
            Self::Communicate => "communicate",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Harm { verdict } => f.write_str(verdict),
            Self::Unavailable { detail } => write!(f, "unavailable: {detail}"),
            Self::Integrity { detail } => write!(f, "integrity alarm: {detail}"),
            Self::CriticalReport { detail } => write!(f, "critical report: {detail}"),
            Self::HookFailed { hook, detail } => write!(f, "hook {hook} failed: {detail}"),
            Self::Undecided { verdict } => write!(f, "undecided at the end of the phase: {verdict}"),
            Self::DeployFailed { detail } => write!(f, "could not be deployed: {detail}"),
            Self::Person { reason } => write!(f, "by hand: {reason}"),
            Self::Superseded { by } => write!(f, "superseded by {by}"),
        }
    }
}
