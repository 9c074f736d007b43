//! One request to one upstream: over a kept connection if there is one, over a new one otherwise.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::{Method, Request, Response, StatusCode};
use tokio::time::timeout;

use super::bodies::{Moved, Outgoing, Progress};
use super::failure::Failure;
use super::headers;
use super::prepare::Outbound;
use crate::http1::{Ask, Exchange, Trouble};
use crate::pool::{Arriving, Connection, Pool, Stream};
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
    /// Whether sending it twice does no more than sending it once.
    pub(super) idempotent: bool,
}

impl Limits {
    /// When it has taken too long, and whose fault that is then: the upstream's, from when the request was sent or its body last moved, or
    /// that of the client who is to send the next piece.
    fn due(&self, began: Instant, progress: Option<&Progress>) -> (Instant, Failure) {
        match progress.map(Progress::moved) {
            Some(Moved { last, client_is_due: true }) => (last + self.client, Failure::ClientStalled),
            Some(Moved { last, client_is_due: false }) => (last + self.answer, Failure::TimedOut),
            None => (began + self.answer, Failure::TimedOut),
        }
    }
}

/// A response, whose body brings the connection that it comes on.
pub(super) struct Sent {
    pub(super) response: Response<Arriving>,
    pub(super) in_flight: InFlight,
}

/// Why there is no response.
struct Unanswered {
    failure: Failure,
    /// Whether the upstream has taken nothing of the request.
    unsent: bool,
    /// Whether the connection as a whole has ended, and not only the request that was on it.
    ended: bool,
}

pub(super) async fn attempt(
    pool: &Rc<Pool>,
    upstream: &Arc<Upstream>,
    protocol: UpstreamProtocol,
    outbound: &mut Outbound,
    limits: Limits,
) -> Result<Sent, Failure> {
    let in_flight = upstream.enter();
    loop {
        headers::speak(&mut outbound.parts, protocol)?;
        let kept = upstream.address().and_then(|address| pool.take(upstream.id(), address, protocol));
        let reused = kept.is_some();
        let connection = match kept {
            Some(connection) => connection,
            // On the heap: seldom, and large.
            None => match Box::pin(connect(pool, upstream, protocol, limits)).await {
                Some(connection) => connection,
                None => return Err(Failure::Unreachable),
            },
        };
        let Some(body) = outbound.body() else { return Err(Failure::Broke) };
        let answered = match connection {
            Connection::Own(link, home) => {
                let progress = body.progress();
                let mut exchange = Exchange::begin(link, Ask { parts: &outbound.parts, body });
                match head(&mut exchange, &outbound.parts.method, progress, limits).await {
                    Ok(response) => Ok(response.map(|()| Arriving::Own(exchange, home))),
                    Err(failure) => Err(given_up(exchange, failure, outbound)),
                }
            }
            Connection::Shared(stream) => Box::pin(send(stream, body, outbound, limits)).await,
        };
        let Unanswered { failure, unsent, ended } = match answered {
            // Nobody has asked for another protocol: what follows on this connection means nothing.
            Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS && !limits.upgrades => {
                return Err(Failure::Broke);
            }
            Ok(response) => return Ok(Sent { response, in_flight }),
            Err(unanswered) => unanswered,
        };
        // A kept connection that ends under a request was most likely given up by the upstream at the same moment, which is no
        // fault of anybody. A new connection that ends is.
        let again = unsent || (ended && limits.idempotent);
        if !(reused && again && failure == Failure::Broke && outbound.is_whole()) {
            return Err(failure);
        }
    }
}

/// Waits for the head of a response: as long as the upstream may take from the moment that it has all there is, and as long as the
/// client may take to send the next piece.
async fn head(
    exchange: &mut Exchange,
    method: &Method,
    progress: Option<Progress>,
    limits: Limits,
) -> Result<Response<()>, Failure> {
    let began = Instant::now();
    poll_fn(|cx| {
        if let Poll::Ready(answered) = exchange.poll_head(method, cx) {
            return Poll::Ready(answered.map_err(|trouble| match trouble {
                Trouble::Broke | Trouble::Nonsense => Failure::Broke,
                Trouble::Client => Failure::ClientBroke,
            }));
        }
        let (due, failure) = limits.due(began, progress.as_ref());
        exchange.poll_due(due.into(), cx).map(|()| Err(failure))
    })
    .await
}

/// What is left when an exchange came to nothing.
fn given_up(exchange: Exchange, failure: Failure, outbound: &mut Outbound) -> Unanswered {
    let unsent = exchange.unsent();
    // It carries nothing else: a request that fails on it takes it along.
    let unanswered = Unanswered { failure, unsent: unsent.is_some(), ended: true };
    outbound.restore(unsent.flatten());
    unanswered
}

/// One of many requests on a connection.
async fn send(
    mut stream: Stream,
    body: Outgoing,
    outbound: &mut Outbound,
    limits: Limits,
) -> Result<Response<Arriving>, Unanswered> {
    let progress = body.progress();
    let request = Request::from_parts(outbound.parts.clone(), body);
    let answered = match waiting(stream.sender.try_send_request(request), progress, limits).await {
        Err(failure) => return Err(Unanswered { failure, unsent: false, ended: stream.is_over() }),
        Ok(answered) => answered,
    };
    let mut unanswered = match answered {
        Ok(response) => return Ok(response.map(|body| Arriving::Shared(body, stream))),
        Err(unanswered) => unanswered,
    };
    let returned = unanswered.take_message();
    let failure = if unanswered.into_error().is_user() { Failure::ClientBroke } else { Failure::Broke };
    let unsent = match returned {
        Some(request) => {
            stream.spend();
            outbound.restore(Some(request.into_body()));
            true
        }
        None => false,
    };
    Err(Unanswered { failure, unsent, ended: stream.is_over() })
}

/// The same waiting as in [`head`], for what cannot be polled in parts.
async fn waiting<T>(
    sending: impl Future<Output = T>,
    progress: Option<Progress>,
    limits: Limits,
) -> Result<T, Failure> {
    let began = Instant::now();
    let mut sending = std::pin::pin!(sending);
    loop {
        let (due, failure) = limits.due(began, progress.as_ref());
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(failure);
        }
        // A body that moves may change whose turn it is, and with it the limit.
        let look_again = if progress.is_some() { left.min(LOOK_AT_BODY) } else { left };
        if let Ok(answer) = timeout(look_again, &mut sending).await {
            return Ok(answer);
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
                && let Ok(connection) = pool.open(upstream.id(), address, protocol).await
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
