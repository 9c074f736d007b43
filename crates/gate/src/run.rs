//! The gate from its start to its end.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{LocalSet, spawn_local};

use crate::access_log::AccessLog;
use crate::admin;
use crate::chance::fresh_id;
use crate::clock::Clock;
use crate::error::GateError;
use crate::gate::Gate;
use crate::home::Home;
use crate::seats;
use crate::supervise::{Roster, Surroundings, kill_strays};
use crate::worker::{Serving, Worker};

/// How long the answer to a call that stops the gate has to reach whoever called.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// How the gate is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its socket, its snapshot and its logs are. One gate per directory.
    pub dir: PathBuf,
    /// Threads that move traffic; as many as there are cores, without a number.
    pub workers: Option<NonZeroUsize>,
    /// Where `/metrics` can be scraped over TCP, in addition to the socket.
    pub metrics: Option<SocketAddr>,
    /// How long requests in flight may take to finish after SIGTERM or SIGINT.
    pub drain: Duration,
    /// Whether SIGTERM and SIGINT stop the gate. Not if it is a guest in somebody else's process.
    pub handle_signals: bool,
    /// How long a client may make the gate wait: for the first byte of a connection, for a request's headers, for the next piece of
    /// its body, and between two requests.
    pub client_timeout: Duration,
    /// Where one line per request is written. Nowhere without it, and then it costs nothing.
    pub access_log: Option<PathBuf>,
}

impl Options {
    /// A gate in `dir` with the usual settings.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Options {
            dir: dir.into(),
            workers: None,
            metrics: None,
            drain: Duration::from_secs(10),
            handle_signals: true,
            client_timeout: Duration::from_secs(60),
            access_log: None,
        }
    }
}

/// Runs the gate until it is told to stop. Blocks; the calling thread is the one that supervises, and the processes that it starts
/// die when it ends.
///
/// # Errors
/// What keeps the gate from starting: [`GateError::Directory`], [`GateError::AnotherGate`], [`GateError::Socket`],
/// [`GateError::Threads`], [`GateError::MetricsAddress`], [`GateError::AccessLog`]. Nothing that happens later ends it.
pub fn run(options: &Options) -> Result<(), GateError> {
    let home = Rc::new(Home::lock(&options.dir)?);
    let threads = |cause| GateError::Threads { cause };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(threads)?;
    let opened = options
        .access_log
        .as_deref()
        .map(|path| AccessLog::open(path).map_err(|cause| GateError::AccessLog { path: path.to_owned(), cause }));
    let (log, writing) = opened.transpose()?.unzip();
    let serving = Serving { worker: 0, patience: options.client_timeout, ceiling: seats::ceiling(), log: log.clone() };
    let count = options.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let workers = (0..count)
        .map(|number| Worker::start(Serving { worker: number, ..serving.clone() }))
        .collect::<Result<Vec<_>, _>>()
        .map_err(threads)?;
    let ended = LocalSet::new().block_on(&runtime, live(options, home, workers, log));
    if let Some(writing) = writing {
        writing.end();
    }
    ended
}

async fn live(
    options: &Options,
    home: Rc<Home>,
    workers: Vec<Worker>,
    log: Option<AccessLog>,
) -> Result<(), GateError> {
    let listener = admin::bind(&home.socket())?;
    let metrics = match options.metrics {
        Some(address) => {
            Some(TcpListener::bind(address).await.map_err(|cause| GateError::MetricsAddress { address, cause })?)
        }
        None => None,
    };
    let strays = kill_strays(&home);
    if strays > 0 {
        tracing::warn!(strays, "processes that an earlier gate left behind were ended");
    }
    let boot_id: Rc<str> = fresh_id().into();
    let roster = Roster::new(&home, &boot_id);
    let surroundings = Surroundings { home: Rc::clone(&home), clock: Clock::start(), boot_id, roster };
    let gate = Gate::new(surroundings, workers, log);
    gate.restore();
    spawn_local(Rc::clone(&gate).watch_certificates());
    spawn_local(admin::serve(listener, Rc::clone(&gate)));
    if let Some(metrics) = metrics {
        spawn_local(admin::serve_metrics(metrics, Rc::clone(&gate)));
    }
    if options.handle_signals {
        heed_signals(&gate, options.drain)?;
    }
    tracing::info!(dir = %options.dir.display(), pid = std::process::id(), "the gate is up");
    let drain = gate.asked_to_stop().await;
    tokio::time::sleep(LAST_WORDS).await;
    gate.end(drain).await;
    // The next gate in this directory makes its own; until then nobody should wait for an answer here.
    if let Err(error) = std::fs::remove_file(home.socket()) {
        tracing::warn!(%error, "the socket could not be removed");
    }
    tracing::info!("the gate is down");
    Ok(())
}

fn heed_signals(gate: &Rc<Gate>, drain: Duration) -> Result<(), GateError> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind).map_err(|cause| GateError::Threads { cause })?;
        let gate = Rc::clone(gate);
        spawn_local(async move {
            if signals.recv().await.is_some() {
                gate.stop(drain);
            }
        });
    }
    Ok(())
}
