//! Which processes run, on disk, so that a gate that starts after a crash finds and ends those that outlived it.
//!
//! The system kills a child when the gate dies, but not what the child started.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

use crate::home::{Durable, Home};

/// The variable by which a process and all its descendants are known as the gate's.
pub(super) const BOOT: &str = "TIDEGATE_BOOT";

const FILE: &str = "processes.json";
/// How long killed strays may take to be gone: until then they may hold a port.
const GONE_WITHIN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Roster {
    home: Rc<Home>,
    mark: Rc<str>,
    running: RefCell<BTreeMap<String, Entry>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// Leader and number of the process group.
    pid: u32,
    /// When the leader started, in the system's ticks: a number that is used again has another start.
    started: u64,
}

#[derive(Serialize, Deserialize)]
struct Written {
    boot_id: String,
    running: BTreeMap<String, Entry>,
}

impl Roster {
    /// Processes are known by `mark`, also to the programs that take this one's place.
    pub(crate) fn new(home: &Rc<Home>, mark: &Rc<str>) -> Rc<Roster> {
        Rc::new(Roster { home: Rc::clone(home), mark: Rc::clone(mark), running: RefCell::default() })
    }

    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    pub(super) fn add(&self, service: &str, version: &str, pid: u32) {
        let started = Process::read(pid).map_or(0, |process| process.started);
        self.running.borrow_mut().insert(format!("{service}/{version}"), Entry { pid, started });
        self.write();
    }

    pub(super) fn remove(&self, service: &str, version: &str) {
        self.running.borrow_mut().remove(&format!("{service}/{version}"));
        self.write();
    }

    fn write(&self) {
        let written = Written { boot_id: self.mark.to_string(), running: self.running.borrow().clone() };
        let saved = serde_json::to_vec(&written)
            .map_err(std::io::Error::other)
            .and_then(|json| self.home.replace(FILE, &json, Durable::No));
        if let Err(error) = saved {
            tracing::warn!(%error, "the list of running processes could not be written; a crash may leave some of them behind");
        }
    }
}

/// Ends the processes of an earlier run of the gate that still run, but for `kept`. Says how many groups there were.
pub(crate) fn kill_strays(home: &Home, kept: &[u32]) -> usize {
    let Some(mut written) =
        fs::read(home.file(FILE)).ok().and_then(|json| serde_json::from_slice::<Written>(&json).ok())
    else {
        return 0;
    };
    written.running.retain(|_, entry| !kept.contains(&entry.pid));
    let mark = format!("{BOOT}={}", written.boot_id);
    let strays: Vec<Pid> = groups(&written, &mark);
    for &group in &strays {
        match kill_process_group(group, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => tracing::warn!(?group, %error, "a stray process could not be ended"),
        }
    }
    let deadline = std::time::Instant::now() + GONE_WITHIN;
    while !groups(&written, &mark).is_empty() && std::time::Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    strays.len()
}

/// The groups of the roster that have a member which is surely one of ours: the leader itself, or a process with our mark.
fn groups(written: &Written, mark: &str) -> Vec<Pid> {
    let mut found = Vec::new();
    for process in Process::all() {
        let Some(entry) = written.running.values().find(|entry| entry.pid == process.group) else { continue };
        let leader = process.pid == entry.pid && process.started == entry.started;
        if (leader || process.has_in_environment(mark))
            && let Some(group) = Pid::from_raw(entry.pid.cast_signed())
            && !found.contains(&group)
        {
            found.push(group);
        }
    }
    found
}

/// When a process started, in the system's ticks: a number that is used again has another start.
pub(crate) fn started(pid: u32) -> Option<u64> {
    Some(Process::read(pid)?.started)
}

/// A process as the system lists it.
struct Process {
    pid: u32,
    group: u32,
    started: u64,
}

impl Process {
    fn all() -> impl Iterator<Item = Process> {
        let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
        numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(Process::read)
    }

    /// None if there is no such process, or it has ended and waits to be noticed.
    fn read(pid: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything, parentheses included; the numbers come after the last one.
        let (_, numbers) = stat.rsplit_once(')')?;
        let mut numbers = numbers.split_ascii_whitespace();
        let state = numbers.next()?;
        let group = numbers.nth(1)?.parse().ok()?;
        let started = numbers.nth(16)?.parse().ok()?;
        (state != "Z").then_some(Process { pid, group, started })
    }

    fn has_in_environment(&self, variable: &str) -> bool {
        let environment = fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|one| one == variable.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::Process;

    #[test]
    fn this_very_process_is_listed() {
        let own = Process::read(std::process::id()).unwrap();
        assert_eq!(own.group, rustix::process::getpgrp().as_raw_nonzero().get().cast_unsigned());
        assert!(own.started > 0);
        assert!(Process::all().any(|process| process.pid == own.pid && process.started == own.started));
        assert!(!own.has_in_environment("TIDEGATE_BOOT=no such run"));
    }
}
