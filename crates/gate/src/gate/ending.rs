//! The end of the gate: asked for by a call or a signal, and made without cutting off a request if that can be helped.

use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::timeout;

use super::{Gate, Hosted};
use crate::service::Versions;

impl Gate {
    /// Asks the gate to stop. The first word counts.
    pub(crate) fn stop(&self, drain: Duration) {
        self.stop.send_if_modified(|stop| stop.is_none() && stop.replace(drain).is_none());
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Returns when somebody has asked the gate to stop, with how long requests may take to finish.
    pub(crate) async fn asked_to_stop(&self) -> Duration {
        let mut stop = self.stop.subscribe();
        loop {
            if let Some(drain) = *stop.borrow_and_update() {
                return drain;
            }
            if stop.changed().await.is_err() {
                return Duration::ZERO;
            }
        }
    }

    /// Closes every door, lets requests finish for at most `drain`, stops every process, ends the workers.
    pub(crate) async fn end(&self, drain: Duration) {
        let hosted = std::mem::take(&mut *self.hosted.borrow_mut());
        let mut doors = Vec::new();
        let mut versions: Vec<Versions> = Vec::new();
        for (_, Hosted { service, ticker, .. }) in hosted {
            ticker.abort();
            let ended = service.end();
            doors.extend(ended.door);
            versions.push(ended.versions);
        }
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
        let stopping: Vec<_> = versions.into_iter().map(|versions| spawn_local(versions.stop())).collect();
        for stopped in stopping {
            if let Err(error) = stopped.await {
                tracing::error!(%error, "a process may not have been stopped");
            }
        }
    }
}
