//! Worlds that want control to fail: everything that can go wrong, at once and in any order, while people are impatient.

use super::PATIENCE;
use super::plain::{clock_step, illness, port};
use crate::chance::Chance;
use crate::scenario::{
    Act, Behaviour, During, Fault, Opening, PortTrouble, PostTrouble, Scenario, SignalTrouble, Traffic, Trouble,
};
use engine::{Command, Millis};
use policy::Policy;
use std::sync::Arc;

/// The purpose of the chance that makes worlds.
const WORLDS: u64 = 0x686f_7374;
/// Troubles begin within the first seconds of a world, when there is something to disturb.
const TROUBLED_MS: u64 = 14_000;

/// The purpose of the chance that gives levers a switch: one of its own, so that the worlds without are as they were before.
const SWITCHES: u64 = 0x6465_6164;

/// A world; in some of them the lever has a dead man's switch, under the same policy otherwise.
pub(super) fn scenario(policies: &[Arc<Policy>], switched: &[Arc<Policy>], seed: u64) -> Option<Scenario> {
    let scenario = unswitched(policies, seed)?;
    let mut chance = Chance::of(seed, SWITCHES);
    if !chance.happens(0.1) {
        return Some(scenario);
    }
    let of = policies.iter().position(|policy| Arc::ptr_eq(policy, &scenario.policy))?;
    Some(silenced(&mut chance, Scenario { policy: Arc::clone(switched.get(of)?), ..scenario }))
}

/// The same world with a control that is away for about as long as the lever waits for it, and a person who comes later.
fn silenced(chance: &mut Chance, mut scenario: Scenario) -> Scenario {
    scenario.restart_after = chance.one_of(&[20, 35, 50, 120]).map_or(scenario.restart_after, |s| Millis::seconds(*s));
    if scenario.crashes.is_empty() {
        scenario.crashes.push(chance.between(20, 160));
    }
    if chance.happens(0.3) {
        let from = Millis(chance.below(TROUBLED_MS));
        let replica = usize::try_from(chance.below(scenario.replicas as u64)).unwrap_or(0);
        let during = During { from, to: from + Millis(chance.between(20_000, 60_000)) };
        scenario = scenario.with(during, Trouble::Frozen { replica });
    }
    for _ in 0..chance.below(3) {
        scenario = scenario.then(Millis(chance.between(40_000, 300_000)), Act::Say(Command::Resume));
    }
    scenario
}

fn unswitched(policies: &[Arc<Policy>], seed: u64) -> Option<Scenario> {
    let mut chance = Chance::of(seed, WORLDS);
    let mut scenario = Scenario::good(seed, Arc::clone(chance.one_of(policies)?));
    scenario.until = PATIENCE;
    scenario.healthy = Behaviour { sigma: 0.03, ..scenario.healthy };
    scenario.traffic = Traffic {
        per_second: *chance.one_of(&[60.0, 120.0, 120.0, 250.0])?,
        daily_swing: 0.0,
        by_user: chance.happens(0.05),
        pushed: chance.happens(0.1),
    };
    scenario.port_ms = *chance.one_of(&[0, 0, 1, 15, 120])?;
    scenario.start = Millis(chance.between(0, 1_500));
    scenario.restart_after = Millis(*chance.one_of(&[0, 300, 900, 4_000, 15_000])?);
    scenario.replicas = if chance.happens(0.3) { 2 } else { 1 };
    scenario.hasty = chance.happens(0.15);
    for _ in 0..chance.below(4) {
        scenario.faults.push(fault(&mut chance, scenario.replicas as u64));
    }
    for _ in 0..chance.below(4) {
        let at = Millis(chance.below(TROUBLED_MS));
        let act = act(&mut chance, &mut scenario.edits, of_its_kind(policies, &scenario.policy));
        scenario = scenario.then(at, act);
    }
    let mut point = 0;
    for _ in 0..chance.below(5) {
        point += chance.between(1, 120);
        scenario.crashes.push(point);
    }
    Some(scenario)
}

/// Nobody may edit what users had before the first release: the last policy, which names nothing, stands alone.
fn of_its_kind<'a>(policies: &'a [Arc<Policy>], policy: &Arc<Policy>) -> &'a [Arc<Policy>] {
    match policies.split_last() {
        Some((last, _)) if Arc::ptr_eq(last, policy) => std::slice::from_ref(last),
        Some((_, others)) => others,
        None => policies,
    }
}

fn fault(chance: &mut Chance, replicas: u64) -> Fault {
    let from = Millis(chance.below(TROUBLED_MS));
    let to = from + Millis(chance.between(200, 15_000));
    Fault { during: During { from, to }, what: trouble(chance, replicas) }
}

fn trouble(chance: &mut Chance, replicas: u64) -> Trouble {
    let replica = usize::try_from(chance.below(replicas)).unwrap_or(0);
    match chance.below(20) {
        0..=3 => Trouble::Version { version: "1.1".to_string(), how: illness(chance) },
        4 => Trouble::Dependency {
            more_errors: chance.unit() * 0.5,
            slower: 1.0 + chance.unit(),
            probes_fail: chance.happens(0.3),
        },
        5 => Trouble::Misrouted { reached: chance.unit() * 0.5 },
        6 => Trouble::NoData,
        7..=9 => Trouble::Port { port: port(chance), how: port_trouble(chance) },
        10 => Trouble::HookFails { hook: "smoke".to_string() },
        11 => Trouble::DiskFull,
        12 => Trouble::WriteUnanswered,
        13 => Trouble::Partition { replica },
        14 => Trouble::ClockStep { by_ms: clock_step(chance) },
        15 => Trouble::ClockSkew { replica, by_ms: clock_step(chance) },
        16 => Trouble::Frozen { replica },
        17 => Trouble::SlowDisk { ms: chance.between(1, 5_000) },
        18 => Trouble::Signal { how: signal_trouble(chance) },
        _ => match chance.below(3) {
            0 => Trouble::Post { how: PostTrouble::Lost },
            1 => Trouble::Post { how: PostTrouble::Twice },
            _ => Trouble::Post { how: PostTrouble::Late },
        },
    }
}

fn signal_trouble(chance: &mut Chance) -> SignalTrouble {
    match chance.below(5) {
        0 => SignalTrouble::Repeats,
        1 => SignalTrouble::Torn,
        2 => SignalTrouble::Reordered,
        3 => SignalTrouble::Absurd,
        _ => SignalTrouble::Stale,
    }
}

fn port_trouble(chance: &mut Chance) -> PortTrouble {
    match chance.below(6) {
        0 => PortTrouble::Fails,
        1 => PortTrouble::Refuses,
        2 => PortTrouble::LosesAnswer,
        3 => PortTrouble::Hangs,
        4 => PortTrouble::Lies,
        _ => PortTrouble::Slow(chance.between(1, 12_000)),
    }
}

fn act(chance: &mut Chance, edits: &mut Vec<Arc<Policy>>, policies: &[Arc<Policy>]) -> Act {
    let reason = || "because".to_string();
    match chance.below(12) {
        0 => Act::Say(Command::Pause { reason: reason() }),
        1 | 2 => Act::Say(Command::Resume),
        3 => Act::Say(Command::Advance { reason: reason(), phase: None }),
        4 => {
            let phase = usize::try_from(chance.below(3)).ok();
            Act::Say(Command::Advance { reason: reason(), phase })
        }
        5 => Act::Say(Command::Abort { reason: reason() }),
        6 => Act::Say(Command::RollBack { reason: reason() }),
        7 => Act::Critical(reason()),
        8 => Act::Integrity(reason()),
        9 => {
            edits.extend(chance.one_of(policies).map(Arc::clone));
            Act::Edit(edits.len().saturating_sub(1))
        }
        10 => Act::open(&format!("2.{}", chance.below(3))),
        _ => Act::Open(Opening { version: format!("2.{}", chance.below(3)), supersede: true, ..Opening::default() }),
    }
}
