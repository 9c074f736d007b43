//! The gate: its services, and the rules by which an order replaces another.
//!
//! Everything here runs on one thread, so an order is applied from beginning to end before anything else happens.

mod certificates;
mod ending;
mod leaving;
mod memory;
mod reach;
mod silence;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, sleep_until};

use crate::access_log::AccessLog;
use crate::door;
use crate::error::GateError;
use crate::order::{Order, check_name};
use crate::service::Service;
use crate::supervise::Surroundings;
use crate::tls::Certificate;
use crate::wire::{Applied, Blocks, Problem, Removed, ServiceOrder, ServiceStatus, Status};
use crate::worker::Worker;
pub(crate) use ending::End;

/// How often something that failed and must not stay so is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Gate {
    surroundings: Surroundings,
    workers: RefCell<Vec<Worker>>,
    access_log: Option<AccessLog>,
    hosted: RefCell<BTreeMap<String, Hosted>>,
    removed: RefCell<BTreeMap<String, Gone>>,
    warnings: RefCell<Vec<Problem>>,
    /// Whether the orders in force are on disk, too.
    saved: Cell<bool>,
    /// Set once.
    end: watch::Sender<Option<End>>,
    /// Whether it runs in somebody else's process, whose program is not its own to replace.
    guest: bool,
}

#[derive(Debug)]
struct Hosted {
    service: Service,
    certificate: Certificate,
    ticker: JoinHandle<()>,
}

/// What is remembered of a service that was removed.
#[derive(Clone, Copy, Debug)]
struct Gone {
    number: (u64, u64),
    next_seq: u64,
}

impl Gate {
    pub(crate) fn new(
        surroundings: Surroundings,
        workers: Vec<Worker>,
        access_log: Option<AccessLog>,
        guest: bool,
    ) -> Rc<Gate> {
        Rc::new(Gate {
            surroundings,
            workers: RefCell::new(workers),
            access_log,
            hosted: RefCell::default(),
            removed: RefCell::default(),
            warnings: RefCell::default(),
            saved: Cell::new(true),
            end: watch::channel(None).0,
            guest,
        })
    }

    /// Does what `wire` says of the service `name`.
    pub(crate) fn apply(self: &Rc<Self>, name: &str, wire: ServiceOrder) -> Result<Applied, GateError> {
        if self.is_stopping() {
            return Err(GateError::Stopping);
        }
        check_name("service", name)?;
        let order = Order::check(wire)?;
        let generation = order.wire().generation;
        if self.is_news(name, &order)? {
            let order = match self.hosted.borrow().get(name) {
                Some(hosted) => order.after(hosted.service.order())?,
                None => order,
            };
            self.put(name, order)?;
            self.saved.set(false);
        }
        let share_ppm = self.with(name, |service| {
            service.heard();
            service.order().share().get()
        })?;
        let not_saved = self.save().err().map(|error| error.problem());
        Ok(Applied { generation, share_ppm, boot_id: self.boot_id(), not_saved })
    }

    /// Ends a service by an order with this number. Returns when nobody listens on its address any more.
    pub(crate) async fn remove(self: &Rc<Self>, name: &str, number: (u64, u64)) -> Result<Removed, GateError> {
        check_name("service", name)?;
        if let Some(in_force) = self.number(name)
            && number < in_force
        {
            return Err(GateError::StaleOrder { got: number, in_force });
        }
        let hosted = self.hosted.borrow_mut().remove(name);
        let next_seq = match &hosted {
            Some(hosted) => hosted.service.ledger().next_seq(),
            None => self.removed.borrow().get(name).map_or(1, |gone| gone.next_seq),
        };
        // Remembered of a service that is not there, too: an order before this one may still be on its way.
        self.removed.borrow_mut().insert(name.to_owned(), Gone { number, next_seq });
        self.saved.set(false);
        if let Err(error) = self.save() {
            self.warn(&error);
        }
        let Some(hosted) = hosted else {
            return Ok(Removed { existed: false });
        };
        hosted.ticker.abort();
        let ended = hosted.service.end();
        spawn_local(ended.versions.stop());
        if let Some(mut door) = ended.door {
            door.close().await;
        }
        Ok(Removed { existed: true })
    }

    pub(crate) fn access_log(&self) -> Option<&AccessLog> {
        self.access_log.as_ref()
    }

    pub(crate) fn status(&self) -> Status {
        Status {
            pid: std::process::id(),
            boot_id: self.boot_id(),
            started_ms: self.surroundings.clock.started_ms(),
            now_ms: self.surroundings.clock.now_ms(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            services: self.hosted.borrow().keys().cloned().collect(),
            warnings: self.warnings.borrow().clone(),
        }
    }

    pub(crate) fn service_status(&self, name: &str) -> Result<ServiceStatus, GateError> {
        self.with(name, |service| service.status())
    }

    pub(crate) fn blocks(&self, name: &str, boot: Option<&str>, after: u64, limit: usize) -> Result<Blocks, GateError> {
        let boot_id = self.boot_id();
        // Numbers of another run mean nothing: everything is news then.
        let after = if boot.is_none_or(|boot| boot == boot_id) { after } else { 0 };
        let now_ms = self.surroundings.clock.now_ms();
        self.with(name, |service| Blocks {
            boot_id,
            now_ms,
            oldest_seq: service.ledger().oldest_seq(),
            newest_seq: service.ledger().next_seq() - 1,
            blocks: service.blocks(after, limit),
        })
    }

    /// Calls `each` with every service, counted up to now.
    pub(crate) fn for_each(&self, mut each: impl FnMut(&str, &mut Service)) {
        for (name, hosted) in self.hosted.borrow_mut().iter_mut() {
            each(name, &mut hosted.service);
        }
    }

    /// Whether `order` is another one than that in force, and may replace it.
    fn is_news(&self, name: &str, order: &Order) -> Result<bool, GateError> {
        let Some(in_force) = self.number(name) else { return Ok(true) };
        let got = order.number();
        if got < in_force {
            return Err(GateError::StaleOrder { got, in_force });
        }
        if got > in_force {
            return Ok(true);
        }
        match self.hosted.borrow().get(name) {
            Some(hosted) if hosted.service.order().wire() == order.wire() => Ok(false),
            Some(_) => Err(GateError::ConflictingOrder { number: got }),
            // The service was removed by the very order that is repeated here.
            None => Err(GateError::StaleOrder { got, in_force }),
        }
    }

    /// The number of the last order about a service.
    fn number(&self, name: &str) -> Option<(u64, u64)> {
        let hosted = self.hosted.borrow().get(name).map(|hosted| hosted.service.order().number());
        hosted.or_else(|| self.removed.borrow().get(name).map(|gone| gone.number))
    }

    fn put(self: &Rc<Self>, name: &str, order: Order) -> Result<(), GateError> {
        let listen = order.wire().listen;
        let mut hosted = self.hosted.borrow_mut();
        let tls = order.wire().door.tls.clone();
        let Some(Hosted { service, ticker, certificate }) = hosted.get_mut(name) else {
            drop(hosted);
            let certificate = Certificate::read(tls.as_ref())?;
            let listener = door::bind(listen)?;
            self.host(name, order, Ok(listener), certificate);
            self.open(name);
            return Ok(());
        };
        let moves = !service.listens_on(listen);
        // Before anything is changed: an address that is taken refuses the order as a whole.
        let listener = moves.then(|| door::bind(listen)).transpose()?;
        if !certificate.is(tls.as_ref()) {
            *certificate = Certificate::read(tls.as_ref())?;
            service.lane().secure(certificate.security());
        }
        service.change(order);
        ticker.abort();
        *ticker = self.tick(name, service.order());
        if let Some(listener) = listener {
            if let Some(mut before) = service.listen(&listener, &self.workers.borrow()) {
                spawn_local(async move { before.close().await });
            }
            if service.is_shut().is_some() {
                spawn_local(Rc::clone(self).listen_later(name.to_owned()));
            }
        }
        Ok(())
    }

    /// Closes a block at every end of an interval.
    fn tick(self: &Rc<Self>, name: &str, order: &Order) -> JoinHandle<()> {
        let interval = order.interval();
        let gate = Rc::downgrade(self);
        let name = name.to_owned();
        spawn_local(async move {
            let mut due = Instant::now();
            loop {
                // After a long pause (a suspended machine) one long block is the truth, and a burst of empty ones is not.
                due = (due + interval).max(Instant::now());
                sleep_until(due).await;
                let Some(gate) = gate.upgrade() else { return };
                if let Some(hosted) = gate.hosted.borrow_mut().get_mut(&name) {
                    hosted.service.close_block();
                }
            }
        })
    }

    fn with<T>(&self, name: &str, look: impl FnOnce(&Service) -> T) -> Result<T, GateError> {
        match self.hosted.borrow().get(name) {
            Some(hosted) => Ok(look(&hosted.service)),
            None => Err(GateError::NoSuchService { name: name.chars().take(100).collect() }),
        }
    }

    pub(crate) fn warn(&self, error: &GateError) {
        tracing::error!(code = error.code(), %error, hint = error.hint());
        self.warnings.borrow_mut().push(error.problem());
    }

    fn boot_id(&self) -> String {
        self.surroundings.boot_id.to_string()
    }
}
