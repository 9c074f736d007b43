//! Starting a process, and ending it with everything it started.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{Charge, deathsig, log};
use crate::handover::Handed;
use crate::wire::{Problem, ProcessOrder};

/// A process that runs, leader of a group of its own.
pub(super) struct Running {
    process: Handle,
    pid: Pid,
    pub(super) address: SocketAddr,
    pub(super) log: PathBuf,
}

/// How the end of a process is learned.
enum Handle {
    /// Of one that this program started.
    Started(Child),
    /// Of one that the program before this one started, in this same process: it is a child all the same.
    Left(AsyncFd<OwnedFd>),
}

/// Takes over a process that the program before this one has left.
pub(super) fn take_over(charge: &Charge, left: &Handed) -> io::Result<Running> {
    let pid = Pid::from_raw(left.pid.cast_signed()).ok_or(io::ErrorKind::InvalidInput)?;
    let pidfd = attend(pidfd_open(pid, PidfdFlags::empty())?)?;
    let log = charge.surroundings.home.log(&charge.service, &charge.label);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, left.port));
    Ok(Running { process: Handle::Left(pidfd), pid, address, log })
}

#[expect(unsafe_code, reason = "the event loop wants a promise that the descriptor stays what it is")]
fn attend(pidfd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the descriptor is owned, so that it is open and the same until the owner drops it.
    unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) }.map_err(io::Error::from)
}

impl Handle {
    async fn wait(&mut self) -> io::Result<ExitStatus> {
        let pidfd = match self {
            Handle::Started(child) => return child.wait().await,
            Handle::Left(pidfd) => pidfd,
        };
        loop {
            let mut ready = pidfd.readable().await?;
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            if let Some(ended) = waitid(WaitId::PidFd(pidfd.as_fd()), options)? {
                // As `wait` would have put it.
                let code = ended.exit_status().map(|code| (code & 0xff) << 8);
                return Ok(ExitStatus::from_raw(code.or(ended.terminating_signal()).unwrap_or_default()));
            }
            ready.clear_ready();
        }
    }
}

pub(super) fn start(charge: &Charge, order: &ProcessOrder) -> Result<Running, Box<Problem>> {
    let path = charge.surroundings.home.log(&charge.service, &charge.label);
    let output = log::open(&path).and_then(|log| Ok((log.try_clone()?, log)));
    let (stdout, stderr) = output.map_err(|cause| log_unusable(&path.display().to_string(), &cause))?;
    let port = if order.port == 0 { free_port().map_err(|cause| not_started(order, &cause))? } else { order.port };
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(&order.command)
        .env("TIDEGATE_SERVICE", &charge.service)
        .env("TIDEGATE_VERSION", &charge.version)
        .envs(&order.env)
        // After what the order says: health checks and the hunt for strays rely on these.
        .env("PORT", port.to_string())
        .env(super::roster::BOOT, charge.surroundings.roster.mark())
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .process_group(0);
    if let Some(dir) = &order.workdir {
        command.current_dir(dir);
    }
    deathsig::die_with_parent(&mut command);
    let child = command.spawn().map_err(|cause| not_started(order, &cause))?;
    let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
    let pid = pid.ok_or_else(|| not_started(order, &io::Error::other("it ended at once")))?;
    Ok(Running {
        process: Handle::Started(child),
        pid,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        log: path,
    })
}

impl Running {
    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Asks the group to end, and makes it after `grace`.
    pub(super) async fn stop(mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM);
        let ended = timeout(grace, self.process.wait()).await;
        self.kill_rest();
        match ended {
            Ok(ended) => ended,
            Err(_) => self.process.wait().await,
        }
    }

    /// Ends what the process may have left behind, so that its port is free for the next one. A group keeps its number for as long
    /// as it has a member, so the number means this group or, if nobody is left, nobody.
    pub(super) fn kill_rest(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        match kill_process_group(self.pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => tracing::warn!(pid = self.pid(), ?signal, %error, "a process group could not be signalled"),
        }
    }
}

/// A port that nobody listens on. Somebody else may take it before the process does; it is started again on another one then.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn not_started(order: &ProcessOrder, cause: &io::Error) -> Box<Problem> {
    let place = order.workdir.as_deref().map_or_else(String::new, |dir| format!(" in {dir}"));
    trouble(
        "TG-4040",
        "the process cannot be started",
        format!("`sh -c` with {:?}{place}: {cause}", order.command),
        "check the command and its `workdir`; the gate tries again",
    )
}

fn log_unusable(path: &str, cause: &io::Error) -> Box<Problem> {
    trouble(
        "TG-4042",
        "the process's log cannot be written",
        format!("{path}: {cause}"),
        "free space or repair the directory; the gate tries again",
    )
}

pub(super) fn not_healthy(order: &ProcessOrder, log: &std::path::Path) -> Box<Problem> {
    let asked = order.health_path.as_deref().map_or_else(|| "a connection".to_owned(), |path| format!("GET {path}"));
    trouble(
        "TG-4041",
        "the process did not become healthy in time",
        format!("{asked} did not succeed within {} ms of its start", order.start_timeout_ms),
        &format!(
            "read {}; the process must listen on 127.0.0.1 at the port in $PORT; the gate starts it again",
            log.display()
        ),
    )
}

fn trouble(code: &str, title: &str, detail: String, hint: &str) -> Box<Problem> {
    Box::new(Problem {
        kind: format!("urn:tidegate:error:{code}"),
        title: title.to_owned(),
        status: 500,
        code: code.to_owned(),
        detail,
        hint: hint.to_owned(),
    })
}
