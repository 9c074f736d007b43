//! A refusal is a value: what was asked, why it cannot be, and what would have been accepted.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Why an input changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The release is over.
    Over {
        /// What was asked.
        asked: &'static str,
        /// How it ended.
        stage: &'static str,
    },
    /// Not at this point of its life.
    NotNow {
        /// What was asked.
        asked: &'static str,
        /// Where the release is.
        stage: &'static str,
        /// The commands that would be accepted.
        accepted: Vec<&'static str>,
    },
    /// It was meant for a phase that is not under way.
    OtherPhase {
        /// The phase that was meant, counted from 0.
        meant: usize,
        /// The one under way; `None` outside the ramp.
        now: Option<usize>,
        /// Where the release is.
        stage: &'static str,
    },
    /// The command needs a reason that the journal can keep.
    ReasonMissing {
        /// What was asked.
        asked: &'static str,
    },
    /// There is no version to go back to.
    NothingToReturnTo {
        /// The service.
        service: String,
    },
}

impl Refusal {
    /// The stable code; `docs/errors/` has a page for each.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Over { .. } => "TG-2001",
            Self::NotNow { .. } => "TG-2002",
            Self::ReasonMissing { .. } => "TG-2003",
            Self::NothingToReturnTo { .. } => "TG-2004",
            Self::OtherPhase { .. } => "TG-2005",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Over { .. } => "open a new release".into(),
            Self::NotNow { accepted, .. } if accepted.is_empty() => "wait; nothing can be commanded now".into(),
            Self::NotNow { accepted, .. } => alloc::format!("now accepted: {}", accepted.join(", ")),
            Self::OtherPhase { .. } => {
                "nothing was changed; look at the release, and say it again if you still mean it".into()
            }
            Self::ReasonMissing { .. } => "say why with --reason; the journal keeps it".into(),
            Self::NothingToReturnTo { .. } => "abort the release instead; that withdraws the version".into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over { asked, stage } => write!(f, "cannot {asked}: the release is {stage}"),
            Self::NotNow { asked, stage, .. } => write!(f, "cannot {asked} while the release is {stage}"),
            Self::OtherPhase { meant, now: Some(now), .. } => {
                write!(f, "cannot advance phase {}: the release is in phase {}", meant.saturating_add(1), now + 1)
            }
            Self::OtherPhase { meant, now: None, stage } => {
                write!(f, "cannot advance phase {}: the release is {stage}", meant.saturating_add(1))
            }
            Self::ReasonMissing { asked } => write!(f, "{asked} needs a reason"),
            Self::NothingToReturnTo { service } => {
                write!(f, "this is the first release of {service}: there is no version to go back to")
            }
        }
    }
}

impl core::error::Error for Refusal {}
