//! The end of the access log that meets the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Line, Message};

/// How often it is looked whether the file was taken away to be kept elsewhere.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    looked: Instant,
    /// Whether the last line was written; said once, and not for every line.
    works: bool,
}

/// A line as it is written.
#[derive(Serialize)]
struct Written<'a> {
    time_ms: u128,
    service: &'a str,
    arm: Option<&'static str>,
    version: Option<&'a str>,
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    duration_us: u128,
    bytes: u64,
    request_id: Option<&'a str>,
}

impl Writer {
    pub(super) fn open(path: &Path) -> io::Result<Writer> {
        let file = append(path)?;
        Ok(Writer { path: path.to_owned(), file: BufWriter::new(file), looked: Instant::now(), works: true })
    }

    /// Writes what comes until the end comes. What cannot be written is counted in `dropped`.
    pub(super) fn run(mut self, lines: &Receiver<Message>, dropped: &AtomicU64) {
        loop {
            let message = match lines.try_recv() {
                Ok(message) => Ok(message),
                Err(TryRecvError::Empty) => {
                    self.note(|writer| writer.file.flush());
                    lines.recv().map_err(|_| ())
                }
                Err(TryRecvError::Disconnected) => Err(()),
            };
            match message {
                Ok(Message::Line(line)) => {
                    self.follow();
                    if !self.note(|writer| writer.write(&line)) {
                        dropped.fetch_add(1, Ordering::Relaxed);
                    }
                }
                Ok(Message::End) | Err(()) => break,
            }
        }
        self.note(|writer| writer.file.flush());
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        let written = Written {
            time_ms: line.time_ms,
            service: &line.service,
            arm: line.answered_by.as_ref().map(|(arm, _)| arm.name()),
            version: line.answered_by.as_ref().and_then(|(_, version)| version.to_str().ok()),
            method: line.method.as_str(),
            path: line.uri.path(),
            status: line.status.map(|status| status.as_u16()),
            duration_us: line.duration_us,
            bytes: line.bytes,
            request_id: line.request_id.as_ref().and_then(|id| id.to_str().ok()),
        };
        serde_json::to_writer(&mut self.file, &written)?;
        self.file.write_all(b"\n")
    }

    /// Goes on in a new file if somebody has moved the old one away.
    fn follow(&mut self) {
        if self.looked.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked = Instant::now();
        let here = |file: &File| file.metadata().map(|file| (file.dev(), file.ino())).ok();
        let there = std::fs::metadata(&self.path).map(|file| (file.dev(), file.ino())).ok();
        if there.is_some() && there == here(self.file.get_ref()) {
            return;
        }
        self.note(|writer| {
            writer.file.flush()?;
            writer.file = BufWriter::new(append(&writer.path)?);
            Ok(())
        });
    }

    /// Does something that may fail, and says so when that changes.
    fn note(&mut self, act: impl FnOnce(&mut Writer) -> io::Result<()>) -> bool {
        let done = act(self);
        match &done {
            Err(error) if self.works => {
                tracing::warn!(path = %self.path.display(), %error, "the access log cannot be written")
            }
            Ok(()) if !self.works => tracing::info!(path = %self.path.display(), "the access log is written again"),
            Ok(()) | Err(_) => {}
        }
        self.works = done.is_ok();
        done.is_ok()
    }
}

/// For this user alone: paths and ids are the users' business.
fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}
