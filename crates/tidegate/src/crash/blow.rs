//! The kinds of blows, which of them this machine allows, and the order in which a seed deals them.

use super::site::Site;
use crate::demo::random::Random;
use serde::Serialize;
use std::time::Duration;

/// A kind of blow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// SIGKILL to the control plane; its supervisor starts it again.
    KillControl,
    /// SIGKILL to the gate, and with it to every process that it runs; control starts it again.
    KillGate,
    /// Both at once, as a machine does that loses its power.
    KillBoth,
    /// SIGKILL to the stable version's process; the gate starts it again.
    KillStable,
    /// The same with the canary's.
    KillCanary,
    /// SIGSTOP to the control plane, then SIGCONT.
    FreezeControl,
    /// The same with the gate.
    FreezeGate,
    /// The same with the stable version's process.
    FreezeStable,
    /// The same with the canary's.
    FreezeCanary,
    /// Control is killed, and stays away for longer than the dead man's switch allows.
    LoseControl,
    /// The disk of control's data is full for a while.
    FillControl,
    /// The same, and control is killed while it is.
    FillAndKillControl,
    /// The disk of the gate's directory is full for a while.
    FillGate,
    /// The same, and the gate is killed while it is.
    FillAndKillGate,
    /// Control can open no file and no connection for a while.
    StarveControl,
    /// The same with the gate.
    StarveGate,
}

impl Kind {
    pub(super) const ALL: [Self; 16] = [
        Self::KillControl,
        Self::KillGate,
        Self::KillBoth,
        Self::KillStable,
        Self::KillCanary,
        Self::FreezeControl,
        Self::FreezeGate,
        Self::FreezeStable,
        Self::FreezeCanary,
        Self::LoseControl,
        Self::FillControl,
        Self::FillAndKillControl,
        Self::FillGate,
        Self::FillAndKillGate,
        Self::StarveControl,
        Self::StarveGate,
    ];

    /// For people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::KillControl => "SIGKILL to control",
            Self::KillGate => "SIGKILL to the gate",
            Self::KillBoth => "SIGKILL to control and gate",
            Self::KillStable => "SIGKILL to the stable version",
            Self::KillCanary => "SIGKILL to the canary",
            Self::FreezeControl => "SIGSTOP to control",
            Self::FreezeGate => "SIGSTOP to the gate",
            Self::FreezeStable => "SIGSTOP to the stable version",
            Self::FreezeCanary => "SIGSTOP to the canary",
            Self::LoseControl => "control gone for longer than the dead man's switch allows",
            Self::FillControl => "control's disk full",
            Self::FillAndKillControl => "control's disk full, and SIGKILL to control",
            Self::FillGate => "the gate's disk full",
            Self::FillAndKillGate => "the gate's disk full, and SIGKILL to the gate",
            Self::StarveControl => "no more files for control",
            Self::StarveGate => "no more files for the gate",
        }
    }

    /// Why it cannot be dealt on this machine, if so.
    pub(super) fn impossible(self, site: &Site) -> Option<String> {
        match self {
            Self::FillControl | Self::FillAndKillControl => site.control_disk().err().map(no_disk),
            Self::FillGate | Self::FillAndKillGate => site.gate_disk().err().map(no_disk),
            Self::KillControl
            | Self::KillGate
            | Self::KillBoth
            | Self::KillStable
            | Self::KillCanary
            | Self::FreezeControl
            | Self::FreezeGate
            | Self::FreezeStable
            | Self::FreezeCanary
            | Self::LoseControl
            | Self::StarveControl
            | Self::StarveGate => None,
        }
    }

    /// Whether it says more while users are on a canary.
    pub(super) const fn wants_canary(self) -> bool {
        match self {
            Self::KillCanary | Self::FreezeCanary | Self::LoseControl => true,
            Self::KillControl
            | Self::KillGate
            | Self::KillBoth
            | Self::KillStable
            | Self::FreezeControl
            | Self::FreezeGate
            | Self::FreezeStable
            | Self::FillControl
            | Self::FillAndKillControl
            | Self::FillGate
            | Self::FillAndKillGate
            | Self::StarveControl
            | Self::StarveGate => false,
        }
    }
}

/// What is not tried on any machine, and why.
pub(super) const NEVER: [&str; 2] = [
    "a step of the wall clock: it belongs to the whole machine, and a time namespace covers only the other clocks; the \
     simulator steps it instead",
    "a loss of power: what the kernel had and the disk had not is lost only then",
];

fn no_disk(why: &str) -> String {
    format!("a full disk needs the right to mount a small one: {why}")
}

/// Deals kinds so that each comes once before any comes twice, in an order that the seed decides.
#[derive(Debug)]
pub(super) struct Deck {
    kinds: Vec<Kind>,
    left: Vec<Kind>,
    random: Random,
}

impl Deck {
    pub(super) fn new(kinds: Vec<Kind>, seed: u64) -> Self {
        Self { kinds, left: Vec::new(), random: Random::new(seed ^ 0x626c_6f77) }
    }

    /// The next kind.
    pub(super) fn next(&mut self) -> Option<Kind> {
        if self.left.is_empty() {
            self.left.clone_from(&self.kinds);
            for i in (1..self.left.len()).rev() {
                let j = self.random.below(u64::try_from(i + 1).unwrap_or(1));
                self.left.swap(i, usize::try_from(j).unwrap_or(0));
            }
        }
        self.left.pop()
    }

    /// A time from a fifth of the mean to almost twice of it.
    pub(super) fn pause(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(0.2 + 1.6 * self.random.unit())
    }

    /// How long a freeze, a full disk or a want of files lasts: long enough to be felt, shorter than the dead man's switch.
    pub(super) fn length(&mut self) -> Duration {
        Duration::from_secs_f64(0.5 + 2.5 * self.random.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(seed: u64, n: usize) -> Vec<Kind> {
        let mut deck = Deck::new(Kind::ALL.to_vec(), seed);
        std::iter::from_fn(|| deck.next()).take(n).collect()
    }

    #[test]
    fn each_kind_comes_once_before_any_comes_twice() {
        let mut first = deal(1, 16);
        first.sort_unstable();
        assert_eq!(first, Kind::ALL);
    }

    #[test]
    fn the_seed_decides_the_order() {
        assert_eq!(deal(7, 40), deal(7, 40));
        assert_ne!(deal(7, 16), deal(8, 16));
    }
}
