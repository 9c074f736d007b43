//! The gate's directory: made, locked by one gate at a time, and written so that a crash leaves the old file or the new one.

use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::error::GateError;
use crate::wire::SOCKET;

#[derive(Debug)]
pub(crate) struct Home {
    dir: PathBuf,
    /// Held for as long as the gate runs; the system releases it however the gate ends.
    lock: File,
}

/// Whether a file has to survive a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durable {
    /// It does: written through to the disk before this returns.
    Yes,
    /// It means nothing after one.
    No,
}

impl Home {
    pub(crate) fn lock(dir: &Path) -> Result<Home, GateError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |cause| GateError::Directory { path, cause }
        };
        // Only for this user: the socket in it commands processes.
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unusable(dir))?;
        let dir = dir.canonicalize().map_err(unusable(dir))?;
        let path = dir.join("gate.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(unusable(&path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Home { dir, lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(GateError::AnotherGate { dir }),
            Err(errno) => Err(unusable(&path)(errno.into())),
        }
    }

    /// The directory of a gate that this process was before: the lock was never free.
    pub(crate) fn held(dir: &Path, lock: OwnedFd) -> Result<Home, GateError> {
        let failed = |cause| GateError::Directory { path: dir.to_owned(), cause };
        Ok(Home { dir: dir.canonicalize().map_err(failed)?, lock: File::from(lock) })
    }

    /// The lock, for whoever this process is next.
    pub(crate) fn hand_over(&self) -> io::Result<OwnedFd> {
        Ok(OwnedFd::from(self.lock.try_clone()?))
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join(SOCKET)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Where a version's output goes. Both names were checked and mean nothing to a path.
    pub(crate) fn log(&self, service: &str, version: &str) -> PathBuf {
        self.dir.join("logs").join(service).join(format!("{version}.log"))
    }

    /// Replaces the file `name` as a whole.
    pub(crate) fn replace(&self, name: &str, content: &[u8], durable: Durable) -> io::Result<()> {
        let written = self.dir.join(format!("{name}.new"));
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&written)?;
        file.write_all(content)?;
        if durable == Durable::Yes {
            file.sync_all()?;
        }
        rename(&written, self.dir.join(name))?;
        if durable == Durable::Yes {
            // The rename itself is only on disk when the directory is.
            File::open(&self.dir)?.sync_all()?;
        }
        Ok(())
    }
}
