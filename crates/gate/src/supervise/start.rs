//! Starting a process, and ending it with everything it started.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{Charge, deathsig, log};
use crate::wire::{Problem, ProcessOrder};

/// A process that runs, leader of a group of its own.
pub(super) struct Running {
    child: Child,
    pid: Pid,
    pub(super) address: SocketAddr,
    pub(super) log: PathBuf,
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
        .envs(&order.env)
        // After what the policy says: health checks and the hunt for strays rely on these.
        .env("PORT", port.to_string())
        .env("TIDEGATE_SERVICE", &charge.service)
        .env("TIDEGATE_VERSION", &charge.version)
        .env(super::roster::BOOT, &*charge.surroundings.boot_id)
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
    Ok(Running { child, pid, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), log: path })
}

impl Running {
    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end, and makes it after `grace`.
    pub(super) async fn stop(mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM);
        let ended = timeout(grace, self.child.wait()).await;
        self.kill_rest();
        match ended {
            Ok(ended) => ended,
            Err(_) => self.child.wait().await,
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
