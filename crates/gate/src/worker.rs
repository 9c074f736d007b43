//! A thread that moves traffic: its own event loop, its own connections to upstreams, its own share of every listener.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{LocalSet, spawn_local};

use crate::forward::{Peer, Session, forward};
use crate::lane::Lane;
use crate::pool::Pool;

const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// How long a client may take to send a request's headers, and how long it may keep an idle connection.
const HEADERS_WITHIN: Duration = Duration::from_secs(60);
/// The pause after accepting failed: out of file descriptors, most likely, and trying at once would only burn time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listener to serve, and how to know when to stop.
pub(crate) struct Opening {
    pub(crate) lane: Arc<Lane>,
    pub(crate) listener: std::net::TcpListener,
    pub(crate) closing: watch::Receiver<bool>,
    /// Dropped when this worker no longer accepts.
    pub(crate) accepting: mpsc::Sender<()>,
    /// Dropped when this worker's last connection is closed.
    pub(crate) connected: mpsc::Sender<()>,
}

/// The way to tell a worker something. A worker ends when its last handle is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    openings: mpsc::UnboundedSender<Opening>,
    thread: JoinHandle<()>,
}

impl Worker {
    pub(crate) fn start(number: usize) -> io::Result<Worker> {
        let (openings, orders) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new()
            .name(format!("gate-worker-{number}"))
            .spawn(move || LocalSet::new().block_on(&runtime, work(number, orders)))?;
        Ok(Worker { openings, thread })
    }

    /// Tells the worker to serve a listener. False if the worker is gone.
    pub(crate) fn open(&self, opening: Opening) -> bool {
        self.openings.send(opening).is_ok()
    }

    /// Ends the worker with whatever it still has open.
    pub(crate) fn end(self) {
        drop(self.openings);
        if self.thread.join().is_err() {
            tracing::error!("a worker panicked");
        }
    }
}

async fn work(number: usize, mut orders: mpsc::UnboundedReceiver<Opening>) {
    let pool = Rc::new(Pool::default());
    let sweeping = Rc::clone(&pool);
    spawn_local(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            sweeping.sweep();
        }
    });
    let http = Rc::new(protocols());
    while let Some(opening) = orders.recv().await {
        spawn_local(accept(opening, number, Rc::clone(&pool), Rc::clone(&http)));
    }
}

fn protocols() -> auto::Builder<Local> {
    let mut http = auto::Builder::new(Local);
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
    http.http2().timer(TokioTimer::new());
    http
}

async fn accept(opening: Opening, worker: usize, pool: Rc<Pool>, http: Rc<auto::Builder<Local>>) {
    let Opening { lane, listener, mut closing, accepting, connected } = opening;
    let _until_return = accepting;
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, worker, "a worker cannot serve a listener");
            return;
        }
    };
    loop {
        let accepted = tokio::select! {
            biased;
            _ = closing.wait_for(|&closing| closing) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted.and_then(|(stream, remote)| Ok((stream.local_addr()?, remote, prepared(stream)?))) {
            Ok((local, remote, stream)) => {
                let peer = Peer::new(remote.ip(), local);
                let session = Rc::new(Session { lane: Arc::clone(&lane), worker, pool: Rc::clone(&pool), peer });
                spawn_local(serve(stream, session, Rc::clone(&http), closing.clone(), connected.clone()));
                // Lets the other workers have the next one while this one gets to work.
                tokio::task::yield_now().await;
            }
            Err(error) => {
                tracing::warn!(%error, worker, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn prepared(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn serve(
    stream: TcpStream,
    session: Rc<Session>,
    http: Rc<auto::Builder<Local>>,
    mut closing: watch::Receiver<bool>,
    connected: mpsc::Sender<()>,
) {
    let _until_return = connected;
    let answer = service_fn(|request| {
        let session = Rc::clone(&session);
        async move { Ok::<_, Infallible>(forward(session, request).await) }
    });
    let mut connection = pin!(http.serve_connection_with_upgrades(TokioIo::new(stream), answer));
    tokio::select! {
        biased;
        ended = connection.as_mut() => return report(ended),
        _ = closing.wait_for(|&closing| closing) => connection.as_mut().graceful_shutdown(),
    }
    report(connection.await);
}

/// Clients come and go as they like; only somebody who looks for it wants to know.
fn report(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
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
