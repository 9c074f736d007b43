//! Where one instance of a version answers right now, and how many requests are with it. Shared by the threads that forward and the one that supervises.

mod passive;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwapOption;
use passive::Passive;

/// One instance's address. A process that is started again may come back on another port; the arm that points here does not notice.
#[derive(Debug)]
pub(crate) struct Upstream {
    id: u64,
    address: ArcSwapOption<SocketAddr>,
    expected: AtomicBool,
    /// Whether it answered its last health check.
    well: AtomicBool,
    in_flight: AtomicUsize,
    passive: Passive,
}

impl Upstream {
    pub(crate) fn unknown() -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Arc::new(Upstream {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            address: ArcSwapOption::empty(),
            expected: AtomicBool::new(true),
            well: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            passive: Passive::default(),
        })
    }

    /// Names the upstream in the pools.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address.load().as_deref().copied()
    }

    /// The version answers at `address`, or will as soon as it has started.
    pub(crate) fn move_to(&self, address: SocketAddr) {
        self.address.store(Some(Arc::new(address)));
        self.expected.store(true, Ordering::Release);
    }

    /// Nobody answers any more; `expected` says whether somebody soon will.
    pub(crate) fn lost(&self, expected: bool) {
        self.address.store(None);
        self.expected.store(expected, Ordering::Release);
    }

    /// Whether waiting a little may help where connecting failed.
    pub(crate) fn is_expected(&self) -> bool {
        self.expected.load(Ordering::Acquire)
    }

    /// It was asked how it is, and this is the answer.
    pub(crate) fn checked(&self, well: bool) {
        self.well.store(well, Ordering::Release);
    }

    /// How fit it is to have a request, the fittest first.
    pub(crate) fn fitness(&self) -> u8 {
        match (self.address().is_some(), self.well.load(Ordering::Acquire), self.is_ejected()) {
            (true, true, false) => 0,
            (true, true, true) => 1,
            (true, false, _) => 2,
            (false, _, _) => 3,
        }
    }

    /// It gave a response.
    pub(crate) fn answered(&self, error: bool) {
        if error { self.passive.failed() } else { self.passive.succeeded() }
    }

    /// Its connection failed.
    pub(crate) fn failed(&self) {
        self.passive.failed();
    }

    pub(crate) fn is_ejected(&self) -> bool {
        self.passive.is_ejected()
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    pub(crate) fn enter(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(Arc::clone(self))
    }
}

/// One request that is with the upstream, until its response's last byte.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Upstream>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}
