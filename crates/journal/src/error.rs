//! Refusals: the request was understood and something stands against it. Each says what would have been accepted.

use std::fmt;

use crate::{Fence, Unavailable};

/// Why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendError {
    /// Somebody else wrote first: the stream does not end where the caller thought.
    Conflict {
        /// The last number the caller knew.
        expected: u64,
        /// The last number there is.
        actual: u64,
    },
    /// The caller is not the leader any more.
    Fenced {
        /// The fence it wrote under.
        presented: Fence,
        /// The only one accepted.
        current: Fence,
    },
    /// It may never be stored: an entry cannot be corrected later, so it is refused now.
    Malformed {
        /// Which part.
        field: &'static str,
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// The store could not do its work.
    Unavailable(Unavailable),
}

impl AppendError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "TG-3001",
            Self::Fenced { .. } => "TG-3002",
            Self::Malformed { .. } => "TG-3003",
            Self::Unavailable(unavailable) => unavailable.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "read the stream again and decide again on what it says now",
            Self::Fenced { .. } => "stop driving: another leader took over; acquire the lease again before writing",
            Self::Malformed { .. } => "correct the named part and repeat the request",
            Self::Unavailable(unavailable) => unavailable.hint(),
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { expected, actual } => {
                write!(f, "the stream moved on: expected it to end at {expected}, it ends at {actual}")
            }
            Self::Fenced { presented, current } => {
                write!(f, "a leader that was replaced may not write: presented fence {presented}, current is {current}")
            }
            Self::Malformed { field, problem } => {
                write!(f, "the journal cannot store this {field}: {problem}")
            }
            Self::Unavailable(unavailable) => unavailable.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unavailable(unavailable) => Some(unavailable),
            Self::Conflict { .. } | Self::Fenced { .. } | Self::Malformed { .. } => None,
        }
    }
}

impl From<Unavailable> for AppendError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

/// Why a lease was not given, prolonged or given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseError {
    /// Somebody else leads.
    Held {
        /// Who.
        by: String,
        /// Until when, in milliseconds since 1970-01-01 UTC, unless it is renewed.
        until_ms: i64,
    },
    /// The lease in hand is not the newest: it was taken over or given back.
    Lost {
        /// Its fence.
        presented: Fence,
        /// The newest.
        current: Fence,
    },
    /// The store could not do its work.
    Unavailable(Unavailable),
}

impl LeaseError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Held { .. } => "TG-3020",
            Self::Lost { .. } => "TG-3021",
            Self::Unavailable(unavailable) => unavailable.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Held { .. } => "wait until it runs out, or stop the server that holds it",
            Self::Lost { .. } => "stop driving; acquire the lease again to lead",
            Self::Unavailable(unavailable) => unavailable.hint(),
        }
    }
}

impl fmt::Display for LeaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { by, until_ms } => write!(f, "{by} leads until {until_ms} ms since 1970"),
            Self::Lost { presented, current } => {
                write!(f, "the lease was lost: its fence is {presented}, the newest is {current}")
            }
            Self::Unavailable(unavailable) => unavailable.fmt(f),
        }
    }
}

impl std::error::Error for LeaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unavailable(unavailable) => Some(unavailable),
            Self::Held { .. } | Self::Lost { .. } => None,
        }
    }
}

impl From<Unavailable> for LeaseError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}
