//! One line per request in a file, for whoever must know afterwards who asked for what.
//!
//! Lines are formatted and written by a thread of their own. Between it and the workers is a queue of bounded length: when the disk
//! does not keep up lines are dropped and counted, and no request waits.

mod writing;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hyper::header::HeaderValue;
use hyper::{Method, StatusCode, Uri};

use crate::route::Arm;
use writing::Writer;

/// Lines that may wait to be written.
const QUEUE: usize = 16_384;

/// What workers hold of the log.
#[derive(Clone, Debug)]
pub(crate) struct AccessLog {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

/// What ends the log.
#[derive(Debug)]
pub(crate) struct Ending {
    queue: SyncSender<Message>,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
enum Message {
    Line(Box<Line>),
    End,
}

/// What is known of one request.
#[derive(Debug)]
pub(crate) struct Line {
    time_ms: u128,
    service: Arc<str>,
    method: Method,
    uri: Uri,
    request_id: Option<HeaderValue>,
    /// None if the client was refused before an arm was picked, or went away.
    answered_by: Option<(Arm, HeaderValue)>,
    /// None if the client went away before an answer.
    status: Option<StatusCode>,
    duration_us: u128,
    bytes: u64,
}

/// The line of a request that is under way. It is written when this is dropped, however the request ended.
#[derive(Debug)]
pub(crate) struct Entry {
    log: AccessLog,
    begun: Instant,
    line: Option<Box<Line>>,
}

impl AccessLog {
    /// Begins to write to `path`, behind what is there already.
    pub(crate) fn open(path: &Path) -> io::Result<(AccessLog, Ending)> {
        let writer = Writer::open(path)?;
        let (queue, lines) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        let thread = std::thread::Builder::new()
            .name("gate-access-log".to_owned())
            .spawn(move || writer.run(&lines, &counted))?;
        Ok((AccessLog { queue: queue.clone(), dropped }, Ending { queue, thread }))
    }

    /// Begins the line of a request.
    pub(crate) fn begin(&self, service: &Arc<str>, method: &Method, uri: &Uri, id: Option<&HeaderValue>) -> Entry {
        let line = Line {
            time_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis()),
            service: Arc::clone(service),
            method: method.clone(),
            uri: uri.clone(),
            request_id: id.cloned(),
            answered_by: None,
            status: None,
            duration_us: 0,
            bytes: 0,
        };
        Entry { log: self.clone(), begun: Instant::now(), line: Some(Box::new(line)) }
    }

    /// Lines that were not written.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Ending {
    /// Writes what waits, and ends.
    pub(crate) fn end(self) {
        if self.queue.send(Message::End).is_err() || self.thread.join().is_err() {
            tracing::error!("the access log ended too early");
        }
    }
}

impl Entry {
    pub(crate) fn answered_by(&mut self, arm: Arm, version: &HeaderValue) {
        if let Some(line) = &mut self.line {
            line.answered_by = Some((arm, version.clone()));
        }
    }

    pub(crate) fn status(&mut self, status: StatusCode) {
        if let Some(line) = &mut self.line {
            line.status = Some(status);
        }
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        if let Some(line) = &mut self.line {
            line.bytes += bytes as u64;
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(mut line) = self.line.take() else { return };
        line.duration_us = self.begun.elapsed().as_micros();
        if self.log.queue.try_send(Message::Line(line)).is_err() {
            self.log.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}
