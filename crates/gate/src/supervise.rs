//! Keeps the instances of a version up: local processes that are started, watched, started again and stopped, or somebody else's
//! servers that are only watched.
//!
//! A [`Keeper`] keeps a version, and has an attendant for each instance. Neither knows anything of arms: a version that turns from
//! canary to stable is the same keeper and the same processes.

mod deathsig;
mod health;
mod keeper;
mod log;
mod process;
mod roster;
mod start;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_local};

use crate::clock::Clock;
use crate::handover::Handed;
use crate::home::Home;
use crate::ledger::Exits;
use crate::upstream::Upstream;
use crate::wire::{AddressOrder, InstanceStatus, Problem, UpstreamOrder, VersionState, VersionStatus};
pub(crate) use keeper::Keeper;
pub(crate) use roster::{Roster, kill_strays, started};

/// What keepers need from the gate.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) home: Rc<Home>,
    pub(crate) clock: Clock,
    pub(crate) boot_id: Rc<str>,
    pub(crate) roster: Rc<Roster>,
    /// Processes that the program before this one has left, until somebody keeps them.
    pub(crate) left: Rc<RefCell<BTreeMap<String, Handed>>>,
}

/// One instance that is kept up.
#[derive(Debug)]
struct Attendant {
    label: String,
    upstream: Arc<Upstream>,
    status: Rc<RefCell<VersionStatus>>,
    wanted: watch::Sender<Option<UpstreamOrder>>,
    task: JoinHandle<()>,
}

/// One instance as its attendant's task sees it.
struct Charge {
    surroundings: Surroundings,
    service: String,
    version: String,
    /// The version, and its number from the second instance on: unlike any version's name.
    label: String,
    upstream: Arc<Upstream>,
    status: Rc<RefCell<VersionStatus>>,
    exits: Exits,
}

impl Attendant {
    /// Begins to keep instance `number` of `version` up.
    fn start(
        surroundings: &Surroundings,
        service: &str,
        version: &str,
        number: usize,
        order: &UpstreamOrder,
        exits: Exits,
    ) -> Attendant {
        let upstream = Upstream::unknown();
        let status = Rc::new(RefCell::new(VersionStatus {
            version: version.to_owned(),
            state: VersionState::Starting,
            pid: None,
            port: None,
            restarts: 0,
            last_exit: None,
            trouble: None,
            instances: Vec::new(),
        }));
        let label = if number == 0 { version.to_owned() } else { format!("{version}~{}", number + 1) };
        let (wanted, wants) = watch::channel(Some(order.clone()));
        let charge = Charge {
            surroundings: surroundings.clone(),
            service: service.to_owned(),
            version: version.to_owned(),
            label: label.clone(),
            upstream: Arc::clone(&upstream),
            status: Rc::clone(&status),
            exits,
        };
        let task = spawn_local(keep(charge, wants));
        let attendant = Attendant { label, upstream, status, wanted, task };
        attendant.point_at(order);
        attendant
    }

    /// The process, for whoever keeps it after this gate.
    fn handed(&self) -> Option<Handed> {
        let status = self.status.borrow();
        let healthy = status.state == VersionState::Healthy;
        let runs = healthy || matches!(status.state, VersionState::Starting | VersionState::Unhealthy);
        let (Some(pid), Some(port), true) = (status.pid, status.port, runs) else { return None };
        Some(Handed { pid, port, restarts: status.restarts, healthy })
    }

    fn status(&self) -> InstanceStatus {
        let status = self.status.borrow();
        InstanceStatus {
            state: status.state,
            pid: status.pid,
            port: status.port,
            restarts: status.restarts,
            in_flight: self.upstream.in_flight() as u64,
            ejected: self.upstream.is_ejected(),
        }
    }

    /// Keeps the instance up as `order` says from now on. A process is started again only if what it is started with has changed.
    fn want(&self, order: &UpstreamOrder) {
        self.wanted.send_if_modified(|wanted| {
            let other = wanted.as_ref() != Some(order);
            if other {
                *wanted = Some(order.clone());
                self.point_at(order);
            }
            other
        });
    }

    /// A server's address is known without waiting for anything, and the order is in force as soon as it is answered.
    fn point_at(&self, order: &UpstreamOrder) {
        match order {
            UpstreamOrder::Address(server) => self.upstream.move_to(server.address),
            UpstreamOrder::Process(_) => {}
        }
    }

    /// Lets requests finish, then stops the process.
    fn stop(&self) {
        self.wanted.send_if_modified(|wanted| wanted.take().is_some());
    }

    /// Returns when the instance was stopped and the attendant is done.
    async fn finished(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "an attendant failed");
        }
    }

    /// Whether the instance was stopped and the attendant is done.
    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

async fn keep(mut charge: Charge, mut wants: watch::Receiver<Option<UpstreamOrder>>) {
    loop {
        let order = wants.borrow_and_update().clone();
        match order {
            Some(UpstreamOrder::Process(order)) => process::keep(&mut charge, order, &mut wants).await,
            Some(UpstreamOrder::Address(order)) => watch_server(&charge, order, &mut wants).await,
            None => {
                charge.upstream.lost(false);
                charge.now(VersionState::Stopped);
                return;
            }
        }
    }
}

async fn watch_server(charge: &Charge, order: AddressOrder, wants: &mut watch::Receiver<Option<UpstreamOrder>>) {
    charge.status.borrow_mut().port = Some(order.address.port());
    charge.now(VersionState::Starting);
    let watching = health::watch(charge, order.address, health::Settings::of_server(&order));
    tokio::select! {
        never = watching => match never {},
        _ = wants.changed() => {}
    }
}

impl Charge {
    /// Unlike any other instance's in this gate.
    fn name(&self) -> String {
        format!("{}/{}", self.service, self.label)
    }

    fn now(&self, state: VersionState) {
        self.upstream.checked(state == VersionState::Healthy);
        let before = std::mem::replace(&mut self.status.borrow_mut().state, state);
        if before != state {
            tracing::info!(service = self.service, version = self.label, ?before, now = ?state, "a version changed its state");
        }
    }

    fn trouble(&self, problem: Problem) {
        tracing::warn!(
            service = self.service,
            version = self.label,
            code = problem.code,
            detail = problem.detail,
            "trouble with a version"
        );
        self.status.borrow_mut().trouble = Some(problem);
    }
}
