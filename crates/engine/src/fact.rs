//! What is true because it happened. Facts are the contract with the journal: their JSON is stored for years, so a
//! field is added with a default and never renamed.

use crate::{Blame, Cause, Ending, Measurement, Millis, Plan, RollbackStep, Share, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// One thing that happened to a release. Records go into its journal stream, measurements beside it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Goes into the journal.
    Record(Record),
    /// Goes to the samples of the stream.
    Measured(Box<Measurement>),
}

/// How a release began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The service that is released.
    pub service: String,
    /// The channel it goes to.
    pub channel: String,
    /// The release type: `hotfix`, `feature`, `major`, …
    pub release_type: String,
    /// The new version, as people call it.
    pub version: String,
    /// What exactly is released: a digest, or `version:<v>` where none was given.
    pub artifact: String,
    /// The version that users have now; `None` for the first release of a service.
    pub live: Option<String>,
    /// The release that must end before this one may deploy.
    pub waits_for: Option<String>,
    /// The plan, whole: an edit of the policy changes nothing for this release.
    pub plan: Plan,
    /// How to act on this service (target, lever, signals), as compiled from the policy; opaque here.
    pub wiring: String,
    /// The digest of the policy that both came from.
    pub policy: String,
    /// A person's word that lifts the quarantine of this artifact.
    pub quarantine_lifted: Option<String>,
    /// What the person who opened it said.
    pub note: Option<String>,
}

/// Who or what let a phase pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum PassedBy {
    /// The judge excluded every harm that the phase's margins name.
    Judge,
    /// The plan advances although the judge is undecided.
    PlanDespiteRisk,
    /// A person did not want to wait.
    Person {
        /// Why.
        reason: String,
    },
    /// Everybody is moved, so that there is no second arm.
    NothingToCompare,
}

/// A fact of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Record {
    /// A release was opened.
    Opened(Box<Opened>),
    /// What stood in the way has ended.
    WayCleared {
        /// The version that users have since then; known only now.
        live: Option<String>,
    },
    /// The new version is being brought up.
    DeployStarted,
    /// It is up and healthy.
    Deployed,
    /// A phase began.
    PhaseEntered {
        /// Counted from 0.
        phase: usize,
        /// Its share.
        share: Share,
    },
    /// The lever confirmed a share.
    ShareConfirmed {
        /// What is in force.
        share: Share,
    },
    /// The lever took users back by itself: it had no word from control for longer than it may. The release waits for a
    /// person, with nobody on the new version.
    TakenBack {
        /// When, by the lever's clock.
        at: Timestamp,
        /// How long it had had no word.
        after: Millis,
    },
    /// The judge needs longer than the plan's time.
    SoakExtended {
        /// The phase's new length.
        to: Millis,
        /// What is still undecided.
        verdict: String,
    },
    /// The release waits for a person.
    Held {
        /// Why, in a sentence.
        reason: String,
    },
    /// A person stopped the soak.
    Paused {
        /// Why.
        reason: String,
    },
    /// A person lets it go on.
    Resumed,
    /// A hook ended.
    HookFinished {
        /// The phase, from 0.
        phase: usize,
        /// Which.
        hook: String,
        /// What went wrong, if anything.
        error: Option<String>,
    },
    /// Both arms are degraded: the share is held, nobody is blamed.
    DegradationShared {
        /// Began (`true`) or ended.
        began: bool,
    },
    /// There is no fresh data: the phase is held.
    SightLost {
        /// Lost (`true`) or back again.
        lost: bool,
        /// Why, for people.
        detail: String,
    },
    /// The split that was seen is not the one that was asked for: the soak is stopped.
    SplitDoubted {
        /// Doubted (`true`) or verified again.
        doubted: bool,
        /// What was seen.
        detail: String,
    },
    /// A phase is over, and the next may begin.
    PhasePassed {
        /// Counted from 0.
        phase: usize,
        /// Who let it pass.
        by: PassedBy,
        /// What the judge said at that moment: the evidence, or the risk that was not excluded.
        verdict: String,
        /// The measurements that the verdict rests on are numbers 1 to this of the stream's samples.
        measurements: u64,
    },
    /// Everybody has the new version; the old one stays warm.
    WatchStarted,
    /// The new version is being made the stable one.
    PromotionStarted,
    /// It is.
    Completed,
    /// Users are being taken back.
    RollbackStarted {
        /// Why.
        cause: Cause,
        /// How the release will end.
        ending: Ending,
        /// Whether the artifact is quarantined.
        blame: Blame,
        /// The first sign, as far as it can be known.
        first_sign: Timestamp,
        /// The measurements seen by then.
        measurements: u64,
    },
    /// The canary is gone.
    Withdrawn,
    /// A step of the rollback is done.
    RollbackStepDone {
        /// Which.
        step: RollbackStep,
        /// What was found or told.
        detail: String,
    },
    /// A step of the rollback, or all of it, takes longer than its budget.
    RollbackLate {
        /// Which step; `None` is the whole clock.
        step: Option<RollbackStep>,
        /// What it may take.
        budget: Millis,
    },
    /// The release is over and users have the old version.
    Ended {
        /// How.
        ending: Ending,
    },
}

impl Record {
    /// The kind under which the journal files it; stable.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::WayCleared { .. } => "way_cleared",
            Self::DeployStarted => "deploy_started",
            Self::Deployed => "deployed",
            Self::PhaseEntered { .. } => "phase_entered",
            Self::ShareConfirmed { .. } => "share_confirmed",
            Self::TakenBack { .. } => "taken_back",
            Self::SoakExtended { .. } => "soak_extended",
            Self::Held { .. } => "held",
            Self::Paused { .. } => "paused",
            Self::Resumed => "resumed",
            Self::HookFinished { .. } => "hook_finished",
            Self::DegradationShared { .. } => "degradation_shared",
            Self::SightLost { .. } => "sight_lost",
            Self::SplitDoubted { .. } => "split_doubted",
            Self::PhasePassed { .. } => "phase_passed",
            Self::WatchStarted => "watch_started",
            Self::PromotionStarted => "promotion_started",
            Self::Completed => "completed",
            Self::RollbackStarted { .. } => "rollback_started",
            Self::Withdrawn => "withdrawn",
            Self::RollbackStepDone { .. } => "rollback_step_done",
            Self::RollbackLate { .. } => "rollback_late",
            Self::Ended { .. } => "ended",
        }
    }
}
