//! How much of a world moves by itself, without anything being wrong. All of it comes from the seed and the moment, so that
//! a look more or less changes nothing; a world without unrest draws none of it.

use super::Clusters;
use crate::chance::Chance;
use engine::Millis;

/// Standard deviations of factors around 1, and errors that come together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unrest {
    /// The traffic.
    pub traffic: f64,
    /// The errors of all versions together.
    pub errors: f64,
    /// The latency of all versions together.
    pub latency: f64,
    /// The latency of each version by itself.
    pub each_version: f64,
    /// Errors of all versions that come together.
    pub clusters: Option<Clusters>,
    /// How many users there are, if they are counted.
    pub users: Option<u64>,
}

/// What moves, and for how long it stays the same.
#[derive(Clone, Copy)]
pub(crate) enum Moves {
    Traffic,
    Errors,
    Latency,
    OfVersion(u64),
}

impl Unrest {
    /// The factor of what moves, at a moment.
    pub(crate) fn factor(&self, seed: u64, what: Moves, at: Millis) -> f64 {
        let (deviation, seconds, purpose) = match what {
            Moves::Traffic => (self.traffic, 60, 1),
            Moves::Errors => (self.errors, 300, 2),
            Moves::Latency => (self.latency, 60, 3),
            Moves::OfVersion(version) => (self.each_version, 20, 16 + version),
        };
        if deviation <= 0.0 {
            return 1.0;
        }
        let window = at.0 / (seconds * 1_000);
        let mut chance = Chance::of(seed ^ UNREST, (purpose << 40) ^ window);
        libm::exp(deviation * chance.normal())
    }
}

const UNREST: u64 = 0x756e_7265_7374;
