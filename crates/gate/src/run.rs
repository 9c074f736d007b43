//! The gate from its start to its end.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinHandle, LocalSet, spawn_local};

use crate::access_log::{AccessLog, Ending};
use crate::admin;
use crate::chance::fresh_id;
use crate::clock::Clock;
use crate::error::GateError;
use crate::gate::{End, Gate};
use crate::handover::{self, Estate, Left};
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
    // Of now: a program that is replaced on disk is another one at the same path.
    let program = std::env::current_exe();
    let mut estate = handover::take(&options.dir);
    loop {
        let threads = |cause| GateError::Threads { cause };
        let (home, left) = match estate.take() {
            Some(Estate { lock, socket, metrics, mark, left }) => {
                (Home::held(&options.dir, lock)?, Some((Sockets { admin: socket, metrics }, mark, left)))
            }
            None => (Home::lock(&options.dir)?, None),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(threads)?;
        let opened = open_log(options);
        let (opened, trouble) = match opened {
            // Users are served without it: they were before, and what runs must go on.
            Err(error) if left.is_some() => (None, Some(error)),
            opened => (opened?, None),
        };
        let (log, mut writing) = opened.unzip();
        let (patience, ceiling) = (options.client_timeout, seats::ceiling());
        let serving = Serving { patience, ceiling, log: log.clone() };
        let count = options.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let workers = Worker::start_all(count, &serving).map_err(threads)?;
        let program = program.as_deref().map_err(|error| io::Error::new(error.kind(), error.to_string()));
        let life = Life { options, home: Rc::new(home), program, log, writing: &mut writing, trouble };
        let ended = LocalSet::new().block_on(&runtime, life.live(workers, left));
        if let Some(writing) = writing.take() {
            writing.end();
        }
        match ended? {
            After::Nothing => return Ok(()),
            After::NotReplaced(error, kept) => {
                tracing::error!(%error, "the gate could not make way for another program and goes on as it is");
                estate = kept.map(|kept| *kept);
            }
        }
    }
}

/// What comes after a life of the gate.
enum After {
    Nothing,
    /// Another life with what this one had: no program could take its place. Without an estate everything is opened anew.
    NotReplaced(io::Error, Option<Box<Estate>>),
}

fn open_log(options: &Options) -> Result<Option<(AccessLog, Ending)>, GateError> {
    let open =
        |path: &PathBuf| AccessLog::open(path).map_err(|cause| GateError::AccessLog { path: path.clone(), cause });
    options.access_log.as_ref().map(open).transpose()
}

/// What the gate answers its callers on.
struct Sockets {
    admin: UnixListener,
    metrics: Option<std::net::TcpListener>,
}

impl Sockets {
    fn bind(options: &Options, home: &Home) -> Result<Self, GateError> {
        let metrics = options.metrics.map(|address| {
            let bound = std::net::TcpListener::bind(address).and_then(|listener| {
                listener.set_nonblocking(true)?;
                Ok(listener)
            });
            bound.map_err(|cause| GateError::MetricsAddress { address, cause })
        });
        Ok(Sockets { admin: admin::bind(&home.socket())?, metrics: metrics.transpose()? })
    }

    fn try_clone(&self) -> io::Result<Self> {
        let metrics = self.metrics.as_ref().map(std::net::TcpListener::try_clone).transpose()?;
        Ok(Sockets { admin: self.admin.try_clone()?, metrics })
    }
}

/// One life of the gate: until it ends, or another program takes its place.
struct Life<'a> {
    options: &'a Options,
    home: Rc<Home>,
    program: io::Result<&'a Path>,
    log: Option<AccessLog>,
    /// What writes the log, if nobody has ended it yet.
    writing: &'a mut Option<Ending>,
    /// What is wrong from the start.
    trouble: Option<GateError>,
}

impl Life<'_> {
    async fn live(self, workers: Vec<Worker>, left: Option<(Sockets, String, Left)>) -> Result<After, GateError> {
        let boot_id: Rc<str> = fresh_id().into();
        let (sockets, mark, Left { doors, processes }) = match left {
            Some((sockets, mark, left)) => (sockets, Rc::from(mark), left),
            None => (Sockets::bind(self.options, &self.home)?, Rc::clone(&boot_id), Left::default()),
        };
        let kept: Vec<u32> = processes.values().map(|process| process.pid).collect();
        let strays = kill_strays(&self.home, &kept);
        if strays > 0 {
            tracing::warn!(strays, "processes that an earlier gate left behind were ended");
        }
        let surroundings = Surroundings {
            home: Rc::clone(&self.home),
            clock: Clock::start(),
            boot_id,
            roster: Roster::new(&self.home, &mark),
            left: Rc::new(RefCell::new(processes)),
        };
        let gate = Gate::new(surroundings, workers, self.log.clone(), !self.options.handle_signals);
        if let Some(error) = &self.trouble {
            gate.warn(error);
        }
        gate.restore(doors);
        let answering = answer(&gate, &sockets)?;
        spawn_local(Rc::clone(&gate).heed_silence());
        spawn_local(Rc::clone(&gate).watch_certificates());
        if self.options.handle_signals {
            heed_signals(&gate, self.options.drain)?;
        }
        tracing::info!(dir = %self.options.dir.display(), pid = std::process::id(), "the gate is up");
        let end = gate.asked_to_end().await;
        if let End::Upgrade { .. } = end {
            // Who asks now is answered by the next program, and who was heard before by this one.
            answering.iter().for_each(JoinHandle::abort);
        }
        tokio::time::sleep(LAST_WORDS).await;
        match end {
            End::Stop(drain) => {
                gate.stop(drain).await;
                // The next gate in this directory makes its own; until then nobody should wait for an answer here.
                if let Err(error) = std::fs::remove_file(self.home.socket()) {
                    tracing::warn!(%error, "the socket could not be removed");
                }
                tracing::info!("the gate is down");
                Ok(After::Nothing)
            }
            End::Upgrade { drain, program } => {
                let (left, _versions) = gate.leave(drain).await;
                // Lines that wait would be lost with the thread that writes them.
                if let Some(writing) = self.writing.take() {
                    writing.end();
                }
                Ok(self.make_way(program, sockets, mark.to_string(), left))
            }
        }
    }

    fn make_way(&self, program: Option<PathBuf>, sockets: Sockets, mark: String, left: Left) -> After {
        let lock = match self.home.hand_over() {
            Ok(lock) => lock,
            Err(error) => return After::NotReplaced(error, None),
        };
        let estate = Estate { lock, socket: sockets.admin, metrics: sockets.metrics, mark, left };
        let program = match (&program, &self.program) {
            (Some(program), _) => program.as_path(),
            (None, Ok(program)) => program,
            // Nothing can be started; what is left is taken back from there.
            (None, Err(_)) => Path::new(""),
        };
        tracing::info!(program = %program.display(), "the gate makes way for another program");
        let (error, estate) = handover::exec(estate, &self.home, program);
        After::NotReplaced(error, Some(Box::new(estate)))
    }
}

/// Answers calls and scrapes.
fn answer(gate: &Rc<Gate>, sockets: &Sockets) -> Result<Vec<JoinHandle<Infallible>>, GateError> {
    let threads = |cause| GateError::Threads { cause };
    let Sockets { admin, metrics } = sockets.try_clone().map_err(threads)?;
    let admin = tokio::net::UnixListener::from_std(admin).map_err(threads)?;
    let mut answering = vec![spawn_local(admin::serve(admin, Rc::clone(gate)))];
    if let Some(metrics) = metrics {
        let metrics = TcpListener::from_std(metrics).map_err(threads)?;
        answering.push(spawn_local(admin::serve_metrics(metrics, Rc::clone(gate))));
    }
    Ok(answering)
}

fn heed_signals(gate: &Rc<Gate>, drain: Duration) -> Result<(), GateError> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind).map_err(|cause| GateError::Threads { cause })?;
        let gate = Rc::clone(gate);
        spawn_local(async move {
            if signals.recv().await.is_some() {
                gate.end_by(End::Stop(drain));
            }
        });
    }
    let mut signals = signal(SignalKind::user_defined2()).map_err(|cause| GateError::Threads { cause })?;
    let gate = Rc::clone(gate);
    spawn_local(async move {
        while signals.recv().await.is_some() {
            if let Err(error) = gate.upgrade(drain, None) {
                tracing::error!(code = error.code(), %error, "the gate does not make way for another program");
            }
        }
    });
    Ok(())
}
