//! One request to one upstream: over a kept connection if there is one, over a new one otherwise.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use tokio::time::timeout;

use super::Outgoing;
use super::bodies::{Moved, Progress};
use super::failure::Failure;
use super::headers;
use super::prepare::Replay;
use crate::pool::{Connection, Pool};
use crate::upstream::{InFlight, Upstream};
use crate::wire::UpstreamProtocol;

/// The longest wait for an upstream that is about to start: a crash and a quick restart go unnoticed, and clients do not pile up
/// behind a process that crashes again and again.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a patient attempt looks whether the upstream has come up.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How often it is looked at whose turn it is in an upload.
const LOOK_AT_BODY: Duration = Duration::from_secs(1);

/// How long an attempt may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until there is a connection.
    pub(super) connect: Duration,
    /// From sending (or the body's last move) to the response headers.
    pub(super) answer: Duration,
    /// How long the client may let the upstream wait for the next piece of the body.
    pub(super) client: Duration,
    /// Whether to wait for an upstream that is about to start.
    pub(super) patient: bool,
    /// Whether the client has asked to speak another protocol.
    pub(super) upgrades: bool,
}

/// A response, and the connection that brings its body.
pub(super) struct Sent {
    pub(super) response: Response<Incoming>,
    pub(super) connection: Connection,
    pub(super) in_flight: InFlight,
}

/// No response. The request comes back if none of it was sent.
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) request: Option<Request<Outgoing>>,
}

pub(super) async fn attempt(
    pool: &Rc<Pool>,
    upstream: &Arc<Upstream>,
    protocol: UpstreamProtocol,
    mut request: Request<Outgoing>,
    replay: Option<&Replay>,
    limits: Limits,
) -> Result<Sent, Failed> {
    let in_flight = upstream.enter();
    loop {
        if let Err(failure) = headers::speak(&mut request, protocol) {
            return Err(Failed { failure, request: None });
        }
        let kept = upstream.address().and_then(|address| pool.take(upstream.id(), address, protocol));
        let reused = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => match connect(pool, upstream, protocol, limits).await {
                Some(connection) => connection,
                None => return Err(Failed { failure: Failure::Unreachable, request: Some(request) }),
            },
        };
        let progress = request.body().progress();
        let failed = match answer(connection.send(request), progress, limits).await {
            Err(failure) => return Err(Failed { failure, request: None }),
            // Nobody has asked for another protocol: what follows on this connection means nothing.
            Ok(Ok(response)) if response.status() == StatusCode::SWITCHING_PROTOCOLS && !limits.upgrades => {
                return Err(Failed { failure: Failure::Broke, request: None });
            }
            Ok(Ok(response)) => return Ok(Sent { response, connection, in_flight }),
            Ok(Err(failed)) => failed,
        };
        let (error, unsent) = (failed.error, failed.request);
        if error.is_user() {
            return Err(Failed { failure: Failure::ClientBroke, request: None });
        }
        // A kept connection that ends under a request was most likely given up by the upstream at the same moment, which is no
        // fault of anybody. A new connection that ends is.
        let again =
            unsent.or_else(|| if reused && connection.has_ended() { replay.map(Replay::request) } else { None });
        match again {
            Some(unsent) if reused => request = unsent,
            unsent => return Err(Failed { failure: Failure::Broke, request: unsent }),
        }
    }
}

async fn connect(
    pool: &Rc<Pool>,
    upstream: &Upstream,
    protocol: UpstreamProtocol,
    limits: Limits,
) -> Option<Connection> {
    let begun = Instant::now();
    let looking = async {
        loop {
            if let Some(address) = upstream.address()
                && let Ok(connection) = Connection::open(pool, upstream.id(), address, protocol).await
            {
                return Some(connection);
            }
            if !(limits.patient && upstream.is_expected() && begun.elapsed() < PATIENCE) {
                return None;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(limits.connect, looking).await.ok().flatten()
}

/// Waits for `sending`: as long as the upstream may take from the moment that it has all there is, and as long as the client may take
/// to send the next piece.
async fn answer<T>(sending: impl Future<Output = T>, progress: Option<Progress>, limits: Limits) -> Result<T, Failure> {
    let Some(progress) = progress else {
        return timeout(limits.answer, sending).await.map_err(|_| Failure::TimedOut);
    };
    let mut sending = std::pin::pin!(sending);
    loop {
        let Moved { last, client_is_due } = progress.moved();
        let (limit, failure) = match client_is_due {
            true => (limits.client, Failure::ClientStalled),
            false => (limits.answer, Failure::TimedOut),
        };
        let left = (last + limit).saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(failure);
        }
        // A body that moves may change whose turn it is, and with it the limit.
        if let Ok(answer) = timeout(left.min(LOOK_AT_BODY), &mut sending).await {
            return Ok(answer);
        }
    }
}
