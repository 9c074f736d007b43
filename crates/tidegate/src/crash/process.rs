//! Processes as the system knows them: who is whose child, what is open, what is a zombie; and what is done to them. What a
//! killed control plane leaves behind becomes this process's own child, so that nothing can hide.

use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions, getpid, kill_process, prlimit, waitpid};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// A line of `/proc/PID/stat`, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) name: String,
    pub(super) state: char,
    pub(super) parent: i32,
}

impl Process {
    pub(super) fn is_zombie(&self) -> bool {
        self.state == 'Z'
    }
}

/// What this process's descendants leave behind becomes its own.
pub(super) fn adopt_orphans() -> io::Result<()> {
    Ok(rustix::process::set_child_subreaper(Some(getpid()))?)
}

/// Sends a signal to a process that is there.
pub(super) fn send(pid: u32, signal: Signal) -> io::Result<()> {
    Ok(kill_process(known(pid)?, signal)?)
}

/// Whether a process has ended, buried or not. The first thread may have while others are still ending, and until the last one is
/// gone the system goes on taking connections for it.
pub(super) fn has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    let threads = fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
    stat.ok().as_deref().and_then(parse).is_none_or(|process| process.is_zombie() && threads <= 1)
}

/// Lets a process open nothing more; answers the limit that it had.
pub(super) fn starve_of_files(pid: u32) -> io::Result<Rlimit> {
    let before = limits_of(pid)?;
    // What is open stays open; the number of whatever is opened next has to be below the limit, and none is.
    let starved = Rlimit { current: Some(0), maximum: before.maximum };
    prlimit(Some(known(pid)?), Resource::Nofile, starved)?;
    Ok(before)
}

/// Gives a process back what [`starve_of_files`] took.
pub(super) fn feed_files(pid: u32, before: Rlimit) -> io::Result<()> {
    prlimit(Some(known(pid)?), Resource::Nofile, before).map(|_| ())?;
    Ok(())
}

/// Every process that descends from this one, zombies included.
pub(super) fn descendants() -> Vec<Process> {
    let all = all();
    let mut ours = BTreeSet::from([getpid().as_raw_pid()]);
    let mut found = Vec::new();
    loop {
        let before = found.len();
        for process in &all {
            if ours.contains(&process.parent) && ours.insert(process.pid) {
                found.push(process.clone());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Every process whose command line names this folder, whoever its parent is.
pub(super) fn naming(dir: &Path) -> Vec<Process> {
    let dir = dir.display().to_string();
    let names = |process: &Process| {
        let line = fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&dir)
    };
    all().into_iter().filter(|process| process.pid != getpid().as_raw_pid() && names(process)).collect()
}

/// Takes note of the ends of adopted processes of this name, as the first process of a system does. What was started here is
/// left to whoever waits for it: `except`.
pub(super) fn bury(name: &str, except: Option<u32>) -> usize {
    let me = getpid().as_raw_pid();
    let except = except.and_then(|pid| i32::try_from(pid).ok());
    let dead = all().into_iter().filter(|p| p.parent == me && p.is_zombie() && p.name == name && Some(p.pid) != except);
    dead.filter_map(|process| Pid::from_raw(process.pid))
        .filter(|pid| matches!(waitpid(Some(*pid), WaitOptions::NOHANG), Ok(Some(_))))
        .count()
}

fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // One that ended meanwhile has nothing to read any more.
    pids.filter_map(|pid| parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)).collect()
}

/// The name stands in brackets and may hold anything, brackets too.
fn parse(stat: &str) -> Option<Process> {
    let (pid, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    Some(Process { pid: pid.parse().ok()?, name: name.to_owned(), state, parent })
}

fn limits_of(pid: u32) -> io::Result<Rlimit> {
    // The call that sets a limit answers the one before; there is none that only asks.
    let text = fs::read_to_string(format!("/proc/{pid}/limits"))?;
    let line = text.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    let mut numbers = line.split_whitespace().skip(3).map(|word| word.parse().ok());
    Ok(Rlimit { current: numbers.next().flatten(), maximum: numbers.next().flatten() })
}

fn known(pid: u32) -> io::Result<Pid> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| Errno::SRCH.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let process = parse("42 (a) (b) ) Z 7 42 42 0").unwrap();
        assert_eq!(process, Process { pid: 42, name: "a) (b) ".into(), state: 'Z', parent: 7 });
        assert!(process.is_zombie());
        assert_eq!(parse("42 (torn"), None);
    }

    #[test]
    fn this_process_is_found_with_its_limits() {
        let me = all().into_iter().find(|process| process.pid == getpid().as_raw_pid()).unwrap();
        assert!(!me.is_zombie());
        assert!(limits_of(std::process::id()).unwrap().maximum != Some(0));
    }
}
