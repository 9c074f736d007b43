//! The demo's control plane: this program as a server of its own, started again whenever it dies, and killed on demand.

use super::place::{Place, no_room};
use super::story::Story;
use crate::failure::Failure;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How long it may take to stop, with the gate and the application.
const STOP_WITHIN: Duration = Duration::from_secs(40);
/// A server that lives shorter than this did not come up.
const CAME_UP: Duration = Duration::from_secs(2);
/// So often in a row it may fail to come up.
const TRIES: u32 = 5;

/// The running control plane.
#[derive(Debug)]
pub(crate) struct ControlProcess {
    orders: mpsc::Sender<Order>,
    keeper: JoinHandle<()>,
    known: Arc<Known>,
}

#[derive(Debug, Default)]
struct Known {
    restarts: AtomicU32,
    given_up: AtomicBool,
}

enum Order {
    /// As a crash would.
    Kill(oneshot::Sender<()>),
    /// In order, with everything that it started.
    Stop,
}

impl ControlProcess {
    /// Starts it.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn start(place: &Place, story: &Arc<Story>) -> Result<Self, Failure> {
        let mut command = command(place).map_err(|error| no_room(&error))?;
        let child = command.spawn().map_err(|error| no_room(&error))?;
        let (orders, received) = mpsc::channel(1);
        let known = Arc::new(Known::default());
        let keeper = Keeper { command, story: Arc::clone(story), known: Arc::clone(&known) };
        Ok(Self { orders, keeper: tokio::spawn(keeper.keep(child, received)), known })
    }

    /// How often it was started again.
    #[must_use]
    pub(crate) fn restarts(&self) -> u32 {
        self.known.restarts.load(Ordering::Relaxed)
    }

    /// Whether it failed so often that it is not started any more.
    #[must_use]
    pub(crate) fn given_up(&self) -> bool {
        self.known.given_up.load(Ordering::Relaxed)
    }

    /// Whoever may kill it.
    #[must_use]
    pub(crate) fn assassin(&self) -> Assassin {
        Assassin { orders: self.orders.clone() }
    }

    /// Stops it, and the gate and the application with it.
    pub(crate) async fn stop(self) {
        // A keeper that gave up has nothing left to stop.
        let _gone = self.orders.send(Order::Stop).await;
        let _ended = self.keeper.await;
    }
}

/// Kills the control plane.
#[derive(Clone, Debug)]
pub(crate) struct Assassin {
    orders: mpsc::Sender<Order>,
}

impl Assassin {
    /// Kills it with SIGKILL; `false` when there was nothing to kill any more.
    pub(crate) async fn kill(&self) -> bool {
        let (reply, dead) = oneshot::channel();
        self.orders.send(Order::Kill(reply)).await.is_ok() && dead.await.is_ok()
    }
}

struct Keeper {
    command: Command,
    story: Arc<Story>,
    known: Arc<Known>,
}

impl Keeper {
    async fn keep(mut self, mut child: Child, mut orders: mpsc::Receiver<Order>) {
        let mut failed = 0;
        let mut started = Instant::now();
        loop {
            let order = tokio::select! {
                _ended = child.wait() => None,
                order = orders.recv() => Some(order.unwrap_or(Order::Stop)),
            };
            match order {
                Some(Order::Stop) => return stop(child).await,
                Some(Order::Kill(dead)) => {
                    let _gone_already = child.start_kill();
                    let _status = child.wait().await;
                    // Whoever killed it may be gone.
                    let _nobody_waits = dead.send(());
                    failed = 0;
                    self.tell("the control plane was killed and is started again; users did not notice");
                }
                None => {
                    failed = if started.elapsed() < CAME_UP { failed + 1 } else { 1 };
                    if failed >= TRIES {
                        break;
                    }
                    self.tell("the control plane ended and is started again");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
            match self.command.spawn() {
                Ok(next) => child = next,
                Err(_) => break,
            }
            started = Instant::now();
            self.known.restarts.fetch_add(1, Ordering::Relaxed);
        }
        self.known.given_up.store(true, Ordering::Relaxed);
    }

    fn tell(&self, what: &str) {
        // If nobody reads, whoever follows the release ends the demo.
        let _nobody_reads = self.story.aside(what);
    }
}

async fn stop(mut child: Child) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // A process that just ended cannot be told any more.
        let _ended = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(STOP_WITHIN, child.wait()).await.is_err() {
        let _ended = child.kill().await;
    }
}

fn command(place: &Place) -> io::Result<Command> {
    let log = File::options().create(true).append(true).open(place.server_log())?;
    let mut command = Command::new(place.program());
    command
        .arg("serve")
        .arg("--policy")
        .arg(place.policy())
        .arg("--data")
        .arg(place.data())
        .arg("--listen")
        .arg(place.api().to_string())
        .arg("--stop-gate")
        .current_dir(place.dir())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C is for the demo, which then stops everything in order.
        .process_group(0)
        .kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TIDEGATE_") && name != "TIDEGATE_LOG" {
            command.env_remove(name);
        }
    }
    Ok(command)
}
