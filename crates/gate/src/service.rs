//! One service as the gate holds it: the order in force, the door, the versions, the counts.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use crate::door::Door;
use crate::error::GateError;
use crate::lane::Lane;
use crate::ledger::Ledger;
use crate::order::Order;
use crate::route::Route;
use crate::supervise::{Keeper, Surroundings};
use crate::upstream::Upstream;
use crate::wire::{Block, ServiceStatus, UpstreamOrder};
use crate::worker::Worker;

#[derive(Debug)]
pub(crate) struct Service {
    name: String,
    order: Order,
    /// Counts the changes of which version stands on which side.
    cast: u64,
    lane: Arc<Lane>,
    door: Result<Door, GateError>,
    keepers: BTreeMap<String, Keeper>,
    ledger: Ledger,
    surroundings: Surroundings,
}

impl Service {
    /// Begins to serve `listener`. Without one the service is kept all the same: its versions run, and it may listen later.
    pub(crate) fn begin(
        name: &str,
        order: Order,
        listener: Result<TcpListener, GateError>,
        surroundings: &Surroundings,
        workers: &[Worker],
        next_seq: u64,
    ) -> Self {
        let ledger = Ledger::new(&order, surroundings.clock.now_ms(), next_seq);
        let mut keepers = BTreeMap::new();
        keep_all(&mut keepers, name, &order, surroundings, &ledger);
        let route = Route::new(&order, 0, |version| upstream(&keepers, version));
        let lane = Arc::new(Lane::new(route, workers.len()));
        let door = listener.and_then(|listener| Door::open(&listener, order.wire().listen, &lane, workers));
        Service {
            name: name.to_owned(),
            order,
            cast: 0,
            lane,
            door,
            keepers,
            ledger,
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
        let route = Route::new(&order, self.cast, |version| upstream(&self.keepers, version));
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

    /// Serves `listener` from now on. The door before it is given back, to be closed.
    pub(crate) fn listen(&mut self, listener: &TcpListener, workers: &[Worker]) -> Result<Option<Door>, GateError> {
        let door = Door::open(listener, self.order.wire().listen, &self.lane, workers)?;
        Ok(std::mem::replace(&mut self.door, Ok(door)).ok())
    }

    /// The service cannot listen, and `reason` says why.
    pub(crate) fn deaf(&mut self, reason: GateError) {
        self.door = Err(reason);
    }

    /// Whether an order to listen on `address` changes nothing: it is the address that was asked for, or the one that came of it.
    pub(crate) fn listens_on(&self, address: SocketAddr) -> bool {
        self.door.as_ref().is_ok_and(|door| self.order.wire().listen == address || door.address() == address)
    }

    pub(crate) fn not_listening(&self) -> Option<&GateError> {
        self.door.as_ref().err()
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
        ServiceStatus {
            fence: wire.fence,
            generation: wire.generation,
            share_ppm: wire.share_ppm,
            stable: wire.stable.clone(),
            canary: wire.canary.clone(),
            listen: self.door.as_ref().map_or(wire.listen, Door::address),
            not_listening: self.door.as_ref().err().map(GateError::problem),
            versions: self.keepers.values().filter(|keeper| !keeper.is_finished()).map(Keeper::status).collect(),
        }
    }

    /// Gives up the service: its door, to be closed, and its keepers, which are stopped by [`Ended::versions`].
    pub(crate) fn end(self) -> Ended {
        Ended { door: self.door.ok(), versions: Versions(self.keepers.into_values().collect()) }
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
fn upstream(keepers: &BTreeMap<String, Keeper>, version: &str) -> Arc<Upstream> {
    keepers.get(version).map_or_else(Upstream::unknown, Keeper::upstream)
}
