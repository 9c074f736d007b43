//! Which adapters a service needs, read off its wiring.

use crate::command::{CommandLever, CommandTarget};
use crate::failure::lasting;
use crate::flag::{FlagLever, Flags, RunningTarget};
use crate::gate::{self, Client, GateAddress, GateLever, GateProber, GateSignal, GateTarget, Gated};
use crate::hooks::WiredHooks;
use crate::http::HttpProber;
use crate::prometheus::PrometheusSignal;
use crate::unmeasured::{NotCounted, NotProbed, Pushed};
use control::ports::{BoxFuture, Connect, Installed, Lever, PortError, PortResult, Prober, Signal, Site, Target, Turn};
use policy::{Lever as LeverWiring, Signal as Wired, Target as TargetWiring, Wiring};
use std::sync::Arc;

/// Every adapter of this build.
pub struct Adapters {
    gate: Option<Gated>,
    flags: Option<Arc<dyn Flags>>,
}

impl Adapters {
    /// Adapters that reach local processes through the gate at `gate`. Without one, only commands can be used.
    #[must_use]
    pub fn new(gate: Option<GateAddress>) -> Self {
        Self { gate: gate.map(|address| Gated::new(Client::new(&address))), flags: None }
    }

    /// The same, that can move users by flags.
    #[must_use]
    pub fn with_flags(self, flags: Arc<dyn Flags>) -> Self {
        Self { flags: Some(flags), ..self }
    }

    fn flag(&self, wiring: &Wiring, lever: &policy::FlagLever) -> PortResult<FlagLever> {
        let flags = self.flags.clone().ok_or_else(|| {
            unfit(wiring, "this control plane has no flags", "run `tidegate serve`, which serves flags as well")
        })?;
        Ok(FlagLever { flags, wired: lever.clone() })
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

/// A service whose versions the gate does not run.
fn ungated(wiring: &Wiring, lever: Arc<dyn Lever>, target: Arc<dyn Target>) -> PortResult<Site> {
    let prober: Arc<dyn Prober> = match &wiring.probe {
        Some(probe) => Arc::new(HttpProber::new(probe)?),
        None => Arc::new(NotProbed),
    };
    Ok(Site { lever, target, signal: signal(wiring, None)?, prober, hooks: Arc::new(WiredHooks { gate: None }) })
}

impl Connect for Adapters {
    fn connect(&self, wiring: &Wiring) -> PortResult<Site> {
        match (&wiring.target, &wiring.lever) {
            (TargetWiring::Process(_), LeverWiring::Gate(_)) => self.gated(wiring),
            (TargetWiring::Command(target), LeverWiring::Command(lever)) => {
                let lever = || CommandLever(lever.clone());
                let target = CommandTarget { wired: target.clone(), lever: lever() };
                ungated(wiring, Arc::new(lever()), Arc::new(target))
            }
            (TargetWiring::Running {}, LeverWiring::Flag(lever)) => {
                let flag = self.flag(wiring, lever)?;
                ungated(wiring, Arc::new(flag.clone()), Arc::new(RunningTarget(flag)))
            }
            (TargetWiring::Command(_), LeverWiring::Flag(_)) | (TargetWiring::Running {}, LeverWiring::Command(_)) => {
                Err(unfit(
                    wiring,
                    "a flag moves users between code that runs already",
                    "give a `flag` lever a `running` target",
                ))
            }
            (TargetWiring::Process(_), LeverWiring::Command(_) | LeverWiring::Flag(_)) => {
                Err(unfit(wiring, "local processes are reached through the gate only", "give it a gate lever"))
            }
            (TargetWiring::Command(_) | TargetWiring::Running {}, LeverWiring::Gate(_)) => Err(unfit(
                wiring,
                "the gate splits users between processes that it runs itself",
                "give it a process target, or a command lever",
            )),
        }
    }

    fn settle<'a>(&'a self, wiring: &'a Wiring, live: &'a Installed, turn: Turn) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            match &wiring.lever {
                LeverWiring::Gate(_) => gate::settle(self.gate(wiring)?, wiring, live, turn).await,
                // What commands brought about outlives Tidegate, and what a flag says is in the journal: there is nothing to restore.
                LeverWiring::Command(_) | LeverWiring::Flag(_) => Ok(()),
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
