//! One client's connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::forward::{Session, forward};
use crate::local::Local;
use crate::patient::Patient;
use crate::preface::{self, Begun, Protocol};
use crate::tls::Security;

/// Requests that one HTTP/2 client may have under way. It has to wait for one to end, or use another connection.
const MOST_STREAMS: u32 = 128;
/// Requests of one HTTP/2 connection that may be taken back before they are looked at, before the client is hung up on: what a
/// client that begins and cancels does as fast as it can ("rapid reset").
const MOST_PENDING_RESETS: usize = 32;
/// Faults in the protocol that one HTTP/2 client may cause.
const MOST_ERROR_RESETS: usize = 256;

/// How long a connection that must end waits for its client's next request, to say so in the answer: a client that is not told may have
/// sent one just when the connection is closed.
const TELL_WITHIN: Duration = Duration::from_millis(500);

/// Serves `stream` until one side is done with it or, when `closing` says so, until the request that it is in has its answer.
/// `connected` is dropped with the connection.
///
/// How a connection begins and how it goes on are tasks of their own: what the one needs is no burden on the other, which is idle most
/// of the time.
pub(crate) async fn serve(
    stream: TcpStream,
    security: Security,
    session: Rc<Session>,
    mut closing: watch::Receiver<bool>,
    connected: mpsc::Sender<()>,
) {
    let stream = Patient::new(stream, session.patience);
    let patience = session.patience;
    match security {
        Security::Plain => {
            if let Some((protocol, stream)) = begin(preface::detect(stream), patience, &mut closing).await {
                converse(protocol, stream, session, closing, connected);
            }
        }
        Security::Tls(config) => {
            let beginning = async move { preface::detect(TlsAcceptor::from(config).accept(stream).await?).await };
            // On the heap, so that connections in clear do not carry the room that a handshake takes.
            if let Some((protocol, stream)) = begin(Box::pin(beginning), patience, &mut closing).await {
                converse(protocol, stream, session, closing, connected);
            }
        }
        Security::Closed => {}
    }
}

/// What came of the beginning of a connection, if it came in time: soon, once the door is closing.
async fn begin<S>(
    beginning: impl Future<Output = std::io::Result<Option<(Protocol, Begun<S>)>>>,
    patience: Duration,
    closing: &mut watch::Receiver<bool>,
) -> Option<(Protocol, Begun<S>)> {
    let mut beginning = pin!(timeout(patience, beginning));
    let begun = tokio::select! {
        biased;
        begun = beginning.as_mut() => begun,
        // Its first request may be on its way, behind a handshake.
        _ = closing.wait_for(|&closing| closing) => timeout(TELL_WITHIN, beginning).await.ok()?,
    };
    begun.ok()?.inspect_err(|error| tracing::debug!(%error, "a connection came to nothing")).ok()?
}

fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    protocol: Protocol,
    stream: Begun<S>,
    session: Rc<Session>,
    closing: watch::Receiver<bool>,
    connected: mpsc::Sender<()>,
) {
    let stream = TokioIo::new(stream);
    match protocol {
        Protocol::Http1 => spawn_local(converse_http1(stream, session, closing, connected)),
        Protocol::Http2 => spawn_local(converse_http2(stream, session, closing, connected)),
    };
}

async fn converse_http1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: TokioIo<Begun<S>>,
    session: Rc<Session>,
    mut closing: watch::Receiver<bool>,
    _until_return: mpsc::Sender<()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(session.patience)
        .max_header_size(largest_head(&session) as usize);
    let ends = closing.clone();
    let answer = service_fn(move |request| {
        let (session, ends) = (Rc::clone(&session), ends.clone());
        async move {
            let mut response = forward(session, request).await;
            if *ends.borrow() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = pin!(http.serve_connection(stream, answer).with_upgrades());
    tokio::select! {
        biased;
        ended = connection.as_mut() => return report(ended),
        _ = closing.wait_for(|&closing| closing) => {}
    }
    // Every answer now says that it is the last one.
    match timeout(TELL_WITHIN, connection.as_mut()).await {
        Ok(ended) => return report(ended),
        Err(_) => connection.as_mut().graceful_shutdown(),
    }
    report(connection.await);
}

async fn converse_http2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: TokioIo<Begun<S>>,
    session: Rc<Session>,
    mut closing: watch::Receiver<bool>,
    _until_return: mpsc::Sender<()>,
) {
    let patience = session.patience;
    let mut http = http2::Builder::new(Local);
    http.timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(largest_head(&session))
        .max_pending_accept_reset_streams(MOST_PENDING_RESETS)
        .max_local_error_reset_streams(MOST_ERROR_RESETS)
        .keep_alive_interval(patience)
        .keep_alive_timeout(patience);
    let watched = Rc::clone(&session);
    let answer = service_fn(move |request| {
        let session = Rc::clone(&session);
        async move { Ok::<_, Infallible>(forward(session, request).await) }
    });
    let mut connection = pin!(http.serve_connection(stream, answer));
    tokio::select! {
        biased;
        ended = connection.as_mut() => return report(ended),
        () = idle(&watched) => {
            connection.as_mut().graceful_shutdown();
            // Whoever does not even say good-bye has no request under way that could be hurt.
            return timeout(patience, connection).await.map_or((), report);
        }
        _ = closing.wait_for(|&closing| closing) => connection.as_mut().graceful_shutdown(),
    }
    report(connection.await);
}

fn largest_head(session: &Session) -> u32 {
    session.lane.look(|route| route.door.largest_head)
}

/// Returns when the client has asked for nothing, and waited for nothing, for as long as it may. (HTTP/1 has hyper's own limit.)
async fn idle(session: &Rc<Session>) {
    // The connection's own, and that of whoever asks here. Every request that is under way holds another.
    const WITHOUT_REQUESTS: usize = 2;
    loop {
        let before = session.served.get();
        sleep(session.patience).await;
        if session.served.get() == before && Rc::strong_count(session) <= WITHOUT_REQUESTS {
            return;
        }
    }
}

/// Clients come and go as they like; only somebody who looks for it wants to know.
fn report(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a client's connection ended");
    }
}
