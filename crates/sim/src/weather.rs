//! What is wrong at a moment: the one place where the faults of a scenario are looked up.

use crate::scenario::{
    Behaviour, During, Fault, Illness, Port, PortTrouble, PostTrouble, Scenario, SignalTrouble, Traffic, Trouble,
};
use engine::Millis;
use journal::{Unavailable, UnavailableKind};

/// The faults of a world.
pub(crate) struct Weather {
    faults: Vec<Fault>,
    traffic: Traffic,
    healthy: Behaviour,
}

/// How a version answers at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Health {
    pub(crate) error_rate: f64,
    pub(crate) slower: f64,
    pub(crate) answers: bool,
}

const DAY_MS: f64 = 86_400_000.0;

impl Weather {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        Self { faults: scenario.faults.clone(), traffic: scenario.traffic.clone(), healthy: scenario.healthy.clone() }
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
        self.traffic.per_second * (1.0 + self.traffic.daily_swing * libm::sin(angle))
    }

    pub(crate) fn health(&self, version: &str, at: Millis) -> Health {
        let mut health = Health { error_rate: self.healthy.error_rate, slower: 1.0, answers: true };
        for fault in self.now(at) {
            match &fault.what {
                Trouble::Version { version: sick, how } if sick == version => ail(&mut health, how, fault.during, at),
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
        let detail = "simulated".to_string();
        full.then_some(Unavailable { kind: UnavailableKind::DiskFull, place: None, detail })
            .or_else(|| self.unreachable(replica, at))
    }

    /// Why the journal cannot be read by a replica.
    pub(crate) fn unreachable(&self, replica: usize, at: Millis) -> Option<Unavailable> {
        let cut = self
            .now(at)
            .any(|fault| matches!(fault.what, Trouble::Partition { replica: cut_off } if cut_off == replica));
        let detail = "simulated".to_string();
        cut.then_some(Unavailable { kind: UnavailableKind::Io, place: None, detail })
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

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a few days")]
fn ail(health: &mut Health, how: &Illness, during: During, at: Millis) {
    match how {
        Illness::Errors { more } => health.error_rate += more,
        Illness::Slow { factor } => health.slower *= factor,
        Illness::Drift { more } => {
            let (gone, whole) = ((at - during.from).0 as f64, (during.to - during.from).0 as f64);
            health.error_rate += more * (gone / whole.max(1.0)).min(1.0);
        }
        Illness::Hangs => health.answers = false,
        // What is dead is known to the machines that ran it.
        Illness::Dies => {}
    }
}
