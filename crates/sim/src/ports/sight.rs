//! The ports through which control sees: counts, probes and hooks, and the ways in which what they say is not so.

mod lossy;

use super::{Ports, failed};
use crate::planted::Planted;
use crate::scenario::{Port, SignalTrouble};
use control::ports::{BoxFuture, Counted, Hooks, Order, PortResult, Prober, Reading, Seen, Signal};
use engine::{Gap, Share};

impl Signal for Ports {
    fn read<'a>(&'a self, order: &'a Order, cursor: &'a str) -> BoxFuture<'a, Reading> {
        let effect = move || Ok(self.counts(order, cursor));
        Box::pin(async move {
            if order.wiring.signals.is_empty() {
                return Reading::None(Gap::Unmeasured);
            }
            // A signal that lies says that nothing has happened since.
            match self.call(Port::Read, self.port_ms(), || Reading::NotYet, effect).await {
                Ok(reading) => reading,
                Err(error) => Reading::None(Gap::Unreachable { detail: error.message }),
            }
        })
    }
}

impl Ports {
    fn counts(&self, order: &Order, cursor: &str) -> Reading {
        let world = &self.life.world;
        let now = world.now();
        if world.weather.no_data(now) {
            return Reading::None(Gap::NoData);
        }
        if world.weather.pushed() {
            return Reading::NotYet;
        }
        let trouble = world.weather.signal(now);
        world.looked(order);
        let blocks = world.with_gate(&order.wiring.service, |gate| match trouble {
            Some(SignalTrouble::Repeats) => gate.after(&before(cursor)),
            Some(_) | None => gate.after(cursor),
        });
        match blocks {
            None => Reading::None(Gap::NoData),
            Some(blocks) if blocks.is_empty() => {
                let lost = world.with_gate(&order.wiring.service, |gate| gate.lost_last);
                if lost { Reading::None(Gap::NoData) } else { Reading::NotYet }
            }
            Some(mut blocks) => {
                blocks.iter_mut().for_each(|block| lossy::tell(world, block));
                let off_ms = world.weather.clock_off_ms(self.life.replica, now);
                let mut blocks = by_clock_of_control(blocks, off_ms);
                if world.has(Planted::SoakCountedTwice) {
                    blocks.iter_mut().for_each(|block| block.from.0 -= block.to.since(block.from).0 as i64);
                }
                trouble.into_iter().for_each(|how| garble(&mut blocks, how));
                Reading::Counts(blocks)
            }
        }
    }
}

/// The place before the last block that was told.
fn before(cursor: &str) -> String {
    cursor.parse::<u64>().unwrap_or(0).saturating_sub(1).to_string()
}

/// What arrives in place of an answer.
fn garble(blocks: &mut Vec<Counted>, how: SignalTrouble) {
    match how {
        SignalTrouble::Repeats => {}
        SignalTrouble::Torn => blocks.truncate(blocks.len().div_ceil(2)),
        SignalTrouble::Reordered => blocks.reverse(),
        SignalTrouble::Absurd => blocks.iter_mut().for_each(absurd),
        SignalTrouble::Stale => {
            for block in blocks {
                [&mut block.from, &mut block.to].into_iter().for_each(|at| at.0 -= HOUR_MS);
            }
        }
    }
}

const HOUR_MS: i64 = 3_600_000;

fn absurd(block: &mut Counted) {
    match block.from.0.rem_euclid(3) {
        0 => std::mem::swap(&mut block.from, &mut block.to),
        1 => block.canary.iter_mut().for_each(|arm| arm.errors = arm.requests + 7),
        _ => block.canary.iter_mut().for_each(|arm| (arm.requests, arm.errors) = (0, u64::MAX)),
    }
}

/// The gate has a clock of its own, which is never stepped.
fn by_clock_of_control(mut blocks: Vec<Counted>, off_ms: i64) -> Vec<Counted> {
    for block in &mut blocks {
        let exits = block.exits.iter_mut().map(|exit| &mut exit.at);
        [&mut block.from, &mut block.to].into_iter().chain(exits).for_each(|at| at.0 = at.0.saturating_add(off_ms));
    }
    blocks
}

impl Prober for Ports {
    fn probe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        let effect = move || {
            let world = &self.life.world;
            let at = world.now();
            let shared = world.weather.probes_fail(at);
            let well = |version: &str, alive: bool| {
                let fine = alive && !shared && world.weather.health(version, at, None).answers;
                if fine { Ok(()) } else { Err("no answer".to_string()) }
            };
            Ok(world.with_gate(&order.wiring.service, |gate| Seen {
                canary: gate
                    .canary
                    .as_ref()
                    .map_or(Err("not running".to_string()), |one| well(&one.version, one.alive)),
                stable: gate.stable.as_ref().map(|one| well(&one.version, one.alive)),
            }))
        };
        let lie = || Seen { canary: Ok(()), stable: Some(Ok(())) };
        Box::pin(async move {
            let seen: PortResult<Seen> = self.call(Port::Probe, self.port_ms(), lie, effect).await;
            match seen {
                Err(error) if self.life.world.has(Planted::SilenceIsIllness) => {
                    Some(Seen { canary: Err(error.message), stable: Some(Ok(())) })
                }
                seen => seen.ok(),
            }
        })
    }
}

impl Hooks for Ports {
    fn run<'a>(&'a self, _order: &'a Order, hook: &'a str, _share: Share) -> BoxFuture<'a, Result<(), String>> {
        let effect = move || {
            let world = &self.life.world;
            if world.weather.hook_fails(hook, world.now()) { Err(failed(false)) } else { Ok(()) }
        };
        Box::pin(
            async move { self.call(Port::Hook, self.port_ms(), || (), effect).await.map_err(|error| error.message) },
        )
    }
}
