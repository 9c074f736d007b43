//! The ports of control into the simulated world. Every call passes the same three doors: control may crash before it, the
//! weather may spoil it, and control may crash after it was done and before anybody heard of it.

mod sight;

use crate::life::Life;
use crate::planted::{NEVER_MS, Planted};
use crate::scenario::{Port, PortTrouble};
use crate::world::{Event, Gate, Stale};
use control::ports::{BoxFuture, Connect, Installed, Lever, Order, PortError, PortResult, Site, Target, Turn};
use engine::{Millis, Share, TakenBack};
use policy::{Lever as LeverWiring, Wiring};
use std::sync::Arc;
use std::time::Duration;

/// All ports of one control plane.
pub(crate) struct Ports {
    pub(crate) life: Arc<Life>,
}

impl Ports {
    pub(crate) fn new(life: &Arc<Life>) -> Self {
        Self { life: Arc::clone(life) }
    }

    /// A call of `port` that takes `ms` and then does `effect`, or only says `lie`.
    async fn call<T>(
        &self,
        port: Port,
        ms: u64,
        lie: impl FnOnce() -> T,
        effect: impl FnOnce() -> PortResult<T>,
    ) -> PortResult<T> {
        self.life.step().await;
        let world = &self.life.world;
        let trouble = world.troubled().and_then(|now| world.weather.port(port, now));
        let extra = match trouble {
            Some(PortTrouble::Slow(extra)) => extra,
            Some(PortTrouble::Fails) => return Err(failed(true)),
            Some(PortTrouble::Refuses) => return Err(failed(false)),
            Some(PortTrouble::Hangs) => std::future::pending().await,
            Some(PortTrouble::LosesAnswer | PortTrouble::Lies) | None => 0,
        };
        let ms = ms + extra + self.uneven_ms();
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        let result = if trouble == Some(PortTrouble::Lies) { Ok(lie()) } else { effect() };
        self.life.step().await;
        if trouble == Some(PortTrouble::LosesAnswer) { Err(failed(true)) } else { result }
    }

    fn port_ms(&self) -> u64 {
        self.life.world.port_ms
    }

    /// An order about a service is taken, and is a word from control; a gate refuses one that is older than the one in force.
    fn taken<T>(
        &self,
        wiring: &Wiring,
        turn: Turn,
        release: &str,
        act: impl FnOnce(&mut Gate) -> PortResult<T>,
    ) -> PortResult<T> {
        let world = &self.life.world;
        let done = world.with_gate(&wiring.service, |gate| {
            self.obeyed(gate, turn)?;
            act(gate)
        });
        if done.is_ok() {
            world.ordered(wiring, release);
        }
        done
    }

    fn obeyed(&self, gate: &mut Gate, turn: Turn) -> PortResult<()> {
        if self.life.world.has(Planted::FencesForgotten) {
            return Ok(());
        }
        gate.obey(turn).map_err(stale)
    }
}

impl Lever for Ports {
    fn shift<'a>(&'a self, order: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        let service = order.wiring.service.as_str();
        let effect = move || {
            let world = &self.life.world;
            self.taken(&order.wiring, order.turn, &order.release, |gate| {
                if !gate.switch.permits(order, share) {
                    return Err(failed(true));
                }
                if let Some(stable) = &order.stable {
                    gate.take_back_promotion(&stable.version, &order.canary.version);
                }
                let absent = gate.canary.as_ref().is_none_or(|canary| canary.version != order.canary.version);
                if absent && share != Share::NONE { Err(failed(true)) } else { Ok(()) }
            })?;
            let Some(share) = self.bent(order, share) else { return Ok(()) };
            let before = world.shift(service, share);
            world.saw(Event::Shifted { service: service.to_string(), before, share, turn: order.turn });
            self.remember(order, before, share);
            Ok(())
        };
        Box::pin(async move {
            self.wait_for_disk(share).await;
            self.life.world.with_gate(service, |gate| gate.asked = share);
            self.call(Port::Shift, self.port_ms(), || (), effect).await
        })
    }

    fn observe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        let world = &self.life.world;
        let effect = move || {
            world.looked(order);
            Ok(world.with_gate(&order.wiring.service, |gate| gate.share))
        };
        // A lever that lies has done whatever it was asked for.
        let lie = move || world.with_gate(&order.wiring.service, |gate| gate.asked);
        Box::pin(self.call(Port::Observe, self.port_ms(), lie, effect))
    }

    fn taken_back<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        // A lever that does no such thing is not asked: its worlds are as they were.
        if !matches!(&order.wiring.lever, LeverWiring::Gate(gate) if gate.dead_man.is_some()) {
            return Box::pin(async { Ok(None) });
        }
        let effect = move || {
            let world = &self.life.world;
            world.looked(order);
            Ok(world.with_gate(&order.wiring.service, |gate| gate.switch.taken_back(order)))
        };
        Box::pin(self.call(Port::Observe, self.port_ms(), || None, effect))
    }
}

impl Target for Ports {
    fn deploy<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let world = &self.life.world;
            let (now, version) = (world.now(), order.canary.version.clone());
            let stable = order.stable.as_ref().map(|stable| stable.version.as_str());
            self.taken(&order.wiring, order.turn, &order.release, |gate| {
                gate.bring_up(now, order.interval, stable, &version);
                Ok(())
            })?;
            world.saw(Event::Up { version });
            Ok(())
        };
        Box::pin(self.call(Port::Deploy, self.life.world.start_ms, || (), effect))
    }

    fn promote<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let (world, version) = (&self.life.world, order.canary.version.clone());
            let promoted = self.taken(&order.wiring, order.turn, &order.release, |gate| Ok(gate.promote(&version)))?;
            if !promoted {
                return Err(failed(true));
            }
            world.saw(Event::Promoted { version });
            Ok(())
        };
        let ms = if self.life.world.has(Planted::PromotionHangs) { NEVER_MS } else { self.port_ms() };
        Box::pin(self.call(Port::Promote, ms, || (), effect))
    }

    fn withdraw<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            let (world, version) = (&self.life.world, order.canary.version.clone());
            if world.has(Planted::WithdrawalForgotten) {
                return Ok(());
            }
            let gone = self.taken(&order.wiring, order.turn, &order.release, |gate| Ok(gate.withdraw(&version)))?;
            if let Some(share) = gone {
                world.saw(Event::Withdrawn { version, share });
            }
            Ok(())
        };
        Box::pin(self.call(Port::Withdraw, self.port_ms(), || (), effect))
    }
}

impl Connect for Ports {
    fn connect(&self, _wiring: &Wiring) -> PortResult<Site> {
        let ports = || Arc::new(Self { life: Arc::clone(&self.life) });
        Ok(Site { lever: ports(), target: ports(), signal: ports(), prober: ports(), hooks: ports() })
    }

    fn settle<'a>(&'a self, wiring: &'a Wiring, live: &'a Installed, turn: Turn) -> BoxFuture<'a, PortResult<()>> {
        let effect = move || {
            self.taken(wiring, turn, "", |gate| {
                gate.settle(&live.version);
                Ok(())
            })
        };
        Box::pin(self.call(Port::Settle, self.port_ms(), || (), effect))
    }
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
