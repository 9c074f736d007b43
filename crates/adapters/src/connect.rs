//! Which adapters a service needs, read off its wiring.

use crate::command::{CommandLever, CommandTarget};
use crate::failure::lasting;
use crate::gate::{self, Client, GateAddress, GateLever, GateProber, GateSignal, GateTarget, Gated};
use crate::hooks::WiredHooks;
use crate::http::HttpProber;
use crate::prometheus::PrometheusSignal;
use crate::unmeasured::{NotCounted, NotProbed, Pushed};
use control::ports::{BoxFuture, Connect, Installed, PortError, PortResult, Prober, Signal, Site, Turn};
use policy::{Lever, Signal as Wired, Target, Wiring};
use std::sync::Arc;

/// Every adapter of this build.
pub struct Adapters {
    gate: Option<Gated>,
}

impl Adapters {
    /// Adapters that reach local processes through the gate at `gate`. Without one, only commands can be used.
    #[must_use]
    pub fn new(gate: Option<GateAddress>) -> Self {
        Self { gate: gate.map(|address| Gated::new(Client::new(&address))) }
    }

    fn gated(&self, wiring: &Wiring) -> PortResult<Site> {
        let gate = self.gate(wiring)?;
        let prober: Arc<dyn Prober> = match &wiring.probe {
            Some(probe) => Arc::new(HttpProber::new(probe)?),
            None => Arc::new(GateProber(gate.clone())),
        };
        Ok(Site {
            lever: Arc::new(GateLever(gate.clone())),
            target: Arc::new(GateTarget(gate.clone())),
            signal: signal(wiring, Some(gate))?,
            prober,
            hooks: Arc::new(WiredHooks { gate: Some(gate.clone()) }),
        })
    }

    fn gate(&self, wiring: &Wiring) -> PortResult<&Gated> {
        self.gate.as_ref().ok_or_else(|| {
            lasting(
                "TG-5014",
                format!("{} is served by the gate, and this control plane was started without one", wiring.service),
                "start `tidegate serve` with a policy that has a gate lever, so that it starts the gate as well",
            )
        })
    }
}

impl Connect for Adapters {
    fn connect(&self, wiring: &Wiring) -> PortResult<Site> {
        match (&wiring.target, &wiring.lever) {
            (Target::Process(_), Lever::Gate(_)) => self.gated(wiring),
            (Target::Command(target), Lever::Command(lever)) => {
                let lever = || CommandLever(lever.clone());
                let prober: Arc<dyn Prober> = match &wiring.probe {
                    Some(probe) => Arc::new(HttpProber::new(probe)?),
                    None => Arc::new(NotProbed),
                };
                Ok(Site {
                    lever: Arc::new(lever()),
                    target: Arc::new(CommandTarget { wired: target.clone(), lever: lever() }),
                    signal: signal(wiring, None)?,
                    prober,
                    hooks: Arc::new(WiredHooks { gate: None }),
                })
            }
            (Target::Process(_), Lever::Command(_)) => {
                Err(unfit(wiring, "local processes are reached through the gate only", "give it a gate lever"))
            }
            (Target::Command(_), Lever::Gate(_)) => Err(unfit(
                wiring,
                "the gate splits users between processes that it runs itself",
                "give it a process target, or a command lever",
            )),
        }
    }

    fn settle<'a>(&'a self, wiring: &'a Wiring, live: &'a Installed, turn: Turn) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            match &wiring.lever {
                Lever::Gate(_) => gate::settle(self.gate(wiring)?, wiring, live, turn).await,
                // What commands brought about outlives Tidegate: there is nothing to restore.
                Lever::Command(_) => Ok(()),
            }
        })
    }
}

/// What a Prometheus server sampled, or the gate's counts, if the policy asks for them; counts that are pushed come by another way and may come as well.
fn signal(wiring: &Wiring, gate: Option<&Gated>) -> PortResult<Arc<dyn Signal>> {
    let prometheus = wiring.signals.iter().find_map(|signal| match signal {
        Wired::Prometheus(wired) => Some(wired),
        Wired::Gate | Wired::Push => None,
    });
    if let Some(wired) = prometheus {
        return Ok(Arc::new(PrometheusSignal::new(wired)?));
    }
    match (wiring.signals.contains(&Wired::Gate), gate) {
        (true, Some(gate)) => Ok(Arc::new(GateSignal(gate.clone()))),
        (true, None) => {
            Err(unfit(wiring, "the gate counts only what passes through it", "remove the gate from its signals"))
        }
        (false, _) if wiring.signals.contains(&Wired::Push) => Ok(Arc::new(Pushed)),
        (false, _) => Ok(Arc::new(NotCounted)),
    }
}

fn unfit(wiring: &Wiring, why: &str, hint: &str) -> PortError {
    lasting("TG-5010", format!("target, lever and signals of {} do not fit together: {why}", wiring.service), hint)
}
