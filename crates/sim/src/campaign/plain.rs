//! The first random worlds: a short rollout with troubles, people, replicas and crashes. Nothing here changes any more,
//! since seeds that once found something name these worlds; what came later is in [`super::hostile`].

use super::{PATIENCE, TROUBLED_MS};
use crate::chance::Chance;
use crate::scenario::{Act, During, Fault, Illness, Opening, Port, PortTrouble, Scenario, Trouble};
use engine::{Command, Millis};
use policy::Policy;
use std::sync::Arc;

/// The purpose of the chance that makes worlds.
const WORLDS: u64 = 0x7761_7465;

pub(super) fn scenario(policies: &[Arc<Policy>], seed: u64) -> Option<Scenario> {
    let mut chance = Chance::of(seed, WORLDS);
    let policy = chance.one_of(policies).map(Arc::clone)?;
    let mut scenario = Scenario::good(seed, policy);
    scenario.until = PATIENCE;
    scenario.traffic.by_user = chance.happens(0.2);
    scenario.port_ms = *chance.one_of(&[0, 0, 1, 15, 120])?;
    scenario.start = Millis(chance.between(0, 3_000));
    scenario.restart_after = Millis(*chance.one_of(&[0, 300, 900, 4_000, 15_000])?);
    scenario.replicas = if chance.happens(0.25) { 2 } else { 1 };
    for _ in 0..chance.below(4) {
        scenario.faults.push(fault(&mut chance, scenario.replicas as u64));
    }
    for _ in 0..chance.below(4) {
        let at = Millis(chance.below(TROUBLED_MS));
        scenario = scenario.then(at, act(&mut chance));
    }
    let mut point = 0;
    for _ in 0..chance.below(5) {
        point += chance.between(1, 250);
        scenario.crashes.push(point);
    }
    Some(scenario)
}

fn fault(chance: &mut Chance, replicas: u64) -> Fault {
    let from = Millis(chance.below(TROUBLED_MS));
    let to = from + Millis(chance.between(200, 25_000));
    Fault { during: During { from, to }, what: trouble(chance, replicas) }
}

fn trouble(chance: &mut Chance, replicas: u64) -> Trouble {
    match chance.below(12) {
        0..=2 => Trouble::Version { version: "1.1".to_string(), how: illness(chance) },
        3 => Trouble::Dependency {
            more_errors: chance.unit() * 0.5,
            slower: 1.0 + chance.unit(),
            probes_fail: chance.happens(0.3),
        },
        4 => Trouble::Misrouted { reached: chance.unit() * 0.5 },
        5 => Trouble::NoData,
        6 | 7 => Trouble::Port { port: port(chance), how: port_trouble(chance) },
        8 => Trouble::HookFails { hook: "smoke".to_string() },
        9 => {
            if chance.happens(0.5) {
                Trouble::DiskFull
            } else {
                Trouble::WriteUnanswered
            }
        }
        10 => Trouble::Partition { replica: usize::try_from(chance.below(replicas)).unwrap_or(0) },
        _ => Trouble::ClockStep { by_ms: clock_step(chance) },
    }
}

pub(super) fn illness(chance: &mut Chance) -> Illness {
    match chance.below(5) {
        0 => Illness::Errors { more: 0.05 + chance.unit() * 0.5 },
        1 => Illness::Slow { factor: 1.5 + chance.unit() * 4.0 },
        2 => Illness::Drift { more: 0.05 + chance.unit() * 0.5 },
        3 => Illness::Dies,
        _ => Illness::Hangs,
    }
}

pub(super) fn port(chance: &mut Chance) -> Port {
    let all = [
        Port::Shift,
        Port::Observe,
        Port::Deploy,
        Port::Promote,
        Port::Withdraw,
        Port::Read,
        Port::Probe,
        Port::Hook,
        Port::Settle,
    ];
    chance.one_of(&all).copied().unwrap_or(Port::Shift)
}

fn port_trouble(chance: &mut Chance) -> PortTrouble {
    match chance.below(5) {
        0 => PortTrouble::Fails,
        1 => PortTrouble::Refuses,
        2 => PortTrouble::LosesAnswer,
        3 => PortTrouble::Hangs,
        _ => PortTrouble::Slow(chance.between(1, 12_000)),
    }
}

pub(super) fn clock_step(chance: &mut Chance) -> i64 {
    let steps = [-3_600_000, -30_000, -1_500, -1, 1, 1_500, 30_000, 3_600_000];
    chance.one_of(&steps).copied().unwrap_or(0)
}

fn act(chance: &mut Chance) -> Act {
    let reason = || "because".to_string();
    match chance.below(9) {
        0 => Act::Say(Command::Pause { reason: reason() }),
        1 | 2 => Act::Say(Command::Resume),
        3 => Act::Say(Command::Advance { reason: reason(), phase: None }),
        4 => Act::Say(Command::Abort { reason: reason() }),
        5 => Act::Say(Command::RollBack { reason: reason() }),
        6 => Act::Critical(reason()),
        7 => Act::open(&format!("2.{}", chance.below(3))),
        _ => Act::Open(Opening { version: format!("2.{}", chance.below(3)), supersede: true, ..Opening::default() }),
    }
}
