//! Notices what other processes append.
//!
//! Our own writer publishes the height itself. SQLite has no way to be told of another process's commits, only a counter
//! that changes with each; one look at it ten times a second serves all tails at once.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;

use super::OpenError;
use super::connection::Source;
use super::readers::{Seat, spawn};
use super::rows;
use super::writer::publish;
use crate::Unavailable;

const PERIOD: Duration = Duration::from_millis(100);

pub(super) struct Watcher {
    /// Never sent on: closing it ends the thread.
    leash: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    height: Arc<watch::Sender<u64>>,
}

impl Watcher {
    pub(super) fn start(source: Source, height: Arc<watch::Sender<u64>>) -> Result<Self, OpenError> {
        let (leash, released) = channel::<()>();
        let published = height.clone();
        let thread = spawn("journal-watcher", &source.clone(), move || {
            let mut seat = Seat::new(source);
            let mut version = None;
            while released.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                match seat.read(|connection| look(connection, &mut version)) {
                    Ok(Some(reached)) => publish(&published, reached),
                    Ok(None) => {}
                    // Wake the tails: they read for themselves and tell their callers what is wrong.
                    Err(_) => published.send_modify(|_| {}),
                }
            }
        })?;
        Ok(Self { leash: Some(leash), thread: Some(thread), height })
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.height.subscribe()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.leash = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

/// The height, if anything was committed since the last look. The counter means something within one connection only;
/// after a failure it is forgotten and the height read once more.
fn look(connection: &Connection, last: &mut Option<i64>) -> Result<Option<u64>, Unavailable> {
    let before = last.take();
    let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
    let reached = if before == Some(version) { None } else { Some(rows::head(connection)?.position) };
    *last = Some(version);
    Ok(reached)
}
