//! What is wrong at a moment: the one place where the faults of a scenario are looked up.

mod health;

pub(crate) use health::Health;

use crate::chance::Chance;
use crate::scenario::{
    Behaviour, Counts, During, Fault, Illness, Moves, Port, PortTrouble, PostTrouble, Scenario, SignalTrouble, Traffic,
    Trouble, Unrest,
};
use engine::Millis;
use journal::{Unavailable, UnavailableKind};

/// The faults of a world.
pub(crate) struct Weather {
    seed: u64,
    unrest: Unrest,
    faults: Vec<Fault>,
    traffic: Traffic,
    healthy: Behaviour,
}

const DAY_MS: f64 = 86_400_000.0;
/// The purpose of the chance by which intervals are lost.
const LOST: u64 = 0x6c6f_7374;

impl Weather {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        Self {
            seed: scenario.seed,
            unrest: scenario.unrest.clone(),
            faults: scenario.faults.clone(),
            traffic: scenario.traffic.clone(),
            healthy: scenario.healthy.clone(),
        }
    }

    /// Whether nothing is ever wrong.
    pub(crate) fn is_fair(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn healthy(&self) -> &Behaviour {
        &self.healthy
    }

    pub(crate) fn by_user(&self) -> bool {
        self.traffic.by_user
    }

    pub(crate) fn pushed(&self) -> bool {
        self.traffic.pushed
    }

    /// Requests per second.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a few days")]
    pub(crate) fn traffic(&self, at: Millis) -> f64 {
        let angle = core::f64::consts::TAU * (at.0 as f64 / DAY_MS);
        let moved = self.unrest.factor(self.seed, Moves::Traffic, at);
        self.traffic.per_second * (1.0 + self.traffic.daily_swing * libm::sin(angle)) * moved
    }

    pub(crate) fn users(&self) -> Option<u64> {
        self.unrest.users
    }

    /// By how much all latencies of a version are longer without anything being wrong.
    pub(crate) fn breath(&self, version: &str, at: Millis) -> f64 {
        let own = version.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) & 0xffff;
        let shared = self.unrest.factor(self.seed, Moves::Latency, at);
        shared * self.unrest.factor(self.seed, Moves::OfVersion(own), at)
    }

    /// How a version is at a moment, not counting whether it is alive; `risen` is when its share rose last.
    pub(crate) fn health(&self, version: &str, at: Millis, risen: Option<Millis>) -> Health {
        let mut health = Health::of(&self.healthy, &self.unrest, self.unrest.factor(self.seed, Moves::Errors, at));
        for fault in self.now(at) {
            match &fault.what {
                Trouble::Version { version: sick, how } if sick == version => {
                    health.ail(how, fault.during, at, risen);
                }
                Trouble::Dependency { more_errors, slower, .. } => {
                    health.error_rate += more_errors;
                    health.slower *= slower;
                }
                _ => {}
            }
        }
        health.error_rate = health.error_rate.clamp(0.0, 1.0);
        health
    }

    /// When processes of a version end by themselves within a time.
    pub(crate) fn deaths(&self, version: &str, after: Millis, until: Millis) -> Option<Millis> {
        let dies = |fault: &&Fault| matches!(&fault.what, Trouble::Version { version: sick, how: Illness::Dies } if sick == version);
        let within = |at: &Millis| after < *at && *at <= until;
        self.faults.iter().filter(dies).map(|fault| fault.during.from).filter(within).min()
    }

    pub(crate) fn probes_fail(&self, at: Millis) -> bool {
        self.now(at).any(|fault| matches!(fault.what, Trouble::Dependency { probes_fail: true, .. }))
    }

    /// Which part of the canary's users reach it.
    pub(crate) fn reached(&self, at: Millis) -> f64 {
        self.now(at).fold(1.0, |all, fault| match fault.what {
            Trouble::Misrouted { reached } => all * reached,
            _ => all,
        })
    }

    pub(crate) fn no_data(&self, at: Millis) -> bool {
        self.now(at).any(|fault| matches!(fault.what, Trouble::NoData))
    }

    /// Whether the counts of an interval that began at a moment are lost: those of the old version, those of the new one.
    pub(crate) fn uncounted(&self, from: Millis) -> (bool, bool) {
        self.now(from).fold((false, false), |(stable, canary), fault| match fault.what {
            Trouble::Uncounted { of, part } if Chance::of(self.seed ^ LOST, from.0).happens(part) => {
                (stable || of.of_stable(), canary || of.of_canary())
            }
            _ => (stable, canary),
        })
    }

    /// Counters that begin anew within a time: whose, and when.
    pub(crate) fn counters_reset(&self, from: Millis, to: Millis) -> Option<(Counts, Millis)> {
        self.faults.iter().find_map(|fault| match fault.what {
            Trouble::CountersReset { of } if from < fault.during.from && fault.during.from < to => {
                Some((of, fault.during.from))
            }
            _ => None,
        })
    }

    /// When control is killed next, from a moment on, and until when it stays away.
    pub(crate) fn next_kill(&self, from: Millis) -> Option<During> {
        let kills = self.faults.iter().filter(|fault| matches!(fault.what, Trouble::ControlKilled));
        kills.map(|fault| fault.during).filter(|during| during.from >= from).min_by_key(|during| during.from)
    }

    pub(crate) fn signal(&self, at: Millis) -> Option<SignalTrouble> {
        self.now(at).find_map(|fault| if let Trouble::Signal { how } = fault.what { Some(how) } else { None })
    }

    pub(crate) fn post(&self, at: Millis) -> Option<PostTrouble> {
        self.now(at).find_map(|fault| if let Trouble::Post { how } = fault.what { Some(how) } else { None })
    }

    /// From when until when a replica stands still.
    pub(crate) fn frozen(&self, replica: usize, at: Millis) -> Option<During> {
        let frozen = |fault: &&Fault| matches!(fault.what, Trouble::Frozen { replica: one } if one == replica);
        self.now(at).find(frozen).map(|fault| fault.during)
    }

    /// By how much a write to the journal is late.
    pub(crate) fn slow_disk_ms(&self, at: Millis) -> u64 {
        self.now(at).map(|fault| if let Trouble::SlowDisk { ms } = fault.what { ms } else { 0 }).sum()
    }

    pub(crate) fn port(&self, port: Port, at: Millis) -> Option<PortTrouble> {
        self.now(at).find_map(|fault| match fault.what {
            Trouble::Port { port: troubled, how } if troubled == port => Some(how),
            _ => None,
        })
    }

    pub(crate) fn hook_fails(&self, hook: &str, at: Millis) -> bool {
        self.now(at).any(|fault| matches!(&fault.what, Trouble::HookFails { hook: failing } if failing == hook))
    }

    /// Why the journal cannot be written by a replica.
    pub(crate) fn unwritable(&self, replica: usize, at: Millis) -> Option<Unavailable> {
        let full = self.now(at).any(|fault| matches!(fault.what, Trouble::DiskFull));
        full.then(|| simulated(UnavailableKind::DiskFull)).or_else(|| self.unreachable(replica, at))
    }

    /// Why the journal cannot be read by a replica.
    pub(crate) fn unreachable(&self, replica: usize, at: Millis) -> Option<Unavailable> {
        let cut = self
            .now(at)
            .any(|fault| matches!(fault.what, Trouble::Partition { replica: cut_off } if cut_off == replica));
        cut.then(|| simulated(UnavailableKind::Io))
    }

    pub(crate) fn loses_answers(&self, at: Millis) -> bool {
        self.now(at).any(|fault| matches!(fault.what, Trouble::WriteUnanswered))
    }

    /// How far the clock of a replica is off.
    pub(crate) fn clock_off_ms(&self, replica: usize, at: Millis) -> i64 {
        let begun = self.faults.iter().filter(|fault| fault.during.from <= at);
        begun.fold(0, |sum, fault| match fault.what {
            Trouble::ClockStep { by_ms } => sum + by_ms,
            Trouble::ClockSkew { replica: one, by_ms } if one == replica && fault.during.holds(at) => sum + by_ms,
            _ => sum,
        })
    }

    fn now(&self, at: Millis) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(move |fault| fault.during.holds(at))
    }
}

fn simulated(kind: UnavailableKind) -> Unavailable {
    Unavailable { kind, place: None, detail: "simulated".to_string() }
}
