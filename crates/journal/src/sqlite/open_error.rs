//! Why a file cannot be opened as a journal.

use std::fmt;
use std::path::PathBuf;

use crate::Unavailable;

/// Why a file cannot be opened as a journal. Nothing was changed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// There is no such file, or no directory to create it in.
    Missing {
        /// What was looked for.
        path: PathBuf,
    },
    /// The file holds something else.
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
    },
    /// A later release of the product wrote it.
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest that this release knows.
        known: i64,
    },
    /// It is a journal, perhaps, but cannot be used.
    Unavailable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: Unavailable,
    },
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "TG-3030",
            Self::NotAJournal { .. } => "TG-3031",
            Self::NewerSchema { .. } => "TG-3032",
            Self::Unavailable { cause, .. } => cause.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "check the path; the directory must exist before a journal is created in it",
            Self::NotAJournal { .. } => {
                "name another file; if this one was a journal, its first page is damaged: restore the last backup that verifies"
            }
            Self::NewerSchema { .. } => "run the release that wrote it, or a later one",
            Self::Unavailable { cause, .. } => cause.hint(),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "there is no journal at {}", path.display()),
            Self::NotAJournal { path, found } => write!(f, "{} is not a journal: it is {found}", path.display()),
            Self::NewerSchema { path, found, known } => {
                write!(
                    f,
                    "{} was written by a later release: its schema is {found}, this release knows {known}",
                    path.display()
                )
            }
            Self::Unavailable { path, cause } => write!(f, "{}: {cause}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unavailable { cause, .. } => Some(cause),
            Self::Missing { .. } | Self::NotAJournal { .. } | Self::NewerSchema { .. } => None,
        }
    }
}
