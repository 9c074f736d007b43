//! The life of a request: prepare it, find out who sent it, pick an arm, send it there, and if a canary's connection fails, to stable.
//!
//! One place says what is counted: a [`Charge`] is opened when the arm is picked and settled exactly once.

mod attempt;
mod bodies;
mod charge;
mod failure;
mod grpc;
mod headers;
mod marks;
mod peer;
mod prepare;
#[cfg(feature = "fuzzing")]
mod rehearsal;
mod tunnel;

pub(crate) use bodies::{Flow, Outgoing};
pub(crate) use peer::{Peer, Transport};
#[cfg(feature = "fuzzing")]
pub use rehearsal::{Rehearsed, rehearse};

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue, SET_COOKIE};
use hyper::{Request, Response};

use crate::access_log::{AccessLog, Entry};
use crate::balance::Place;
use crate::lane::Lane;
use crate::pool::{Arriving, Pool};
use crate::route::{Arm, Picked, Route};
use crate::seats::Seat;
use attempt::{Limits, Sent, attempt};
use charge::Charge;
use failure::Failure;
use prepare::Prepared;

const ARM: HeaderName = HeaderName::from_static("x-tidegate-arm");
const VERSION: HeaderName = HeaderName::from_static("x-tidegate-version");

/// What the requests of one connection have in common.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) lane: Arc<Lane>,
    /// Which of the lane's tallies is this worker's.
    pub(crate) worker: usize,
    pub(crate) pool: Rc<Pool>,
    pub(crate) peer: Peer,
    /// How long the client may make the gate wait.
    pub(crate) patience: Duration,
    pub(crate) log: Option<AccessLog>,
    /// Requests so far.
    pub(crate) served: Cell<u64>,
    /// Left when the last request (or what became of it) is over.
    pub(crate) _held: (Seat, Place),
}

/// Answers one request.
pub(crate) async fn forward(session: Rc<Session>, mut request: Request<Incoming>) -> Response<Flow> {
    let id = session.lane.look(|route| marks::put(request.headers_mut(), &route.door));
    session.served.set(session.served.get() + 1);
    let begin =
        |log: &AccessLog| Box::new(log.begin(session.lane.name(), request.method(), request.uri(), id.as_ref()));
    let mut entry = session.log.as_ref().map(begin);
    // What can be done at once is done before anything is waited for: what is held while waiting is room that every request takes.
    let mut response = match prepare::prepare(request, &session.peer) {
        Ok(mut prepared) => answer(&session, &mut prepared, entry.as_deref_mut()).await,
        Err(failure) => failure.answer(),
    };
    if let Some(id) = id {
        response.headers_mut().insert(marks::REQUEST_ID, id);
    }
    if let Some(mut entry) = entry {
        entry.status(response.status());
        response.body_mut().log(entry);
    }
    response
}

async fn answer(session: &Rc<Session>, prepared: &mut Prepared, entry: Option<&mut Entry>) -> Response<Flow> {
    if let Err(failure) = prepared.outbound.keep(session.patience).await {
        return failure.answer();
    }
    // Only now: reading a body takes as long as its client likes, and the share may have become 0 % meanwhile.
    let route = session.lane.route();
    let headers = &prepared.outbound.parts.headers;
    let user = route.sticky.user(headers, &session.peer.address);
    let picked = route.pick(user.hash, || headers.get(&ARM));
    let charge = Charge::open(session, &route, picked, user.hash);
    let (mut response, answered_by) = send(session, &route, picked, prepared, charge).await;
    if let Some(entry) = entry {
        entry.answered_by(answered_by, &route.backend(answered_by).version);
    }
    if route.expose_arm {
        response.headers_mut().insert(ARM, HeaderValue::from_static(answered_by.name()));
        response.headers_mut().insert(VERSION, route.backend(answered_by).version.clone());
    }
    if let Some(cookie) = user.set_cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Sends the request to the arm that was picked and, if it may, to stable after that. Says who answered.
async fn send(
    session: &Rc<Session>,
    route: &Route,
    picked: Picked,
    prepared: &mut Prepared,
    mut charge: Charge,
) -> (Response<Flow>, Arm) {
    let Prepared { outbound, idempotent, upgrade } = prepared;
    let idempotent = *idempotent;
    let Picked { arm, forced } = picked;
    // Who asks for the canary by name wants to see how it fails.
    let may_retry = arm == Arm::Canary && idempotent && !forced;
    let first = route.backend(arm);
    // Somebody who can be served by stable at once is not made to wait for a canary that starts.
    let limits = Limits {
        connect: route.connect_timeout,
        answer: route.upstream_timeout,
        client: session.patience,
        patient: !may_retry,
        upgrades: upgrade.is_some(),
        idempotent,
    };
    let instance = first.group.pick();
    let failure = match attempt(&session.pool, &instance, first.protocol, outbound, limits).await {
        Ok(sent) => {
            charge.answered(&sent.response, &instance);
            return (receive(sent, upgrade.take(), charge), arm);
        }
        Err(failure) => failure,
    };
    if failure.is_connection() {
        instance.failed();
    }
    if !(may_retry && outbound.is_whole() && failure.is_connection()) {
        charge.failed(failure);
        return (failure.answer(), arm);
    }
    charge.retried();
    let stable = route.backend(Arm::Stable);
    let limits = Limits { patient: true, ..limits };
    let instance = stable.group.pick();
    // On the heap: seldom, and as large as the first.
    let again = Box::pin(attempt(&session.pool, &instance, stable.protocol, outbound, limits));
    let response = match again.await {
        Ok(sent) => receive(sent, upgrade.take(), charge),
        Err(failure) => failure.answer(),
    };
    (response, Arm::Stable)
}

/// Turns the upstream's response into the client's.
fn receive(sent: Sent, upgrade: Option<hyper::upgrade::OnUpgrade>, charge: Charge) -> Response<Flow> {
    let Sent { mut response, in_flight } = sent;
    if response.status() == hyper::StatusCode::SWITCHING_PROTOCOLS {
        // An attempt gives this answer only to somebody who has asked for it.
        return match upgrade {
            Some(client) => tunnel::open(client, response, (in_flight, charge)),
            None => Failure::Broke.answer(),
        };
    }
    if let Arriving::Shared(..) = response.body() {
        headers::from_upstream(response.headers_mut());
    }
    // The upstream's version is its own: an HTTP/1.0 answer must not turn the client's connection into one.
    *response.version_mut() = hyper::Version::HTTP_11;
    response.map(|body| Flow::new(body, in_flight, charge))
}
