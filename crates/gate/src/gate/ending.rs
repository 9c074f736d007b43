//! The end of the gate: asked for by a call or a signal, and made without cutting off a request if that can be helped.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::timeout;

use super::{Gate, Hosted};
use crate::door::Door;
use crate::service::Versions;

/// How the gate ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With everything that it runs. Requests have this long to finish.
    Stop(Duration),
    /// Another program takes its place in the same process.
    Upgrade {
        /// How long requests have to finish.
        drain: Duration,
        /// Another program than the one at the path that the gate was started from.
        program: Option<PathBuf>,
    },
}

impl Gate {
    /// Asks the gate to end. The first word counts.
    pub(crate) fn end_by(&self, end: End) {
        self.end.send_if_modified(|asked| asked.is_none() && asked.replace(end).is_none());
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Returns when somebody has asked the gate to end.
    pub(crate) async fn asked_to_end(&self) -> End {
        let mut end = self.end.subscribe();
        loop {
            if let Some(end) = end.borrow_and_update().clone() {
                return end;
            }
            if end.changed().await.is_err() {
                return End::Stop(Duration::ZERO);
            }
        }
    }

    /// Closes every door, lets requests finish for at most `drain`, stops every process, ends the workers.
    pub(crate) async fn stop(&self, drain: Duration) {
        let hosted = std::mem::take(&mut *self.hosted.borrow_mut());
        let mut doors = Vec::new();
        let mut versions: Vec<Versions> = Vec::new();
        for (_, Hosted { service, ticker, .. }) in hosted {
            ticker.abort();
            let ended = service.end();
            doors.extend(ended.door);
            versions.push(ended.versions);
        }
        self.close(doors, drain).await;
        let stopping: Vec<_> = versions.into_iter().map(|versions| spawn_local(versions.stop())).collect();
        for stopped in stopping {
            if let Err(error) = stopped.await {
                tracing::error!(%error, "a process may not have been stopped");
            }
        }
    }

    /// Closes `doors`, lets requests finish for at most `drain`, ends the workers.
    pub(super) async fn close(&self, mut doors: Vec<Door>, drain: Duration) {
        for door in &mut doors {
            door.close().await;
        }
        let drained = async {
            for door in &mut doors {
                door.drained().await;
            }
        };
        if timeout(drain, drained).await.is_err() {
            tracing::warn!(?drain, "requests in flight were cut off");
        }
        for worker in self.workers.take() {
            worker.end();
        }
    }
}
