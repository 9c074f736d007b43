//! How many clients one service serves at a time. Who comes when all seats are taken waits to be accepted, in the system's queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::Notify;

/// Descriptors that are no clients' and no upstreams': listeners, logs, the journal of the supervisor.
const OTHERS: u64 = 256;

#[derive(Debug, Default)]
pub(crate) struct Seats {
    taken: AtomicUsize,
    waited: AtomicU64,
    freed: Notify,
}

/// One client's, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Arc<Seats>);

impl Seats {
    /// Waits for a seat. `most` is asked again whenever something changes.
    pub(crate) async fn take(self: &Arc<Self>, most: impl Fn() -> usize) -> Seat {
        let mut has_waited = false;
        loop {
            // Before looking: a seat that is left after the look wakes whoever waits.
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            let below = |taken: usize| (taken < most()).then_some(taken + 1);
            if self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, below).is_ok() {
                return Seat(Arc::clone(self));
            }
            if !has_waited {
                has_waited = true;
                self.waited.fetch_add(1, Ordering::Relaxed);
            }
            freed.await;
        }
    }

    /// There may be more seats than before.
    pub(crate) fn changed(&self) {
        self.freed.notify_waiters();
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    /// Clients that had to wait for a seat.
    pub(crate) fn waited(&self) -> u64 {
        self.waited.load(Ordering::Relaxed)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
        self.0.changed();
    }
}

/// Raises the number of descriptors that this process may have open as far as it may itself, and says for how many clients they are
/// enough: each needs one and, while it is served, its upstream another.
pub(crate) fn ceiling() -> usize {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        tracing::warn!(%error, "the number of open files stays as low as it is");
    }
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(allowed.saturating_sub(OTHERS) / 2).unwrap_or(usize::MAX).max(16)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn who_finds_no_seat_waits_for_one() {
        let seats = Arc::new(Seats::default());
        let first = seats.take(|| 1).await;
        assert!(timeout(Duration::from_millis(20), seats.take(|| 1)).await.is_err());
        let waiting = tokio::spawn({
            let seats = Arc::clone(&seats);
            async move { seats.take(|| 1).await }
        });
        tokio::task::yield_now().await;
        drop(first);
        let second = timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
        assert_eq!((seats.taken(), seats.waited()), (1, 2));
        drop(second);
        assert_eq!(seats.taken(), 0);
    }
}
