//! Whether somebody writes a journal's file.
//!
//! Whoever writes it keeps a log and an index of it beside the file for as long as it is open; a log that is not empty
//! holds entries that are not in the file yet. Without them the file is complete.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::{Unavailable, UnavailableKind};

/// The log beside a file.
#[derive(PartialEq, Eq)]
pub(super) enum Log {
    /// There is none, or an empty one that nobody has open.
    None,
    /// It holds nothing, and somebody may be about to write it.
    Empty,
    /// It holds what is not in the file.
    Written,
}

/// What is beside the file at `path`.
pub(super) fn log(path: &Path) -> Log {
    let length = |suffix| beside(path, suffix).metadata().map(|file| file.len()).ok();
    match (length("-wal"), length("-shm"), length("-journal")) {
        // The last is the log of a file that is written in SQLite's other way.
        (Some(1..), _, _) | (_, _, Some(1..)) => Log::Written,
        (Some(0), Some(_), _) => Log::Empty,
        (None | Some(0), _, _) => Log::None,
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

/// A file that nobody writes, as it was at a moment.
#[derive(PartialEq, Eq)]
pub(super) struct Still {
    log: Log,
    length: u64,
    changed: (i64, i64),
}

impl Still {
    pub(super) fn of(path: &Path) -> Result<Self, Unavailable> {
        let gone =
            |error| Unavailable::new(UnavailableKind::Io, format!("the journal's file cannot be found: {error}"));
        let file = path.metadata().map_err(gone)?;
        Ok(Self { log: log(path), length: file.len(), changed: (file.mtime(), file.mtime_nsec()) })
    }

    /// Whether nobody wrote it since.
    pub(super) fn holds(&self, path: &Path) -> bool {
        Self::of(path).is_ok_and(|now| now == *self)
    }
}
