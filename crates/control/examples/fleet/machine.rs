//! What the process takes of the machine, as Linux tells it.

use crate::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What was used up to a moment.
pub(crate) struct Usage {
    /// Resident memory now, and at its highest.
    pub(crate) resident_kb: u64,
    pub(crate) peak_kb: u64,
    /// Time on a core, in hundredths of a second, by the name of the thread.
    pub(crate) ticks: BTreeMap<String, u64>,
}

impl Usage {
    pub(crate) fn now() -> Result<Self, Failure> {
        let status = fs::read_to_string("/proc/self/status")?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        let mut ticks = BTreeMap::new();
        for task in fs::read_dir("/proc/self/task")? {
            // A thread may end while it is looked at.
            let Ok(stat) = fs::read_to_string(task?.path().join("stat")) else { continue };
            if let Some((name, spent)) = spent(&stat) {
                *ticks.entry(name).or_insert(0) += spent;
            }
        }
        Ok(Self { resident_kb: field("VmRSS:"), peak_kb: field("VmHWM:"), ticks })
    }
}

/// Name and time of a thread: `1 (name) S …`, in which the 14th and 15th fields are the time as user and as system.
fn spent(stat: &str) -> Option<(String, u64)> {
    let (head, rest) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_string();
    let fields: Vec<u64> = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Some((name, fields.iter().sum()))
}

/// The journal's file with its log.
pub(crate) fn size_of(journal: &Path) -> Result<u64, Failure> {
    let log = PathBuf::from(format!("{}-wal", journal.display()));
    Ok(fs::metadata(journal)?.len() + fs::metadata(log).map_or(0, |log| log.len()))
}
