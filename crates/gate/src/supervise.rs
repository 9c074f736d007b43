//! Keeps one version up: a local process that is started, watched, started again and stopped, or somebody else's server that is
//! only watched.
//!
//! A keeper knows nothing of arms. A version that turns from canary to stable is the same keeper and the same process.

mod deathsig;
mod health;
mod log;
mod process;
mod roster;
mod start;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_local};

use crate::clock::Clock;
use crate::home::Home;
use crate::ledger::Exits;
use crate::upstream::Upstream;
use crate::wire::{AddressOrder, Problem, UpstreamOrder, VersionState, VersionStatus};
pub(crate) use roster::{Roster, kill_strays};

/// What keepers need from the gate.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) home: Rc<Home>,
    pub(crate) clock: Clock,
    pub(crate) boot_id: Rc<str>,
    pub(crate) roster: Rc<Roster>,
}

/// One version that is kept up.
#[derive(Debug)]
pub(crate) struct Keeper {
    upstream: Arc<Upstream>,
    status: Rc<RefCell<VersionStatus>>,
    wanted: watch::Sender<Option<UpstreamOrder>>,
    task: JoinHandle<()>,
}

/// One version as its keeper's task sees it.
struct Charge {
    surroundings: Surroundings,
    service: String,
    version: String,
    upstream: Arc<Upstream>,
    status: Rc<RefCell<VersionStatus>>,
    exits: Exits,
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
        let upstream = Upstream::unknown();
        let status = Rc::new(RefCell::new(VersionStatus {
            version: version.to_owned(),
            state: VersionState::Starting,
            pid: None,
            port: None,
            restarts: 0,
            last_exit: None,
            trouble: None,
        }));
        let (wanted, wants) = watch::channel(Some(order.clone()));
        let charge = Charge {
            surroundings: surroundings.clone(),
            service: service.to_owned(),
            version: version.to_owned(),
            upstream: Arc::clone(&upstream),
            status: Rc::clone(&status),
            exits,
        };
        let task = spawn_local(keep(charge, wants));
        let keeper = Keeper { upstream, status, wanted, task };
        keeper.point_at(order);
        keeper
    }

    pub(crate) fn upstream(&self) -> Arc<Upstream> {
        Arc::clone(&self.upstream)
    }

    pub(crate) fn status(&self) -> VersionStatus {
        self.status.borrow().clone()
    }

    /// Keeps the version up as `order` says from now on. A process is started again only if what it is started with has changed.
    pub(crate) fn want(&self, order: &UpstreamOrder) {
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
    pub(crate) fn stop(&self) {
        self.wanted.send_if_modified(|wanted| wanted.take().is_some());
    }

    /// Returns when the version was stopped and the keeper is done.
    pub(crate) async fn finished(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a keeper failed");
        }
    }

    /// Whether it is known how the version is: it has answered, or failed.
    pub(crate) fn is_known(&self) -> bool {
        self.status.borrow().state != VersionState::Starting
    }

    /// Whether the version was stopped and the keeper is done.
    pub(crate) fn is_finished(&self) -> bool {
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
    fn now(&self, state: VersionState) {
        let before = std::mem::replace(&mut self.status.borrow_mut().state, state);
        if before != state {
            tracing::info!(service = self.service, version = self.version, ?before, now = ?state, "a version changed its state");
        }
    }

    fn trouble(&self, problem: Problem) {
        tracing::warn!(
            service = self.service,
            version = self.version,
            code = problem.code,
            detail = problem.detail,
            "trouble with a version"
        );
        self.status.borrow_mut().trouble = Some(problem);
    }
}
