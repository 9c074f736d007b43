//! What can happen to a release: people command, the world reports, time passes.

use crate::{Measurement, Share, TakenBack, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;

/// When something was said, and by whom (a person, a token, or `tidegate` itself).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The moment, by control's clock.
    pub at: Timestamp,
    /// Whom the journal will name.
    pub actor: String,
}

/// One thing that the engine hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A person's word.
    Command(Command),
    /// The release that stood in the way has ended.
    WayCleared {
        /// The version that users have now.
        live: Option<String>,
    },
    /// The new version is up and healthy.
    Deployed,
    /// The new version could not be brought up.
    DeployFailed {
        /// What the target said.
        reason: String,
    },
    /// The lever confirmed a share.
    ShareConfirmed {
        /// What is in force now.
        share: Share,
    },
    /// The lever took users back by itself, because nobody had watched for too long.
    TakenBack(TakenBack),
    /// An interval was measured.
    Measured(Box<Measurement>),
    /// A hook of a phase ended.
    HookFinished {
        /// The phase, counted from 0.
        phase: usize,
        /// The hook's name in the policy.
        hook: String,
        /// `Err` says what went wrong.
        outcome: Result<(), String>,
    },
    /// The new version was made the stable one.
    Promoted,
    /// The new version is gone.
    Withdrawn,
    /// Stable was asked after a rollback.
    StableProbed {
        /// Whether it is well.
        well: bool,
        /// What was seen.
        detail: String,
    },
    /// Data was damaged; no statistics are asked.
    IntegrityAlarm {
        /// Who or what noticed.
        detail: String,
    },
    /// A user reported something critical.
    CriticalReport {
        /// What they said.
        detail: String,
    },
    /// Time passed.
    Tick,
}

/// What people say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Keep the share, stop the soak.
    Pause {
        /// Why.
        reason: String,
    },
    /// Go on.
    Resume,
    /// Do not wait for the rest of this phase; needs a reason, and records the risk.
    Advance {
        /// Why.
        reason: String,
        /// The phase that is meant, counted from 0: an advance that is said twice then passes one phase. `None` means
        /// whatever is under way.
        phase: Option<usize>,
    },
    /// End the release without blame.
    Abort {
        /// Why.
        reason: String,
    },
    /// Take users back: this version is bad.
    RollBack {
        /// Why.
        reason: String,
    },
    /// A newer release takes this one's place.
    Supersede {
        /// Its id.
        by: String,
    },
}

impl Command {
    /// The command's word on the command line.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::Advance { .. } => "advance",
            Self::Abort { .. } => "abort",
            Self::RollBack { .. } => "roll back",
            Self::Supersede { .. } => "supersede",
        }
    }
}
