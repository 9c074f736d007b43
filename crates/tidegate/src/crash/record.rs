//! What a campaign remembers for its end: the blows, the kills with their times, what people were told, and what was broken on
//! the way. Written by many tasks, read once.

use super::blow::Kind;
use super::ledger::Kill;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A blow.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Dealt {
    /// Since the beginning, in seconds.
    pub(super) at_s: f64,
    pub(super) kind: Kind,
    /// Whether it could be dealt at that moment.
    pub(super) dealt: bool,
    /// What was seen of it.
    pub(super) seen: String,
}

/// A command that got a 2xx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) release: String,
    pub(super) verb: Verb,
    /// What only this command says, and the journal must repeat; `resume` takes no words along.
    pub(super) words: String,
}

/// What people command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Open,
    Pause,
    Resume,
    Advance,
    Rollback,
}

impl Verb {
    /// As the API's path says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Advance => "advance",
            Self::Rollback => "rollback",
        }
    }
}

/// The gate took users back by itself while control was away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TakenBack {
    pub(super) version: String,
    /// By the gate's clock, which the journal repeats.
    pub(super) at_ms: i64,
}

/// Soak as it was reported: release, its entries and its measurements at that moment.
pub(super) type Moment = (String, u64, u64);

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) dealt: Vec<Dealt>,
    pub(super) kills: Vec<Kill>,
    pub(super) acknowledged: Vec<Acknowledged>,
    pub(super) commands_sent: u64,
    pub(super) taken_back: Vec<TakenBack>,
    /// How long the gate was away at each of its kills.
    pub(super) gate_away: Vec<Duration>,
    /// How often control was away for too long while users were on a canary.
    pub(super) lost_control: u32,
    /// Blows to processes of versions: which, and when by the system's clock.
    pub(super) struck: Vec<(String, i64)>,
    /// Soak in milliseconds by the moment at which it was reported as written.
    pub(super) soaks: BTreeMap<Moment, u64>,
    pub(super) reports: u64,
    /// What was broken, by the number of the promise.
    pub(super) broken: BTreeMap<u8, Vec<String>>,
}

/// The memory of a campaign.
#[derive(Debug)]
pub(super) struct Record {
    began: Instant,
    kept: Mutex<Kept>,
}

impl Record {
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), kept: Mutex::default() }
    }

    /// Since the beginning.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// To be read or written to; never held over an await.
    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each note is whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A promise was broken.
    pub(super) fn broke(&self, promise: u8, how: impl Into<String>) {
        let told = format!("at {:.1} s: {}", self.elapsed().as_secs_f64(), how.into());
        self.kept().broken.entry(promise).or_default().push(told);
    }
}
