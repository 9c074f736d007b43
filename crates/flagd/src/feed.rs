//! A stream of editions to one client.
//!
//! It lives as long as the client wants and ends for two reasons of our own: the token was taken back, or the server stops. It
//! keeps no queue: the body is asked for a frame when the connection has room for one, and only then is the newest edition
//! looked at, so a reader that was slow gets the state that is true now and costs nobody memory.

use crate::stopping::Stopping;
use crate::{Denied, Edition, Subscription};
use bytes::Bytes;
use futures_util::{Stream, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;

/// What a kind of stream says at each turn of its life.
pub(crate) trait Told: Send + 'static {
    /// First of all.
    fn welcome(&self, now: &Edition) -> Bytes;
    /// Of a change; nothing where it is none for these clients.
    fn change(&self, before: &Edition, now: &Edition) -> Option<Bytes>;
    /// When the server stops.
    fn farewell(&self) -> Option<Bytes>;
    /// When nothing was said for a while, and how long that is.
    fn idle(&self) -> Option<(Duration, Bytes)>;
}

/// The frames for one client.
pub(crate) fn feed<T: Told>(
    told: T,
    subscription: Subscription,
    stopping: Stopping,
) -> impl Stream<Item = Result<Bytes, Status>> + Send + 'static {
    let idle = Box::pin(sleep(told.idle().map_or(Duration::ZERO, |(after, _)| after)));
    let feed = Feed { told, subscription, stopping, known: None, idle, over: false };
    stream::unfold(feed, |mut feed| async move { feed.next().await.map(|frame| (frame, feed)) })
}

struct Feed<T> {
    told: T,
    subscription: Subscription,
    stopping: Stopping,
    known: Option<Arc<Edition>>,
    idle: std::pin::Pin<Box<Sleep>>,
    over: bool,
}

/// Why a feed woke up.
enum Woken {
    Revoked,
    Changed,
    Idle,
    Stopping,
}

impl<T: Told> Feed<T> {
    async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        loop {
            let woken = match self.known {
                _ if self.over => return None,
                None => Woken::Changed,
                Some(_) => self.wait().await,
            };
            let frame = match woken {
                Woken::Revoked => {
                    self.over = true;
                    return Some(Err(Denied::Unauthenticated.into()));
                }
                Woken::Changed => self.newest(),
                Woken::Idle => self.told.idle().map(|(_, frame)| frame),
                Woken::Stopping => {
                    self.over = true;
                    self.told.farewell()
                }
            };
            if let Some(frame) = frame {
                self.rest();
                return Some(Ok(frame));
            }
        }
    }

    async fn wait(&mut self) -> Woken {
        let idles = self.told.idle().is_some();
        tokio::select! {
            biased;
            () = &mut self.subscription.ended => Woken::Revoked,
            changed = self.subscription.editions.changed() => if changed.is_ok() { Woken::Changed } else { Woken::Stopping },
            () = self.stopping.come() => Woken::Stopping,
            () = self.idle.as_mut(), if idles => Woken::Idle,
        }
    }

    fn newest(&mut self) -> Option<Bytes> {
        let now = self.subscription.editions.borrow_and_update().clone();
        let before = self.known.replace(now.clone());
        let frame = match before {
            None => Some(self.told.welcome(&now)),
            Some(before) => self.told.change(&before, &now),
        };
        // Where there is nothing to tell, the client knows this state already.
        self.subscription.client.sent(now.revision());
        frame
    }

    fn rest(&mut self) {
        if let Some((after, _)) = self.told.idle() {
            self.idle.as_mut().reset(Instant::now() + after);
        }
    }
}
