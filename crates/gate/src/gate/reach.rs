//! How users reach a service: at once when it is ordered, when its arms have answered when it is restored, and as soon as its
//! address is free when somebody else holds it.

use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

use super::{Gate, Hosted, TRY_AGAIN};
use crate::door;
use crate::error::GateError;
use crate::order::Order;
use crate::service::Service;
use crate::tls::Certificate;

const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How long the users of a restored service wait for its versions to come up.
const LONGEST_HOLD: Duration = Duration::from_secs(10);

impl Gate {
    /// Begins to host a service. Without a listener it is kept all the same, and listening is tried again.
    pub(super) fn host(
        self: &Rc<Self>,
        name: &str,
        order: Order,
        listener: Result<TcpListener, GateError>,
        certificate: Certificate,
    ) {
        let next_seq = self.removed.borrow_mut().remove(name).map_or(1, |gone| gone.next_seq);
        let service = Service::begin(name, order, listener, &self.surroundings, self.workers.borrow().len(), next_seq);
        service.lane().secure(certificate.security());
        if let Some(error) = service.is_shut() {
            tracing::error!(service = name, code = error.code(), %error, "a service cannot be reached; trying again");
            spawn_local(Rc::clone(self).listen_later(name.to_owned()));
        }
        let ticker = self.tick(name, service.order());
        self.hosted.borrow_mut().insert(name.to_owned(), Hosted { service, certificate, ticker });
    }

    pub(super) fn open(self: &Rc<Self>, name: &str) {
        let mut hosted = self.hosted.borrow_mut();
        let Some(Hosted { service, .. }) = hosted.get_mut(name) else { return };
        let was_held = service.is_held();
        service.open(&self.workers.borrow());
        if was_held && service.is_shut().is_some() {
            spawn_local(Rc::clone(self).listen_later(name.to_owned()));
        }
    }

    /// Lets users in when both arms have answered. A gate that comes back must not blame a canary for still being on its way up.
    pub(super) async fn open_when_known(self: Rc<Self>, name: String) {
        let known = async {
            loop {
                let waits = |hosted: &Hosted| hosted.service.is_held() && !hosted.service.arms_are_known();
                if !self.hosted.borrow().get(&name).is_some_and(waits) {
                    return;
                }
                sleep(LOOK_AGAIN).await;
            }
        };
        if timeout(LONGEST_HOLD, known).await.is_err() {
            tracing::warn!(service = name, "a version does not come up; those who wait are let in without it");
        }
        self.open(&name);
    }

    pub(super) async fn listen_later(self: Rc<Self>, name: String) {
        while !self.is_stopping() {
            sleep(TRY_AGAIN).await;
            let mut hosted = self.hosted.borrow_mut();
            let Some(Hosted { service, .. }) = hosted.get_mut(&name) else { return };
            if service.is_shut().is_none() {
                return;
            }
            match door::bind(service.order().wire().listen) {
                Ok(listener) => drop(service.listen(&listener, &self.workers.borrow())),
                Err(error) => service.shut(error),
            }
        }
    }
}
