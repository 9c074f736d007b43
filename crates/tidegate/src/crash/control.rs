//! The control plane as a host's supervisor looks after it: started, and started again at once whenever it ends, unless a blow
//! wants it to stay away. It starts the gate, and starts it again: nobody else does.

use super::site::Site;
use std::fs::File;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How often the supervisor looks. Systemd is told by the kernel and waits 100 ms by itself.
const LOOK: Duration = Duration::from_millis(20);
/// The pause between two starts: one that fails at once, as on a full disk, is tried again and again.
const PAUSE: Duration = Duration::from_millis(200);

/// The supervised control plane.
#[derive(Debug)]
pub(super) struct Control {
    state: Arc<Mutex<State>>,
    keeper: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    site: Arc<Site>,
    child: Option<Child>,
    started: Instant,
    stay_away: bool,
    starts: u32,
}

impl Control {
    /// Starts it, and looks after it from then on.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(super) fn start(site: &Arc<Site>) -> io::Result<Self> {
        let child = command(site)?.spawn()?;
        let state =
            State { site: Arc::clone(site), child: Some(child), started: Instant::now(), stay_away: false, starts: 1 };
        let state = Arc::new(Mutex::new(state));
        Ok(Self { keeper: tokio::spawn(keep(Arc::clone(&state))), state })
    }

    /// Its process, while there is one.
    pub(super) fn pid(&self) -> Option<u32> {
        locked(&self.state).child.as_ref().map(Child::id)
    }

    /// How often it was started.
    pub(super) fn starts(&self) -> u32 {
        locked(&self.state).starts
    }

    /// Kills it with SIGKILL, and waits until it is gone. With `stay_away` it is not started again before [`Control::come_back`].
    ///
    /// # Errors
    /// There was nothing to kill.
    pub(super) fn kill(&self, stay_away: bool) -> io::Result<()> {
        let mut state = locked(&self.state);
        state.stay_away = stay_away;
        let Some(mut child) = state.child.take() else { return Err(io::Error::other("it is not running")) };
        child.kill()?;
        child.wait().map(|_| ())
    }

    /// It may be started again.
    pub(super) fn come_back(&self) {
        locked(&self.state).stay_away = false;
    }

    /// Asks it to stop, and waits for that.
    ///
    /// # Errors
    /// It is not running, or does not stop in time; then it is killed.
    pub(super) async fn stop(self, within: Duration) -> Result<ExitStatus, String> {
        self.keeper.abort();
        let Some(mut child) = locked(&self.state).child.take() else { return Err("it was not running".into()) };
        super::process::send(child.id(), rustix::process::Signal::TERM).map_err(|error| error.to_string())?;
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                return Ok(status);
            }
            tokio::time::sleep(LOOK).await;
        }
        let _ended_just_now = child.kill();
        let _status = child.wait();
        Err(format!("it did not stop within {} s", within.as_secs()))
    }
}

impl Drop for Control {
    /// A harness that fails leaves nothing running.
    fn drop(&mut self) {
        self.keeper.abort();
        if let Some(mut child) = locked(&self.state).child.take() {
            let _ended_already = child.kill();
            let _status = child.wait();
        }
    }
}

async fn keep(state: Arc<Mutex<State>>) {
    loop {
        tokio::time::sleep(LOOK).await;
        locked(&state).look();
    }
}

impl State {
    fn look(&mut self) {
        if let Some(child) = &mut self.child
            && let Ok(None) = child.try_wait()
        {
            return;
        }
        self.child = None;
        if self.stay_away || self.started.elapsed() < PAUSE {
            return;
        }
        self.started = Instant::now();
        // What cannot be started now, for want of anything, is tried again after the same pause.
        if let Ok(child) = command(&self.site).and_then(|mut command| command.spawn()) {
            self.child = Some(child);
            self.starts += 1;
        }
    }
}

fn command(site: &Site) -> io::Result<Command> {
    let log = File::options().create(true).append(true).open(site.serve_log())?;
    let mut command = Command::new(site.program());
    command
        .arg("serve")
        .arg("--policy")
        .arg(site.policy())
        .arg("--data")
        .arg(site.data())
        .arg("--listen")
        .arg(site.api().to_string())
        .current_dir(site.dir())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TIDEGATE_") && name != "TIDEGATE_LOG" {
            command.env_remove(name);
        }
    }
    Ok(command)
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Every change of it is whole.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
