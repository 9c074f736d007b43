//! One client's connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::forward::{Session, forward};
use crate::local::Local;
use crate::preface::{self, Protocol};

/// Serves `stream` until one side is done with it or, when `closing` says so, until the request that it is in has its answer.
/// `connected` is dropped with the connection.
pub(crate) async fn serve(
    stream: TcpStream,
    session: Rc<Session>,
    mut closing: watch::Receiver<bool>,
    connected: mpsc::Sender<()>,
) {
    let _until_return = connected;
    let begun = tokio::select! {
        biased;
        begun = timeout(session.patience, preface::detect(stream)) => begun,
        _ = closing.wait_for(|&closing| closing) => return,
    };
    let Ok(Ok(Some((protocol, stream)))) = begun else { return };
    let stream = TokioIo::new(stream);
    let patience = session.patience;
    let answer = service_fn(move |request| {
        let session = Rc::clone(&session);
        async move { Ok::<_, Infallible>(forward(session, request).await) }
    });
    // Two arms that read alike: the two kinds of connections have nothing in common but the names of their methods.
    match protocol {
        Protocol::Http1 => {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(patience);
            let mut connection = pin!(http.serve_connection(stream, answer).with_upgrades());
            tokio::select! {
                biased;
                ended = connection.as_mut() => return report(ended),
                _ = closing.wait_for(|&closing| closing) => connection.as_mut().graceful_shutdown(),
            }
            report(connection.await);
        }
        Protocol::Http2 => {
            let mut http = http2::Builder::new(Local);
            http.timer(TokioTimer::new());
            let mut connection = pin!(http.serve_connection(stream, answer));
            tokio::select! {
                biased;
                ended = connection.as_mut() => return report(ended),
                _ = closing.wait_for(|&closing| closing) => connection.as_mut().graceful_shutdown(),
            }
            report(connection.await);
        }
    }
}

/// Clients come and go as they like; only somebody who looks for it wants to know.
fn report(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a client's connection ended");
    }
}
