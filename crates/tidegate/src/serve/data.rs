//! The data directory: one server at a time, and files that only their owner reads. A directory that is there already may
//! hold other things and keeps its mode, unless anybody could put files of his own in the place of ours.

use crate::exit::Exit;
use crate::failure::Failure;
use journal::Sqlite;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, set_permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The journal's file in the data directory.
pub(crate) const JOURNAL: &str = "journal.db";

/// The bit of a mode that lets everybody write.
const OTHERS_WRITE: u32 = 0o002;
/// The bits that are the owner's.
const OWNER: u32 = 0o700;

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
        let mode = dir.metadata().map_err(|error| unusable(&error))?.permissions().mode();
        if mode & OTHERS_WRITE != 0 {
            return Err(Failure::new(Exit::Failed, "TG-7034", format!("everybody may write in {}", dir.display()))
                .because("whoever can replace the journal or the admin's token there can take the server over")
                .hint(format!("`chmod o-w {}`, or name another directory with --data", dir.display())));
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
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
        let path = self.dir.join(JOURNAL);
        private(&path).map_err(|error| {
            Failure::new(Exit::Failed, "TG-7012", format!("{} is not this user's", path.display()))
                .because(error.to_string())
                .hint("run the server as the user that owns its files, or give them to this user with `chown`")
        })?;
        Sqlite::open(path).map_err(|error| {
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

/// Takes the journal from everybody but its owner, and makes an empty one of that kind when there is none: SQLite gives the
/// files beside it the same mode. What the owner may do with them is left as it is.
fn private(journal: &Path) -> io::Result<()> {
    match File::options().write(true).create_new(true).mode(0o600).open(journal) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        // Whatever keeps it from being made is told by whoever opens it, in words of its own.
        Err(_) => return Ok(()),
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = journal.to_owned().into_os_string();
        name.push(suffix);
        let path = PathBuf::from(name);
        let Ok(mut mode) = path.metadata().map(|file| file.permissions()) else { continue };
        if mode.mode() & 0o777 & !OWNER == 0 {
            continue;
        }
        mode.set_mode(mode.mode() & OWNER);
        match set_permissions(&path, mode) {
            // A medium that cannot be written is told by whoever opens the journal.
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {}
            done => done?,
        }
    }
    Ok(())
}
