//! The gate's own process, under the names that every client library of Prometheus uses. What the system does not tell is left out.

use std::fs;

use rustix::process::{Resource, getrlimit};

use super::Page;

/// Ticks in which Linux tells times of processes, per second: part of its interface, whatever the kernel itself counts in.
const TICKS: f64 = 100.0;

pub(super) fn of_process(page: &mut Page, started_ms: i64) {
    page.head("process_start_time_seconds", "gauge", "When the process started, in seconds since the Unix epoch.");
    page.line("process_start_time_seconds", &[], started_ms as f64 / 1_000.0);
    if let Some(seconds) = cpu_seconds() {
        page.head("process_cpu_seconds_total", "counter", "Time of processors that was used.");
        page.line("process_cpu_seconds_total", &[], seconds);
    }
    if let Some(bytes) = resident_bytes() {
        page.head("process_resident_memory_bytes", "gauge", "Memory that is in use.");
        page.line("process_resident_memory_bytes", &[], bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        page.head("process_open_fds", "gauge", "Files and sockets that are open.");
        page.line("process_open_fds", &[], open.count() as f64);
    }
    if let Some(most) = getrlimit(Resource::Nofile).current {
        page.head("process_max_fds", "gauge", "Files and sockets that may be open.");
        page.line("process_max_fds", &[], most as f64);
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything, times are the twelfth and the thirteenth.
    let (_, behind) = stat.rsplit_once(')')?;
    let ticks = behind.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Some(ticks.sum::<Result<f64, _>>().ok()? / TICKS)
}

fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1_024.0)
}
