//! Taking users back, with its clock.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rollback under way or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rollback {
    /// Why, in one word.
    pub why: Cause,
    /// Why, in a sentence.
    pub cause: String,
    /// How the release ends.
    pub ending: Ending,
    /// Whether the artifact is blamed, and in quarantine until a person lifts it.
    pub quarantined: bool,
    /// The first sign of what caused it, as far as it can be known.
    pub first_sign_at_ms: i64,
    /// When it began.
    pub started_at_ms: i64,
    /// When the lever confirmed 0 %.
    pub users_back_at_ms: Option<i64>,
    /// From the beginning until then.
    pub users_back_ms: Option<u64>,
    /// When the new version was gone.
    pub withdrawn_at_ms: Option<i64>,
    /// The six steps, in their order.
    pub steps: Vec<RollbackStep>,
    /// From the first sign to the last step done so far.
    pub total_ms: u64,
    /// What all of it may take.
    pub total_budget_ms: u64,
    /// Whether it took longer.
    pub over_total: bool,
}

/// A step of a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RollbackStep {
    /// Which.
    pub step: StepName,
    /// Where the rollback is with it.
    pub state: StepState,
    /// How long it took.
    pub took_ms: Option<u64>,
    /// What it may take, if it has a budget of its own.
    pub budget_ms: Option<u64>,
    /// Whether it took longer.
    pub over: bool,
}

/// The steps of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The ramp is stopped.
    Stop,
    /// What is wrong is known.
    Assess,
    /// How far to go back is decided.
    Decide,
    /// Users are back and the new version is withdrawn.
    Execute,
    /// The old version is shown to be well.
    Verify,
    /// Those who must know were told.
    Communicate,
}

/// Where a rollback is with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Done.
    Done,
    /// Being worked on.
    Now,
    /// Not begun.
    Ahead,
}

/// Why users are taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The judge found harm.
    Harm,
    /// The new version does not answer, or its process ended.
    Unavailable,
    /// Data was damaged.
    Integrity,
    /// A user reported something critical.
    CriticalReport,
    /// A hook failed.
    HookFailed,
    /// A phase ended undecided, and the plan says to go back.
    Undecided,
    /// The new version never came up.
    DeployFailed,
    /// A person said so.
    Person,
    /// A newer release came.
    Superseded,
}

/// How a release that goes back ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Taken back.
    RolledBack,
    /// Ended by a person, or it never came up.
    Aborted,
    /// Replaced by a newer release.
    Superseded,
}
