//! What was seen of both arms in one interval. Stored as it came, so that a verdict can be replayed to the byte.

use crate::{Millis, Share, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One interval of one release, with everything that the engine is allowed to know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Where the signal goes on after this one; opaque to the engine, so that a restart neither loses nor repeats.
    pub cursor: String,
    /// Begin of the interval, by the clock of whoever counted.
    pub from: Timestamp,
    /// End of the interval, by the same clock.
    pub to: Timestamp,
    /// When control had it.
    pub received_at: Timestamp,
    /// The share that was in force, as the lever says; `None` when the lever could not be asked.
    pub share: Option<Share>,
    /// What the old version did.
    pub stable: Option<judge::Arm>,
    /// What the new version did.
    pub canary: Option<judge::Arm>,
    /// Why an arm is missing.
    pub gap: Option<Gap>,
    /// Probes made since the last measurement.
    pub probes: Vec<Probe>,
    /// Ends of processes that nobody asked for.
    pub exits: Vec<Exit>,
}

/// Why there are no counts. Four different things, never a bare zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// No signal of this release counts requests.
    Unmeasured,
    /// The source answered, and had nothing for this interval.
    NoData,
    /// The source did not answer.
    Unreachable {
        /// What it said, for people.
        detail: String,
    },
}

/// Both versions asked at the same moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// When.
    pub at: Timestamp,
    /// Whether the new version answered well.
    pub canary: bool,
    /// Whether the old version did; `None` when it is not probed.
    pub stable: Option<bool>,
}

/// A process that ended by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// Which version's process.
    pub version: String,
    /// When.
    pub at: Timestamp,
    /// How, for people: `exit code 1`, `signal 9`.
    pub how: String,
}

impl Measurement {
    /// The interval's length.
    #[must_use]
    pub fn span(&self) -> Millis {
        self.to.since(self.from)
    }

    /// How late it came.
    #[must_use]
    pub fn lateness(&self) -> Millis {
        self.received_at.since(self.to)
    }

    /// As the judge takes it.
    #[must_use]
    pub fn block(&self, share: Share) -> judge::Block {
        judge::Block {
            from_ms: self.from.0,
            to_ms: self.to.0,
            share: share.fraction(),
            stable: self.stable.clone(),
            canary: self.canary.clone(),
            ..judge::Block::default()
        }
    }
}
