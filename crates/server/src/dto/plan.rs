//! The plan that a release follows, and how far it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rollout plan as it was when the release was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// Its name in the policy.
    pub name: String,
    /// SHA-256 of the policy that it comes from.
    pub policy_digest: String,
    /// The phases in their order; the last one moves everybody.
    pub phases: Vec<Phase>,
    /// How long the old version is kept warm after everybody moved.
    pub watch_ms: u64,
    /// How often both arms are measured.
    pub interval_ms: u64,
    /// Whether anything counts requests; without counts the judge stays undecided.
    pub measured: bool,
}

/// A share of users held for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Phase {
    /// Who is moved.
    pub share_percent: f64,
    /// How long, counted only while the share is verified and data is fresh.
    pub soak_ms: u64,
    /// What happens when the time is over and the judge is undecided.
    pub on_undecided: OnUndecided,
    /// The hooks that run in it.
    pub hooks: Vec<String>,
    /// Where the release is with it.
    pub state: PhaseState,
}

/// What happens at the end of a phase when neither harm nor its absence is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "then")]
pub enum OnUndecided {
    /// Go on measuring up to this many times the soak, then hold for a person.
    Extend {
        /// The whole phase in multiples of its soak.
        times: u32,
    },
    /// Hold for a person.
    Hold,
    /// Take users back.
    RollBack,
    /// Go on, with the risk that was not excluded in the journal.
    Advance,
}

/// Where a release is with a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Behind it.
    Done,
    /// In it; of a release that was taken back: where it was when that began.
    Now,
    /// Before it.
    Ahead,
    /// It cannot be told now: users are taken back and the journal, which knows, does not answer.
    Unknown,
}
