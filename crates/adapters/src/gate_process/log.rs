//! What the gate writes, in a file beside its socket.

use std::fs::{DirBuilder, File, OpenOptions, metadata, rename};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The size above which the log is put aside at the next start, in bytes. One older piece is kept.
const LARGE: u64 = 8 * 1024 * 1024;
/// How much of its end is shown, in bytes.
const SHOWN: u64 = 2 * 1024;

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("gate.log")
}

/// Opens the log for a new gate. The directory is only for this user: the socket in it commands processes.
pub(super) fn open(dir: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let path = path(dir);
    if metadata(&path).is_ok_and(|found| found.len() > LARGE) {
        rename(&path, dir.join("gate.log.1"))?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// The last lines, for a message. What cannot be read is said in its place.
pub(super) fn end(dir: &Path) -> String {
    let read = || {
        let mut log = File::open(path(dir))?;
        let from = log.metadata()?.len().saturating_sub(SHOWN);
        log.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        log.take(SHOWN).read_to_end(&mut end)?;
        Ok::<_, io::Error>(String::from_utf8_lossy(&end).trim().to_owned())
    };
    match read() {
        Ok(end) if end.is_empty() => "nothing".to_owned(),
        Ok(end) => end,
        Err(error) => format!("(its log cannot be read: {error})"),
    }
}
