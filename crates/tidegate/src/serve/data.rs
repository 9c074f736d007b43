//! The data directory: one server at a time, readable by its owner alone.

use crate::exit::Exit;
use crate::failure::Failure;
use journal::Sqlite;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The journal's file in the data directory.
pub(crate) const JOURNAL: &str = "journal.db";

/// A data directory that is ours until this value is dropped.
#[derive(Debug)]
pub(crate) struct Data {
    dir: PathBuf,
    _lock: File,
}

impl Data {
    /// Takes the directory, and makes it when it is not there.
    ///
    /// # Errors
    /// It cannot be made or written, or another server has it.
    pub(crate) fn lock(dir: &Path) -> Result<Self, Failure> {
        let unusable = |error: &io::Error| {
            Failure::new(Exit::Failed, "TG-7012", format!("the data directory {} cannot be used", dir.display()))
                .because(error.to_string())
                .hint("give this user the right to write there, or name another directory with --data")
        };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| unusable(&error))?;
        let dir = dir.canonicalize().map_err(|error| unusable(&error))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("lock"))
            .map_err(|error| unusable(&error))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { dir, _lock: lock }),
            Err(Errno::WOULDBLOCK) => {
                Err(Failure::new(Exit::Failed, "TG-7013", format!("another server runs on {}", dir.display()))
                    .hint("use that one, stop it, or name another directory with --data"))
            }
            Err(error) => Err(unusable(&error.into())),
        }
    }

    /// The directory.
    #[must_use]
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory of the gate of this machine.
    #[must_use]
    pub(crate) fn gate(&self) -> PathBuf {
        self.dir.join("gate")
    }

    /// Whether a journal was begun here.
    #[must_use]
    pub(crate) fn has_journal(&self) -> bool {
        self.dir.join(JOURNAL).exists()
    }

    /// Opens the journal, and begins it when there is none.
    ///
    /// # Errors
    /// What the journal says: no right to write, damaged, written by a later release, no journal at all.
    pub(crate) fn journal(&self) -> Result<Sqlite, Failure> {
        Sqlite::open(self.dir.join(JOURNAL)).map_err(|error| {
            let failure = Failure::new(Exit::Failed, error.code(), error.to_string()).hint(error.hint());
            match error {
                journal::OpenError::Unavailable { cause, .. } if !cause.detail.is_empty() => {
                    failure.because(cause.detail)
                }
                _ => failure,
            }
        })
    }
}
