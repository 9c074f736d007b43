//! A thread that moves traffic: its own event loop, its own connections to upstreams, its own share of every listener.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_local;

use crate::access_log::AccessLog;
use crate::balance::{Accepted, Balance, Handed};
use crate::connection;
use crate::forward::{Peer, Session};
use crate::lane::Lane;
use crate::pool::Pool;

const SWEEP_EVERY: Duration = Duration::from_secs(5);
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

/// How a worker serves.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    /// How long its clients may make it wait (see [`crate::Options::client_timeout`]).
    pub(crate) patience: Duration,
    /// Clients that one service may have at a time, whatever its order says: there are descriptors for so many.
    pub(crate) ceiling: usize,
    pub(crate) log: Option<AccessLog>,
}

/// The way to tell a worker something. A worker ends when its last handle is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    openings: mpsc::UnboundedSender<Opening>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Starts `count` workers, which serve as `serving` says.
    pub(crate) fn start_all(count: usize, serving: &Serving) -> io::Result<Vec<Worker>> {
        let (balance, handed) = Balance::of(count);
        let start = |(number, handed)| Worker::start(number, serving.clone(), Arc::clone(&balance), handed);
        handed.into_iter().enumerate().map(start).collect()
    }

    fn start(
        number: usize,
        serving: Serving,
        balance: Arc<Balance>,
        handed: mpsc::UnboundedReceiver<Accepted<Handed>>,
    ) -> io::Result<Worker> {
        let name = format!("gate-worker-{number}");
        let (openings, orders) = mpsc::unbounded_channel();
        let (began, begins) = std::sync::mpsc::sync_channel(1);
        // Its event loop is made where it runs: one that never leaves its thread has one queue of tasks, and not two.
        let live = move || {
            let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
            let (runtime, said) = match runtime {
                Ok(runtime) => (Some(runtime), Ok(())),
                Err(error) => (None, Err(error)),
            };
            if began.send(said).is_ok()
                && let Some(runtime) = runtime
            {
                runtime.block_on(work(Desk { number, serving, balance, pool: Rc::default() }, orders, handed));
            }
        };
        let thread = std::thread::Builder::new().name(name).spawn(live)?;
        begins.recv().unwrap_or_else(|_| Err(io::Error::other("a worker ended before it began")))?;
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

/// What a worker works with.
#[derive(Clone)]
struct Desk {
    number: usize,
    serving: Serving,
    balance: Arc<Balance>,
    pool: Rc<Pool>,
}

async fn work(
    desk: Desk,
    mut orders: mpsc::UnboundedReceiver<Opening>,
    mut handed: mpsc::UnboundedReceiver<Accepted<Handed>>,
) {
    let sweeping = Rc::clone(&desk.pool);
    spawn_local(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            sweeping.sweep();
        }
    });
    let serving = desk.clone();
    spawn_local(async move {
        while let Some(accepted) = handed.recv().await {
            match accepted.map(TcpStream::from_std) {
                Ok(accepted) => serving.serve(accepted),
                Err(error) => tracing::warn!(%error, worker = serving.number, "a connection could not be served"),
            }
        }
    });
    while let Some(opening) = orders.recv().await {
        spawn_local(desk.clone().accept(opening));
    }
}

impl Desk {
    async fn accept(self, opening: Opening) {
        let worker = self.number;
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
            match accepted.and_then(prepared) {
                Ok((stream, remote, local)) => {
                    let most = || self.serving.ceiling.min(lane.look(|route| route.door.most_connections) as usize);
                    let seat = tokio::select! {
                        biased;
                        seat = lane.seats().take(most) => seat,
                        // Who was accepted is out of the queue, where the next gate would find it.
                        _ = closing.wait_for(|&closing| closing) => lane.seats().take(|| usize::MAX).await,
                    };
                    let (lane, closing, connected) = (Arc::clone(&lane), closing.clone(), connected.clone());
                    let place = self.balance.place(worker);
                    let accepted = Accepted { stream, remote, local, lane, seat, closing, connected, place };
                    if accepted.place.worker() == worker {
                        self.serve(accepted);
                    } else {
                        match accepted.map(TcpStream::into_std) {
                            Ok(accepted) => Balance::hand(accepted),
                            Err(error) => tracing::warn!(%error, worker, "a connection could not be handed on"),
                        }
                    }
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

    fn serve(&self, accepted: Accepted<TcpStream>) {
        let Accepted { stream, remote, local, lane, seat, closing, connected, place } = accepted;
        let security = lane.security();
        let session = Rc::new(Session {
            worker: self.number,
            pool: Rc::clone(&self.pool),
            peer: Peer::new(remote.ip(), local, security.transport()),
            patience: self.serving.patience,
            log: self.serving.log.clone(),
            served: Cell::new(0),
            lane,
            _held: (seat, place),
        });
        spawn_local(connection::serve(stream, security, session, closing, connected));
    }
}

/// A connection that was accepted, for whichever worker is to serve it.
fn prepared((stream, remote): (TcpStream, SocketAddr)) -> io::Result<(TcpStream, SocketAddr, SocketAddr)> {
    stream.set_nodelay(true)?;
    let local = stream.local_addr()?;
    Ok((stream, remote, local))
}
