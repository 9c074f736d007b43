//! What can be wrong with a stored journal, and where.

use std::fmt;

use crate::{Unavailable, UnavailableKind};

/// A place in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// No single place.
    Whole,
    /// An entry, by its position.
    Entry {
        /// From 1.
        position: u64,
    },
    /// A sample of a stream.
    Sample {
        /// The stream's name.
        stream: String,
        /// From 1.
        n: u64,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the journal as a whole"),
            Self::Entry { position } => write!(f, "entry {position}"),
            Self::Sample { stream, n } => write!(f, "sample {n} of stream {stream}"),
        }
    }
}

/// What is wrong with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// The content does not match its hash: it, or what came before it, was changed.
    Altered,
    /// Something that must be there is not, or stands in the wrong place.
    Missing,
    /// The journal ends before the anchor.
    Truncated,
    /// The journal has another entry than the anchor's at its position: history was rewritten.
    Rewritten,
    /// The store's own structure is broken.
    Structure,
    /// It could not be read to the end, so it is not verified.
    Unreadable,
}

/// Why a journal does not verify: the first thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// What.
    pub what: DamageKind,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
}

impl Damage {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.what {
            DamageKind::Altered => "TG-3040",
            DamageKind::Missing => "TG-3041",
            DamageKind::Truncated => "TG-3042",
            DamageKind::Rewritten => "TG-3043",
            DamageKind::Structure => "TG-3044",
            DamageKind::Unreadable => "TG-3045",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.what {
            DamageKind::Altered | DamageKind::Missing | DamageKind::Rewritten => {
                "keep this file as evidence, find out who could write it, and restore the last backup that verifies"
            }
            DamageKind::Truncated => {
                "check that the anchor belongs to this journal; if it does, entries were cut off: restore a backup that reaches it"
            }
            DamageKind::Structure => "keep this file, check the disk, and restore the last backup that verifies",
            DamageKind::Unreadable => "look into the log for what the store said, and verify again when it can be read",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            DamageKind::Altered => "was altered",
            DamageKind::Missing => "is missing or misplaced",
            DamageKind::Truncated => "was cut off",
            DamageKind::Rewritten => "was rewritten",
            DamageKind::Structure => "is broken in its structure",
            DamageKind::Unreadable => "could not be read",
        };
        write!(f, "{} {what}: found {}, expected {}", self.place, self.found, self.expected)
    }
}

impl std::error::Error for Damage {}

impl From<Unavailable> for Damage {
    fn from(unavailable: Unavailable) -> Self {
        let what = match unavailable.kind {
            UnavailableKind::Damaged => DamageKind::Structure,
            UnavailableKind::DiskFull
            | UnavailableKind::ReadOnly
            | UnavailableKind::Busy
            | UnavailableKind::Io
            | UnavailableKind::Closed => DamageKind::Unreadable,
        };
        Self {
            place: unavailable.place.unwrap_or(Place::Whole),
            what,
            found: unavailable.detail,
            expected: "a journal that can be read".to_owned(),
        }
    }
}
