//! Which worker serves a connection that was accepted.
//!
//! All workers wait at every listener, and whoever wakes first takes all that is there: of 64 connections that come at once one worker may
//! have them all, and the other cores have nothing to do. So whoever has accepted one and has clearly more than another gives it away.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

use crate::lane::Lane;
use crate::seats::Seat;

/// How many more connections than another worker one may have. To move a connection costs two system calls and waking somebody, so it is not
/// done for a difference that the next one may even out.
const CLEARLY_MORE: usize = 2;

/// A connection that belongs to no event loop.
pub(crate) type Handed = std::net::TcpStream;

/// A connection that nobody serves yet.
pub(crate) struct Accepted<S> {
    pub(crate) stream: S,
    pub(crate) remote: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) lane: Arc<Lane>,
    pub(crate) seat: Seat,
    /// Says when the connection is to end.
    pub(crate) closing: watch::Receiver<bool>,
    /// Dropped when the connection has ended.
    pub(crate) connected: mpsc::Sender<()>,
    /// Counted from now on, so that those who come at the same moment are not all given to the same worker.
    pub(crate) place: Place,
}

/// What every worker knows of all of them.
#[derive(Debug)]
pub(crate) struct Balance {
    workers: Box<[Counted]>,
}

#[derive(Debug)]
struct Counted {
    connections: AtomicUsize,
    hand: mpsc::UnboundedSender<Accepted<Handed>>,
}

/// One of a worker's connections, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    balance: Arc<Balance>,
    worker: usize,
}

impl Balance {
    /// For `count` workers, and what each of them is handed.
    pub(crate) fn of(count: usize) -> (Arc<Balance>, Vec<mpsc::UnboundedReceiver<Accepted<Handed>>>) {
        let (workers, handed) = (0..count)
            .map(|_| {
                let (hand, handed) = mpsc::unbounded_channel();
                (Counted { connections: AtomicUsize::new(0), hand }, handed)
            })
            .unzip::<_, _, Vec<_>, Vec<_>>();
        (Arc::new(Balance { workers: workers.into() }), handed)
    }

    /// A place with `own`, or with whoever has clearly fewer connections.
    pub(crate) fn place(self: &Arc<Self>, own: usize) -> Place {
        let connections = |worker: usize| {
            self.workers.get(worker).map_or(usize::MAX, |counted| counted.connections.load(Ordering::Relaxed))
        };
        let fewest = (0..self.workers.len()).min_by_key(|&worker| connections(worker)).unwrap_or(own);
        let worker = if connections(own) >= connections(fewest).saturating_add(CLEARLY_MORE) { fewest } else { own };
        if let Some(counted) = self.workers.get(worker) {
            counted.connections.fetch_add(1, Ordering::Relaxed);
        }
        Place { balance: Arc::clone(self), worker }
    }

    /// Gives a connection to the worker of its place.
    pub(crate) fn hand(accepted: Accepted<Handed>) {
        let balance = Arc::clone(&accepted.place.balance);
        let given = match balance.workers.get(accepted.place.worker) {
            Some(counted) => counted.hand.send(accepted).is_ok(),
            None => false,
        };
        if !given {
            tracing::error!("a worker is gone, and a connection with it");
        }
    }
}

impl<S> Accepted<S> {
    /// The same connection in another shape.
    pub(crate) fn map<T>(self, shape: impl FnOnce(S) -> io::Result<T>) -> io::Result<Accepted<T>> {
        let Accepted { stream, remote, local, lane, seat, closing, connected, place } = self;
        Ok(Accepted { stream: shape(stream)?, remote, local, lane, seat, closing, connected, place })
    }
}

impl Place {
    /// Whose it is.
    pub(crate) fn worker(&self) -> usize {
        self.worker
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(counted) = self.balance.workers.get(self.worker) {
            counted.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_accepts_nobody_has_clearly_more_than_another() {
        let (balance, _handed) = Balance::of(3);
        let places: Vec<Place> = (0..300).map(|_| balance.place(1)).collect();
        let of = |worker| places.iter().filter(|place| place.worker() == worker).count();
        assert!(
            [0, 1, 2].iter().all(|&worker| of(worker).abs_diff(100) <= CLEARLY_MORE),
            "{:?}",
            [of(0), of(1), of(2)]
        );
        drop(places);
        assert!(balance.workers.iter().all(|counted| counted.connections.load(Ordering::Relaxed) == 0));
    }

    #[test]
    fn a_difference_that_evens_out_moves_nobody() {
        let (balance, _handed) = Balance::of(2);
        let _kept = balance.place(0);
        for _ in 0..10 {
            assert_eq!(balance.place(0).worker(), 0);
        }
    }
}
