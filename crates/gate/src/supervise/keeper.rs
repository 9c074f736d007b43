//! One version: as many instances as its order says, and how they are as a whole.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::{Attendant, Surroundings};
use crate::group::Group;
use crate::handover::Handed;
use crate::ledger::Exits;
use crate::upstream::Upstream;
use crate::wire::{AddressOrder, ProcessOrder, UpstreamOrder, VersionState, VersionStatus};

/// One version that is kept up.
#[derive(Debug)]
pub(crate) struct Keeper {
    surroundings: Surroundings,
    service: String,
    version: String,
    exits: Exits,
    group: Arc<Group>,
    attendants: RefCell<Vec<Attendant>>,
    /// Instances that are not wanted any more and still stop.
    leaving: RefCell<Vec<Attendant>>,
    /// Whether all instances were healthy at the same time: then one that is healthy is enough for the version to be.
    was_complete: Cell<bool>,
}

impl Keeper {
    /// Begins to keep `version` up.
    pub(crate) fn start(
        surroundings: &Surroundings,
        service: &str,
        version: &str,
        order: &UpstreamOrder,
        exits: Exits,
    ) -> Keeper {
        let keeper = Keeper {
            surroundings: surroundings.clone(),
            service: service.to_owned(),
            version: version.to_owned(),
            exits,
            group: Group::of(Upstream::unknown()),
            attendants: RefCell::default(),
            leaving: RefCell::default(),
            was_complete: Cell::new(false),
        };
        keeper.want(order);
        keeper
    }

    pub(crate) fn group(&self) -> Arc<Group> {
        Arc::clone(&self.group)
    }

    /// Keeps the version up as `order` says from now on. A process is started again only if what it is started with has changed.
    pub(crate) fn want(&self, order: &UpstreamOrder) {
        let orders = one_by_one(order);
        let mut attendants = self.attendants.borrow_mut();
        for (number, order) in orders.iter().enumerate() {
            match attendants.get(number) {
                Some(attendant) => attendant.want(order),
                None => {
                    let exits = self.exits.clone();
                    let (surroundings, service, version) = (&self.surroundings, &self.service, &self.version);
                    attendants.push(Attendant::start(surroundings, service, version, number, order, exits));
                }
            }
        }
        let mut leaving = self.leaving.borrow_mut();
        leaving.retain(|attendant| !attendant.is_finished());
        let wanted = orders.len().min(attendants.len());
        for attendant in attendants.drain(wanted..) {
            attendant.stop();
            leaving.push(attendant);
        }
        let mut instances = attendants.iter().map(|attendant| Arc::clone(&attendant.upstream));
        if let Some(first) = instances.next() {
            self.group.replace(first, instances.collect());
        }
    }

    /// Lets requests finish, then stops the processes.
    pub(crate) fn stop(&self) {
        self.attendants.borrow().iter().for_each(Attendant::stop);
    }

    /// Returns when the version was stopped and nothing of it is left.
    pub(crate) async fn finished(self) {
        for attendant in self.attendants.into_inner().into_iter().chain(self.leaving.into_inner()) {
            attendant.finished().await;
        }
    }

    /// Whether it is known how the version is: it has answered, or failed.
    pub(crate) fn is_known(&self) -> bool {
        self.state() != VersionState::Starting
    }

    /// Whether the version was stopped and nothing of it is left.
    pub(crate) fn is_finished(&self) -> bool {
        let (attendants, leaving) = (self.attendants.borrow(), self.leaving.borrow());
        attendants.iter().chain(leaving.iter()).all(Attendant::is_finished)
    }

    /// The processes that run, for whoever keeps them after this gate.
    pub(crate) fn handed(&self) -> Vec<(String, Handed)> {
        let attendants = self.attendants.borrow();
        let named =
            |attendant: &Attendant| Some((format!("{}/{}", self.service, attendant.label), attendant.handed()?));
        attendants.iter().filter_map(named).collect()
    }

    pub(crate) fn status(&self) -> VersionStatus {
        let attendants = self.attendants.borrow();
        let statuses: Vec<_> = attendants.iter().map(|attendant| attendant.status.borrow()).collect();
        VersionStatus {
            version: self.version.clone(),
            state: self.state(),
            pid: statuses.iter().find_map(|status| status.pid),
            port: statuses.first().and_then(|status| status.port),
            restarts: statuses.iter().map(|status| status.restarts).sum(),
            last_exit: statuses.iter().filter_map(|status| status.last_exit.clone()).max_by_key(|exit| exit.at_ms),
            trouble: statuses.iter().find_map(|status| status.trouble.clone()),
            instances: attendants.iter().map(Attendant::status).collect(),
        }
    }

    /// How the version is as a whole. Until all instances have been healthy it is as the worst of them, so that nobody is sent to a
    /// version that is half up; from then on it is healthy while any of them is.
    fn state(&self) -> VersionState {
        let attendants = self.attendants.borrow();
        let states: Vec<VersionState> = attendants.iter().map(|attendant| attendant.status.borrow().state).collect();
        let any = |state| states.contains(&state);
        let complete = states.iter().all(|state| *state == VersionState::Healthy);
        if complete {
            self.was_complete.set(true);
        }
        let worst = [VersionState::BackingOff, VersionState::Unhealthy, VersionState::Starting, VersionState::Stopped];
        if any(VersionState::Healthy) && (complete || self.was_complete.get()) {
            return VersionState::Healthy;
        }
        worst.into_iter().find(|state| any(*state)).unwrap_or(VersionState::Healthy)
    }
}

/// The order of every instance.
fn one_by_one(order: &UpstreamOrder) -> Vec<UpstreamOrder> {
    match order {
        UpstreamOrder::Process(order) => {
            let one = UpstreamOrder::Process(ProcessOrder { instances: 1, ..order.clone() });
            vec![one; usize::from(order.instances).max(1)]
        }
        UpstreamOrder::Address(order) => {
            let addresses = std::iter::once(order.address).chain(order.others.iter().copied());
            let one = |address| UpstreamOrder::Address(AddressOrder { address, others: Vec::new(), ..order.clone() });
            addresses.map(one).collect()
        }
    }
}
