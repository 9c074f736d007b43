//! What outlives the gate: the orders in force, written at every change and read at the next start.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::rc::Rc;

use tokio::task::spawn_local;
use tokio::time::sleep;

use super::{Gate, Gone, TRY_AGAIN};
use crate::door;
use crate::error::GateError;
use crate::snapshot::{self, Snapshot};
use crate::tls::Certificate;

impl Gate {
    /// Serves what an earlier run served, at the doors that it left open. What cannot be done at once is tried again; nothing here stops the gate.
    pub(crate) fn restore(self: &Rc<Self>, mut doors: BTreeMap<String, TcpListener>) {
        let snapshot = match snapshot::load(&self.surroundings.home) {
            Ok(snapshot) => snapshot,
            Err(error) => {
                self.warn(&error);
                Snapshot::default()
            }
        };
        let gone = snapshot.removed.into_iter().map(|(name, number)| (name, Gone { number, next_seq: 1 }));
        self.removed.borrow_mut().extend(gone);
        for (name, order) in snapshot.services {
            let listener = doors.remove(&name).map_or_else(|| door::bind(order.wire().listen), Ok);
            let (certificate, error) = Certificate::read_or_wait(order.wire().door.tls.as_ref());
            if let Some(error) = error {
                self.warn(&error);
            }
            self.host(&name, order, listener, certificate);
            spawn_local(Rc::clone(self).open_when_known(name));
        }
    }

    /// Writes the orders in force to disk. If that fails it is tried again until it succeeds.
    pub(super) fn save(self: &Rc<Self>) -> Result<(), GateError> {
        if self.saved.get() {
            return Ok(());
        }
        let written = snapshot::save(&self.surroundings.home, self.snapshot());
        self.saved.set(written.is_ok());
        if let Err(error) = &written {
            tracing::error!(code = error.code(), %error, "orders are in force and not on disk");
            let gate = Rc::downgrade(self);
            spawn_local(async move {
                sleep(TRY_AGAIN).await;
                if let Some(gate) = gate.upgrade() {
                    // A failure was logged and has set the next try.
                    let _ = gate.save();
                }
            });
        }
        written
    }

    fn snapshot(&self) -> Snapshot {
        let services =
            self.hosted.borrow().iter().map(|(name, hosted)| (name.clone(), hosted.service.order().clone())).collect();
        let removed = self.removed.borrow().iter().map(|(name, gone)| (name.clone(), gone.number)).collect();
        Snapshot { services, removed }
    }
}
