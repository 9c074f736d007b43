//! The ports of control into the simulated world. Every call passes the same three doors: control may crash before it, the
//! weather may spoil it, and control may crash after it was done and before anybody heard of it.

use crate::life::Life;
use crate::scenario::{Port, PortTrouble};
use crate::world::{Event, Stale};
use control::ports::{
    BoxFuture, Connect, Counted, Hooks, Installed, Lever, Order, PortError, PortResult, Prober, Reading, Seen, Signal,
    Site, Target, Turn,
};
use engine::{Gap, Millis, Share, TakenBack};
use policy::Wiring;
use std::sync::Arc;
use std::time::Duration;

/// All ports of one control plane.
pub(crate) struct Ports {
    life: Arc<Life>,
}

impl Ports {
    pub(crate) fn new(life: &Arc<Life>) -> Self {
        Self { life: Arc::clone(life) }
    }

    /// A call of `port` that takes `ms` and then does `effect`.
    async fn call<T>(&self, port: Port, ms: u64, effect: impl FnOnce() -> PortResult<T>) -> PortResult<T> {
        self.life.step().await;
        let trouble = self.life.world.weather.port(port, self.life.world.now());
        let extra = match trouble {
            Some(PortTrouble::Slow(extra)) => extra,
            Some(PortTrouble::Fails) => return Err(failed(true)),
            Some(PortTrouble::Refuses) => return Err(failed(false)),
            Some(PortTrouble::Hangs) => std::future::pending().await,
            Some(PortTrouble::LosesAnswer) | None => 0,
        };
        if ms + extra > 0 {
            tokio::time::sleep(Duration::from_millis(ms + extra)).await;
        }
        let result = effect();
        self.life.step().await;
        if trouble == Some(PortTrouble::LosesAnswer) { Err(failed(true)) } else { result }
    }

    fn port_ms(&self) -> u64 {
        self.life.world.port_ms
    }
}

impl Lever for Ports {
    fn shift<'a>(&'a self, order: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let (world, service) = (&self.life.world, order.wiring.service.as_str());
            world.with_gate(service, |gate| {
                gate.obey(order.turn).map_err(stale)?;
                if let Some(stable) = &order.stable {
                    gate.take_back_promotion(&stable.version, &order.canary.version);
                }
                let absent = gate.canary.as_ref().is_none_or(|canary| canary.version != order.canary.version);
                if absent && share != Share::NONE { Err(failed(true)) } else { Ok(()) }
            })?;
            let before = world.shift(service, share);
            world.saw(Event::Shifted { service: service.to_string(), before, share, turn: order.turn });
            Ok(())
        };
        Box::pin(self.call(Port::Shift, self.port_ms(), effect))
    }

    fn observe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        let effect = move || Ok(self.life.world.with_gate(&order.wiring.service, |gate| gate.share));
        Box::pin(self.call(Port::Observe, self.port_ms(), effect))
    }

    fn taken_back<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Target for Ports {
    fn deploy<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let world = &self.life.world;
            let (now, version) = (world.now(), order.canary.version.clone());
            let stable = order.stable.as_ref().map(|stable| stable.version.as_str());
            world.with_gate(&order.wiring.service, |gate| {
                gate.obey(order.turn).map_err(stale)?;
                gate.bring_up(now, order.interval, stable, &version);
                Ok(())
            })?;
            world.saw(Event::Up { version });
            Ok(())
        };
        Box::pin(self.call(Port::Deploy, self.life.world.start_ms, effect))
    }

    fn promote<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let (world, version) = (&self.life.world, order.canary.version.clone());
            let promoted = world.with_gate(&order.wiring.service, |gate| {
                gate.obey(order.turn).map_err(stale)?;
                Ok(gate.promote(&version))
            })?;
            if !promoted {
                return Err(failed(true));
            }
            world.saw(Event::Promoted { version });
            Ok(())
        };
        Box::pin(self.call(Port::Promote, self.port_ms(), effect))
    }

    fn withdraw<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let (world, version) = (&self.life.world, order.canary.version.clone());
            let gone = world.with_gate(&order.wiring.service, |gate| {
                gate.obey(order.turn).map_err(stale)?;
                Ok(gate.withdraw(&version))
            })?;
            if let Some(share) = gone {
                world.saw(Event::Withdrawn { version, share });
            }
            Ok(())
        };
        Box::pin(self.call(Port::Withdraw, self.port_ms(), effect))
    }
}

impl Signal for Ports {
    fn read<'a>(&'a self, order: &'a Order, cursor: &'a str) -> BoxFuture<'a, Reading> {
        let effect = move || {
            let world = &self.life.world;
            if world.weather.no_data(world.now()) {
                return Ok(Reading::None(Gap::NoData));
            }
            Ok(match world.with_gate(&order.wiring.service, |gate| gate.after(cursor)) {
                None => Reading::None(Gap::NoData),
                Some(blocks) if blocks.is_empty() => Reading::NotYet,
                Some(blocks) => Reading::Counts(by_clock_of_control(blocks, world.weather.clock_off_ms(world.now()))),
            })
        };
        Box::pin(async move {
            if order.wiring.signals.is_empty() {
                return Reading::None(Gap::Unmeasured);
            }
            match self.call(Port::Read, self.port_ms(), effect).await {
                Ok(reading) => reading,
                Err(error) => Reading::None(Gap::Unreachable { detail: error.message }),
            }
        })
    }
}

impl Prober for Ports {
    fn probe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        let effect = move || {
            let world = &self.life.world;
            let at = world.now();
            let shared = world.weather.probes_fail(at);
            let well = |version: &str, alive: bool| {
                let fine = alive && !shared && world.weather.health(version, at).answers;
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
        Box::pin(async move { self.call(Port::Probe, self.port_ms(), effect).await.ok() })
    }
}

impl Hooks for Ports {
    fn run<'a>(&'a self, _order: &'a Order, hook: &'a str, _share: Share) -> BoxFuture<'a, Result<(), String>> {
        let effect = move || {
            let world = &self.life.world;
            if world.weather.hook_fails(hook, world.now()) { Err(failed(false)) } else { Ok(()) }
        };
        Box::pin(async move { self.call(Port::Hook, self.port_ms(), effect).await.map_err(|error| error.message) })
    }
}

impl Connect for Ports {
    fn connect(&self, _wiring: &Wiring) -> PortResult<Site> {
        let ports = || Arc::new(Self { life: Arc::clone(&self.life) });
        Ok(Site { lever: ports(), target: ports(), signal: ports(), prober: ports(), hooks: ports() })
    }

    fn settle<'a>(&'a self, wiring: &'a Wiring, live: &'a Installed, turn: Turn) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            self.life.world.with_gate(&wiring.service, |gate| {
                gate.obey(turn).map_err(stale)?;
                gate.settle(&live.version);
                Ok(())
            })
        };
        Box::pin(self.call(Port::Settle, self.port_ms(), effect))
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

fn failed(retry: bool) -> PortError {
    PortError {
        code: SIMULATED,
        message: "the simulated world does not do it".to_string(),
        hint: "look at the scenario's faults".to_string(),
        retry,
    }
}

fn stale(_: Stale) -> PortError {
    PortError {
        code: SIMULATED,
        message: "an order older than the one in force".to_string(),
        hint: "another control plane leads".to_string(),
        retry: true,
    }
}

/// Not one of the codes that people meet.
const SIMULATED: &str = "SIM";

/// How long control may need to hear of something that takes no time at all.
pub(crate) const AT_ONCE: Millis = Millis(50);
