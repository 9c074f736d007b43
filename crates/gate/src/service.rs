//! One service as the gate holds it: the order in force, the door, the versions, the counts.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flags::bucket::Ppm;

use crate::door::Door;
use crate::error::GateError;
use crate::group::Group;
use crate::handover::Handed;
use crate::lane::Lane;
use crate::ledger::Ledger;
use crate::order::Order;
use crate::route::Route;
use crate::supervise::{Keeper, Surroundings};
use crate::upstream::Upstream;
use crate::wire::{Block, ServiceStatus, UpstreamOrder, VersionState};
use crate::worker::Worker;

#[derive(Debug)]
pub(crate) struct Service {
    name: String,
    order: Order,
    /// Counts the changes of which version stands on which side.
    cast: u64,
    lane: Arc<Lane>,
    entrance: Entrance,
    keepers: BTreeMap<String, Keeper>,
    ledger: Ledger,
    heard: Cell<Instant>,
    surroundings: Surroundings,
}

/// How users come in.
#[derive(Debug)]
enum Entrance {
    /// They do.
    Open(Door),
    /// They may connect, and are answered when the versions have started.
    Held(TcpListener),
    /// They cannot; the error says why.
    Shut(GateError),
}

impl Service {
    /// Begins to keep the service's versions up. Who connects to `listener` waits until [`Service::open`].
    pub(crate) fn begin(
        name: &str,
        order: Order,
        listener: Result<TcpListener, GateError>,
        surroundings: &Surroundings,
        workers: usize,
        next_seq: u64,
    ) -> Self {
        let ledger = Ledger::new(&order, surroundings.clock.now_ms(), next_seq);
        let mut keepers = BTreeMap::new();
        keep_all(&mut keepers, name, &order, surroundings, &ledger);
        let route = Route::new(&order, 0, |version| group(&keepers, version));
        Service {
            name: name.to_owned(),
            order,
            cast: 0,
            lane: Arc::new(Lane::new(name, route, workers)),
            entrance: listener.map_or_else(Entrance::Shut, Entrance::Held),
            keepers,
            ledger,
            heard: Cell::new(Instant::now()),
            surroundings: surroundings.clone(),
        }
    }

    /// Puts `order` in force: when this returns, every request that arrives follows it. Processes follow later.
    pub(crate) fn change(&mut self, order: Order) {
        keep_all(&mut self.keepers, &self.name, &order, &self.surroundings, &self.ledger);
        let (before, after) = (self.order.wire(), order.wire());
        if (&before.stable, &before.canary) != (&after.stable, &after.canary) {
            self.cast += 1;
        }
        let route = Route::new(&order, self.cast, |version| group(&self.keepers, version));
        let counted = self.lane.exchange(route);
        self.ledger.absorb(counted);
        self.ledger.close(self.surroundings.clock.now_ms(), &order);
        for (version, keeper) in &self.keepers {
            if !order.wire().versions.iter().any(|listed| listed.version == *version) {
                keeper.stop();
            }
        }
        self.order = order;
    }

    /// What the workers see of it.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// Control has said something, or shown that it watches.
    pub(crate) fn heard(&self) {
        self.heard.set(Instant::now());
    }

    /// How long control has said nothing, if somebody is on the canary for whom that matters.
    pub(crate) fn unheard(&self) -> Option<(Duration, Duration)> {
        let limit = self.order.wire().dead_man_ms.filter(|_| self.order.share() > Ppm::NONE)?;
        Some((self.heard.get().elapsed(), Duration::from_millis(limit)))
    }

    /// Whether stable answered its last health check, so that users can be given to it.
    pub(crate) fn stable_is_well(&self) -> bool {
        self.keepers.get(&self.order.wire().stable).is_some_and(|keeper| keeper.status().state == VersionState::Healthy)
    }

    /// Serves `listener` from now on. The door before it is given back, to be closed.
    pub(crate) fn listen(&mut self, listener: &TcpListener, workers: &[Worker]) -> Option<Door> {
        let entrance = match Door::open(listener, self.order.wire().listen, &self.lane, workers) {
            Ok(door) => Entrance::Open(door),
            Err(error) => Entrance::Shut(error),
        };
        match std::mem::replace(&mut self.entrance, entrance) {
            Entrance::Open(before) => Some(before),
            Entrance::Held(_) | Entrance::Shut(_) => None,
        }
    }

    /// Lets in those who wait.
    pub(crate) fn open(&mut self, workers: &[Worker]) {
        if let Entrance::Held(listener) = &self.entrance {
            let opened = Door::open(listener, self.order.wire().listen, &self.lane, workers);
            self.entrance = opened.map_or_else(Entrance::Shut, Entrance::Open);
        }
    }

    pub(crate) fn is_held(&self) -> bool {
        matches!(self.entrance, Entrance::Held(_))
    }

    /// Whether both arms have answered, or are known to fail.
    pub(crate) fn arms_are_known(&self) -> bool {
        let wire = self.order.wire();
        let mut arms = std::iter::once(&wire.stable).chain(&wire.canary);
        arms.all(|version| self.keepers.get(version).is_none_or(Keeper::is_known))
    }

    /// The service cannot listen, and `reason` says why.
    pub(crate) fn shut(&mut self, reason: GateError) {
        self.entrance = Entrance::Shut(reason);
    }

    /// Whether an order to listen on `address` changes nothing: it is the address that was asked for, or the one that came of it.
    pub(crate) fn listens_on(&self, address: SocketAddr) -> bool {
        let bound = match &self.entrance {
            Entrance::Open(door) => Some(door.address()),
            Entrance::Held(listener) => listener.local_addr().ok(),
            // It is being tried again and again; an order, which may be to take everybody back, does not wait for that.
            Entrance::Shut(_) => None,
        };
        self.order.wire().listen == address || bound == Some(address)
    }

    /// Why the service cannot be reached, if it cannot.
    pub(crate) fn is_shut(&self) -> Option<&GateError> {
        match &self.entrance {
            Entrance::Shut(error) => Some(error),
            Entrance::Open(_) | Entrance::Held(_) => None,
        }
    }

    pub(crate) fn order(&self) -> &Order {
        &self.order
    }

    pub(crate) fn close_block(&mut self) {
        self.collect();
        self.ledger.close(self.surroundings.clock.now_ms(), &self.order);
        self.keepers.retain(|_, keeper| !keeper.is_finished());
    }

    /// Counts everything up to now, without closing the block.
    pub(crate) fn collect(&mut self) -> &Ledger {
        self.ledger.absorb(self.lane.collect());
        &self.ledger
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn blocks(&self, after: u64, limit: usize) -> Vec<Block> {
        self.ledger.after(after, limit)
    }

    pub(crate) fn status(&self) -> ServiceStatus {
        let wire = self.order.wire();
        let (listen, not_listening) = match &self.entrance {
            Entrance::Open(door) => (door.address(), None),
            Entrance::Held(listener) => {
                (listener.local_addr().unwrap_or(wire.listen), Some(&GateError::VersionsStarting))
            }
            Entrance::Shut(error) => (wire.listen, Some(error)),
        };
        ServiceStatus {
            fence: wire.fence,
            generation: wire.generation,
            share_ppm: self.order.share().get(),
            withdrawn_by_gate: self.order.withdrawn_by_gate().cloned(),
            stable: wire.stable.clone(),
            canary: wire.canary.clone(),
            listen,
            not_listening: not_listening.map(|error| error.problem()),
            versions: self.keepers.values().filter(|keeper| !keeper.is_finished()).map(Keeper::status).collect(),
        }
    }

    /// What users connect to, for whoever serves them after this gate.
    pub(crate) fn listener(&self) -> Option<io::Result<TcpListener>> {
        match &self.entrance {
            Entrance::Open(door) => Some(door.listener().try_clone()),
            Entrance::Held(listener) => Some(listener.try_clone()),
            Entrance::Shut(_) => None,
        }
    }

    /// Gives up the service: its door, to be closed, and its keepers, which are stopped by [`Ended::versions`].
    pub(crate) fn end(self) -> Ended {
        let door = match self.entrance {
            Entrance::Open(door) => Some(door),
            Entrance::Held(_) | Entrance::Shut(_) => None,
        };
        Ended { door, versions: Versions(self.keepers.into_values().collect()) }
    }
}

/// What is left of a service that ends.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) door: Option<Door>,
    pub(crate) versions: Versions,
}

/// Versions that nobody wants any more.
#[derive(Debug)]
pub(crate) struct Versions(Vec<Keeper>);

impl Versions {
    /// The processes that run, for whoever keeps them after this gate.
    pub(crate) fn handed(&self) -> impl Iterator<Item = (String, Handed)> {
        self.0.iter().flat_map(Keeper::handed)
    }

    /// Stops them all and returns when they are gone.
    pub(crate) async fn stop(self) {
        for keeper in &self.0 {
            keeper.stop();
        }
        for keeper in self.0 {
            keeper.finished().await;
        }
    }
}

/// Sees to it that every version of `order` is kept as it says. Those that are not in it are left alone.
fn keep_all(
    keepers: &mut BTreeMap<String, Keeper>,
    name: &str,
    order: &Order,
    surroundings: &Surroundings,
    ledger: &Ledger,
) {
    keepers.retain(|_, keeper| !keeper.is_finished());
    for listed in &order.wire().versions {
        keep(keepers, name, &listed.version, &listed.upstream, surroundings, ledger);
    }
}

fn keep(
    keepers: &mut BTreeMap<String, Keeper>,
    name: &str,
    version: &str,
    order: &UpstreamOrder,
    surroundings: &Surroundings,
    ledger: &Ledger,
) {
    match keepers.get(version) {
        Some(keeper) => keeper.want(order),
        None => {
            let keeper = Keeper::start(surroundings, name, version, order, ledger.exits());
            keepers.insert(version.to_owned(), keeper);
        }
    }
}

/// What runs a version. Every arm's version was checked to be listed, and every listed one has a keeper.
fn group(keepers: &BTreeMap<String, Keeper>, version: &str) -> Arc<Group> {
    keepers.get(version).map_or_else(|| Group::of(Upstream::unknown()), Keeper::group)
}
