//! The gate's process, as the control plane on the same machine looks after it: found if it runs, started if it does not, started
//! again when it died.
//!
//! It is no child in spirit. It leads a group of its own, writes to a log of its own and goes on when control ends: users are
//! served by it. Two gates in one directory cannot be: the gate itself holds a lock there.

mod log;
mod pace;

use crate::failure::{lasting, passing};
use crate::gate::{CallError, Client, GateAddress};
use ::gate::wire::{SOCKET, Status};
use control::ports::{PortError, PortResult};
use pace::Pace;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// How long a start may take until the gate answers.
const START_WITHIN: Duration = Duration::from_secs(10);
/// What a shutdown may take beyond the drain: processes have their own grace.
const STOP_SLACK: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);
/// How often [`GateProcess::keep`] looks. While nobody does, users of a gate that died are turned away, and a look is one call over
/// a socket of this machine.
const LOOK_AFTER: Duration = Duration::from_millis(200);

/// Looks after the gate of one directory.
#[derive(Debug)]
pub struct GateProcess {
    program: PathBuf,
    dir: PathBuf,
    client: Client,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A gate that this object started, until it has ended.
    child: Option<Child>,
    pace: Pace,
    told_to_stop: bool,
}

impl GateProcess {
    /// The gate in `dir`, which `program gate --dir DIR` starts.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        let client = Client::new(&address(&dir));
        Self { program: program.into(), dir, client, state: Mutex::default() }
    }

    /// Where it takes orders.
    #[must_use]
    pub fn address(&self) -> GateAddress {
        address(&self.dir)
    }

    /// Sees to it that a gate runs and answers. To be called again and again.
    ///
    /// # Errors
    /// `TG-5002`, `TG-5003`: something answers there, but not as a gate should; it is left alone. `TG-5040`: it cannot be started.
    /// `TG-5041`: it runs and does not answer. `TG-5042`: it ended at its start; the next one waits a while. `TG-5043`: it was told
    /// to stop.
    pub async fn ensure(&self) -> PortResult<Status> {
        let mut state = self.state.lock().await;
        if let Some(status) = self.answer().await? {
            return Ok(status);
        }
        if state.told_to_stop {
            return Err(lasting("TG-5043", "the gate was told to stop", "start `tidegate serve` again"));
        }
        if !state.runs()? {
            if let Some(pause) = state.pace.pause_left(Instant::now()) {
                let message =
                    format!("the gate ended soon after its start and is started again in {:.1} s", pause.as_secs_f32());
                return Err(passing("TG-5042", message, self.see_log()));
            }
            state.child = Some(self.start()?);
            state.pace.started(Instant::now());
        }
        self.wait_for_answer(&mut state).await
    }

    /// Looks after the gate for as long as it is polled, and says in the log when that fails and when it works again.
    pub async fn keep(&self) -> Infallible {
        let mut trouble = None;
        loop {
            match self.ensure().await {
                Ok(status) if trouble.take().is_some() => {
                    tracing::info!(pid = status.pid, boot = status.boot_id, "the gate answers again");
                }
                Ok(_) => {}
                Err(error) => {
                    if trouble.replace(error.code) != Some(error.code) {
                        tracing::error!(
                            code = error.code,
                            message = error.message,
                            hint = error.hint,
                            "the gate does not run"
                        );
                    }
                }
            }
            sleep(LOOK_AFTER).await;
        }
    }

    /// Stops the gate and everything that it runs, and does not start it again. Requests in flight have `drain` to finish.
    ///
    /// # Errors
    /// `TG-5002`, `TG-5003`, `TG-5005`: it does not take the order. `TG-5044`: it still answers when it should be gone.
    pub async fn shutdown(&self, drain: Duration) -> PortResult<()> {
        let mut state = self.state.lock().await;
        state.told_to_stop = true;
        match self.client.shutdown(drain).await {
            Ok(_) => {}
            Err(CallError::Unreachable(_)) => return Ok(()),
            Err(error) => return Err(self.client.failure("stopping the gate", error)),
        }
        let deadline = Instant::now() + drain + STOP_SLACK;
        while self.answer().await?.is_some() || state.runs()? {
            if Instant::now() >= deadline {
                return Err(passing("TG-5044", "the gate still runs after it was told to stop", self.see_log()));
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// What the gate says of itself; nothing if nobody is there.
    async fn answer(&self) -> PortResult<Option<Status>> {
        match self.client.status().await {
            Ok(status) => Ok(Some(status)),
            Err(CallError::Unreachable(_)) => Ok(None),
            Err(error) => Err(self.client.failure("asking the gate how it is", error)),
        }
    }

    fn start(&self) -> PortResult<Child> {
        let not_started = |what: &Path, error: std::io::Error| {
            let hint = "check that the program and the directory are there and that this user may use them";
            lasting("TG-5040", format!("the gate cannot be started: {}: {error}", what.display()), hint)
        };
        let output = log::open(&self.dir).and_then(|output| Ok((output.try_clone()?, output)));
        let (stdout, stderr) = output.map_err(|error| not_started(&self.dir, error))?;
        let child = Command::new(&self.program)
            .arg("gate")
            .arg("--dir")
            .arg(&self.dir)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            // Ctrl-C in the terminal of control is not meant for the gate.
            .process_group(0)
            .spawn()
            .map_err(|error| not_started(&self.program, error))?;
        tracing::info!(pid = child.id(), dir = %self.dir.display(), "the gate was started");
        Ok(child)
    }

    async fn wait_for_answer(&self, state: &mut State) -> PortResult<Status> {
        let deadline = Instant::now() + START_WITHIN;
        loop {
            if let Some(status) = self.answer().await? {
                return Ok(status);
            }
            if !state.runs()? {
                let message = format!("the gate ended at its start; it wrote: {}", log::end(&self.dir));
                return Err(passing("TG-5042", message, self.see_log()));
            }
            if Instant::now() >= deadline {
                // It may be serving users all the same, so it is not killed.
                let message = format!("the gate runs and does not answer within {} s", START_WITHIN.as_secs());
                return Err(passing("TG-5041", message, self.see_log()));
            }
            sleep(LOOK).await;
        }
    }

    fn see_log(&self) -> String {
        format!("read {}", log::path(&self.dir).display())
    }
}

impl State {
    /// Whether the gate that was started here still runs.
    fn runs(&mut self) -> PortResult<bool> {
        let Some(child) = &mut self.child else { return Ok(false) };
        match child.try_wait() {
            Ok(None) => Ok(true),
            Ok(Some(status)) => {
                tracing::warn!(%status, "the gate ended");
                self.child = None;
                Ok(false)
            }
            Err(error) => Err(waiting_failed(&error)),
        }
    }
}

fn address(dir: &Path) -> GateAddress {
    GateAddress(dir.join(SOCKET))
}

fn waiting_failed(error: &std::io::Error) -> PortError {
    passing("TG-5040", format!("the gate's process cannot be asked for: {error}"), "look whether `tidegate gate` runs")
}
