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
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Over { .. } => "open a new release".into(),
            Self::NotNow { accepted, .. } if accepted.is_empty() => "wait; nothing can be commanded now".into(),
            Self::NotNow { accepted, .. } => alloc::format!("now accepted: {}", accepted.join(", ")),
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
            Self::ReasonMissing { asked } => write!(f, "{asked} needs a reason"),
            Self::NothingToReturnTo { service } => {
                write!(f, "this is the first release of {service}: there is no version to go back to")
            }
        }
    }
}

impl core::error::Error for Refusal {}
