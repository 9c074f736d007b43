//! The store could not do its work, through no fault of the request.

use std::fmt;

use crate::Place;

/// Why the store could not do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnavailableKind {
    /// No space left for another entry. Writing resumes by itself when there is.
    DiskFull,
    /// The journal may be read but not written.
    ReadOnly,
    /// What is stored is not what was written.
    Damaged,
    /// Another process kept the journal locked for longer than we wait.
    Busy,
    /// The operating system refused to read or write.
    Io,
    /// The journal was closed while the request was waiting.
    Closed,
}

/// The store could not do its work. As text it says what happened, fit for a client; [`Unavailable::detail`] is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// Why.
    pub kind: UnavailableKind,
    /// Where, when that is known.
    pub place: Option<Place>,
    /// What the store itself said. For the log: it may name files.
    pub detail: String,
}

impl Unavailable {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            UnavailableKind::DiskFull => "TG-3010",
            UnavailableKind::ReadOnly => "TG-3011",
            UnavailableKind::Damaged => "TG-3012",
            UnavailableKind::Busy => "TG-3013",
            UnavailableKind::Io => "TG-3014",
            UnavailableKind::Closed => "TG-3015",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.kind {
            UnavailableKind::DiskFull => "free space on the disk that holds the journal; writing resumes by itself",
            UnavailableKind::ReadOnly => {
                "give the server's user the right to write the journal's file and its directory, or start it on another journal"
            }
            UnavailableKind::Damaged => {
                "keep the damaged file, run `tidegate audit verify` on it, and restore the last backup that verifies"
            }
            UnavailableKind::Busy => {
                "look for another process that holds the journal open, such as a backup; the request can be repeated"
            }
            UnavailableKind::Io => {
                "look into the log for what the operating system said, and check the disk and the journal's path"
            }
            UnavailableKind::Closed => "repeat the request when the server is up again",
        }
    }

    pub(crate) fn new(kind: UnavailableKind, detail: impl Into<String>) -> Self {
        Self { kind, place: None, detail: detail.into() }
    }

    pub(crate) fn damaged(place: Place, detail: impl Into<String>) -> Self {
        Self { kind: UnavailableKind::Damaged, place: Some(place), detail: detail.into() }
    }

    pub(crate) fn closed() -> Self {
        Self::new(UnavailableKind::Closed, "the journal was closed")
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            UnavailableKind::DiskFull => "the journal cannot grow: its disk is full",
            UnavailableKind::ReadOnly => "the journal cannot be written: it is read-only",
            UnavailableKind::Damaged => "the journal is damaged: what is stored is not what was written",
            UnavailableKind::Busy => "the journal is locked by another process",
            UnavailableKind::Io => "the journal cannot be reached: the operating system refused",
            UnavailableKind::Closed => "the journal is closed",
        })?;
        match &self.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unavailable {}
