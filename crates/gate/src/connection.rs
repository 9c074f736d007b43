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
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_local;
use tokio::time::timeout;

use crate::forward::{Session, forward};
use crate::preface::{self, Protocol};

/// How long a connection that must end waits for its client's next request, to say so in the answer: a client that is not told may have
/// sent one just when the connection is closed.
const TELL_WITHIN: Duration = Duration::from_millis(500);

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
    let ends = closing.clone();
    let may_say_so = matches!(protocol, Protocol::Http1);
    let answer = service_fn(move |request| {
        let (session, ends) = (Rc::clone(&session), ends.clone());
        async move {
            let mut response = forward(session, request).await;
            if may_say_so && *ends.borrow() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
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
                _ = closing.wait_for(|&closing| closing) => {}
            }
            // Every answer now says that it is the last one.
            match timeout(TELL_WITHIN, connection.as_mut()).await {
                Ok(ended) => return report(ended),
                Err(_) => connection.as_mut().graceful_shutdown(),
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

/// Runs what hyper wants run on the thread that wants it.
#[derive(Clone, Copy, Debug)]
struct Local;

impl<F: Future<Output: 'static> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, task: F) {
        spawn_local(task);
    }
}
