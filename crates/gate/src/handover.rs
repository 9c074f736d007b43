//! What a gate leaves to the program that takes its place.
//!
//! The program is replaced and the process stays (`exec`): its children remain its children, and what it holds open stays open. So
//! nothing needs to be sent to anybody. Connections that come in meanwhile wait in the listeners' queues, the lock is never free,
//! and a process that ends meanwhile waits to be noticed. What is open and what runs stands in a file, which is for this very process:
//! nobody else's descriptors have these numbers.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::io::{FdFlags, fcntl_setfd};
use serde::{Deserialize, Serialize};

use crate::home::{Durable, Home};
use crate::supervise::started;

const FILE: &str = "handover.json";

/// A process that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Handed {
    pub(crate) pid: u32,
    pub(crate) port: u16,
    pub(crate) restarts: u64,
    pub(crate) healthy: bool,
}

/// What the services leave: by name what users connect to, and by label what runs.
#[derive(Debug, Default)]
pub(crate) struct Left {
    pub(crate) doors: BTreeMap<String, TcpListener>,
    pub(crate) processes: BTreeMap<String, Handed>,
}

/// Everything that goes from one program to the next.
#[derive(Debug)]
pub(crate) struct Estate {
    pub(crate) lock: OwnedFd,
    pub(crate) socket: UnixListener,
    pub(crate) metrics: Option<TcpListener>,
    /// By which the processes are known as the gate's.
    pub(crate) mark: String,
    pub(crate) left: Left,
}

/// The file. Decoding it owns nothing: a number becomes a descriptor only for the process that it was written by.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    /// Whose descriptors these are: a number that is used again has another start.
    pid: u32,
    started: u64,
    lock: RawFd,
    socket: RawFd,
    metrics: Option<RawFd>,
    mark: String,
    doors: BTreeMap<String, RawFd>,
    processes: BTreeMap<String, Handed>,
}

/// What the program that was this process before has left, if there was one.
pub(crate) fn take(dir: &Path) -> Option<Estate> {
    let path = dir.join(FILE);
    let text = fs::read(&path).ok()?;
    // Whoever it was for, it is good for once.
    fs::remove_file(&path).ok()?;
    let written: Written = match serde_json::from_slice(&text) {
        Ok(written) => written,
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "what another program left cannot be read, and is not taken over");
            return None;
        }
    };
    let pid = std::process::id();
    if (written.pid, Some(written.started)) != (pid, started(pid)) {
        tracing::warn!(path = %path.display(), left_to = written.pid, "what was left to another process is not taken over");
        return None;
    }
    let doors = written.doors.into_iter().map(|(name, fd)| (name, TcpListener::from(owned(fd)))).collect();
    Some(Estate {
        lock: owned(written.lock),
        socket: UnixListener::from(owned(written.socket)),
        metrics: written.metrics.map(|fd| TcpListener::from(owned(fd))),
        mark: written.mark,
        left: Left { doors, processes: written.processes },
    })
}

#[expect(unsafe_code, reason = "a descriptor that is inherited is a bare number")]
fn owned(fd: RawFd) -> OwnedFd {
    // SAFETY: this very process wrote the number down as one that it left open and owned by nobody, and the file is gone.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // Not for the processes that the gate starts.
    if let Err(error) = fcntl_setfd(&fd, FdFlags::CLOEXEC) {
        tracing::warn!(%error, "what was inherited is inherited further");
    }
    fd
}

/// Becomes `program`, started as this one was. Returns only if that cannot be, and then gives everything back.
pub(crate) fn exec(estate: Estate, home: &Home, program: &Path) -> (io::Error, Estate) {
    let begun = write(&estate, home).and_then(|()| inherit(&estate, FdFlags::empty()));
    let error = match begun {
        Ok(()) => Command::new(program).args(std::env::args_os().skip(1)).exec(),
        Err(error) => error,
    };
    if let Err(error) = inherit(&estate, FdFlags::CLOEXEC) {
        tracing::warn!(%error, "what was to be handed over is inherited by the processes that the gate starts");
    }
    match fs::remove_file(home.file(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the hand-over that did not happen stays on disk");
        }
        Ok(()) | Err(_) => {}
    }
    (error, estate)
}

fn write(estate: &Estate, home: &Home) -> io::Result<()> {
    let pid = std::process::id();
    let started = started(pid).ok_or_else(|| io::Error::other("/proc says nothing of this process"))?;
    let written = Written {
        pid,
        started,
        lock: estate.lock.as_raw_fd(),
        socket: estate.socket.as_raw_fd(),
        metrics: estate.metrics.as_ref().map(AsRawFd::as_raw_fd),
        mark: estate.mark.clone(),
        doors: estate.left.doors.iter().map(|(name, listener)| (name.clone(), listener.as_raw_fd())).collect(),
        processes: estate.left.processes.clone(),
    };
    let json = serde_json::to_vec(&written).map_err(io::Error::other)?;
    home.replace(FILE, &json, Durable::No)
}

/// Whether what is left stays open when the program is replaced.
fn inherit(estate: &Estate, flags: FdFlags) -> io::Result<()> {
    let sockets = [estate.lock.as_fd(), estate.socket.as_fd()];
    let metrics = estate.metrics.as_ref().map(AsFd::as_fd);
    let doors = estate.left.doors.values().map(AsFd::as_fd);
    for fd in sockets.into_iter().chain(metrics).chain(doors) {
        fcntl_setfd(fd, flags)?;
    }
    Ok(())
}
