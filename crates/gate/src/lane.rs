//! One service as the workers see it: the route in force and a tally for each of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use crate::count::{Ending, Tally, Waiting};
use crate::route::{Picked, Route};
use crate::seats::Seats;
use crate::tls::Security;

#[derive(Debug)]
pub(crate) struct Lane {
    name: Arc<str>,
    route: ArcSwap<Route>,
    security: ArcSwap<Security>,
    seats: Arc<Seats>,
    tallies: Box<[Mutex<Tally>]>,
}

impl Lane {
    pub(crate) fn new(name: &str, route: Route, workers: usize) -> Self {
        let tally = || Mutex::new(Tally { cast: route.cast, ..Tally::default() });
        let tallies = (0..workers).map(|_| tally()).collect();
        Lane {
            name: name.into(),
            route: ArcSwap::from_pointee(route),
            security: ArcSwap::from_pointee(Security::Closed),
            seats: Arc::default(),
            tallies,
        }
    }

    /// The service's name.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How a connection that is accepted now begins.
    pub(crate) fn security(&self) -> Security {
        Security::clone(&self.security.load())
    }

    pub(crate) fn secure(&self, security: Security) {
        self.security.store(Arc::new(security));
    }

    pub(crate) fn seats(&self) -> &Arc<Seats> {
        &self.seats
    }

    pub(crate) fn route(&self) -> Arc<Route> {
        self.route.load_full()
    }

    /// Looks at the route in force, without keeping it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Route) -> T) -> T {
        look(&self.route.load())
    }

    pub(crate) fn count(&self, worker: usize, cast: u64, picked: Picked, user: u32, ending: Ending) {
        if let Some(tally) = self.tallies.get(worker) {
            lock(tally).count(cast, picked, user, ending);
        }
    }

    /// Counts a request as waiting for an answer, or no longer.
    pub(crate) fn wait(&self, worker: usize, cast: u64, picked: Picked, waiting: Waiting) {
        if let Some(tally) = self.tallies.get(worker) {
            lock(tally).wait(cast, picked, waiting);
        }
    }

    /// Takes what was counted since the last time.
    pub(crate) fn collect(&self) -> Vec<Tally> {
        let cast = self.route.load().cast;
        self.tallies
            .iter()
            .map(|tally| std::mem::replace(&mut *lock(tally), Tally { cast, ..Tally::default() }))
            .collect()
    }

    /// Puts another route in force and takes what was counted under the one before.
    ///
    /// Every tally is held while the routes change places, so no request that was picked under the new route is counted among the
    /// old ones. A worker waits at most for the copying of a few words, and only if it counts at this very moment.
    pub(crate) fn exchange(&self, route: Route) -> Vec<Tally> {
        let cast = route.cast;
        let mut held: Vec<MutexGuard<'_, Tally>> = self.tallies.iter().map(lock).collect();
        self.route.store(Arc::new(route));
        self.seats.changed();
        held.iter_mut().map(|tally| std::mem::replace(&mut **tally, Tally { cast, ..Tally::default() })).collect()
    }
}

/// A tally that a panicking thread held is still a tally: counts are added one by one.
fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
