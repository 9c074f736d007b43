//! How both versions are, as the gate sees it at their health paths.

use super::order::key;
use super::served::{Gated, words};
use super::target::how;
use ::gate::wire::{ServiceStatus, VersionState, VersionStatus};
use control::ports::{BoxFuture, Order, Prober, Seen};

/// The gate as a prober.
pub(crate) struct GateProber(pub(crate) Gated);

impl Prober for GateProber {
    fn probe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async move {
            let look = |seen: &ServiceStatus, version: &str| {
                wellness(seen.versions.iter().find(|status| status.version == version))
            };
            let stable = order.stable.as_ref().map(|stable| stable.version.as_str());
            let both = |what: &dyn Fn(&str) -> Result<(), String>| Seen {
                canary: what(&order.canary.version),
                stable: stable.map(what),
            };
            match self.0.client.service(&key(&order.wiring), order.turn).await {
                Ok(Some(seen)) => Some(both(&|version| look(&seen, version))),
                Ok(None) => Some(both(&|_| Err("the gate does not serve this service".to_owned()))),
                // A gate that does not answer says nothing about either version. Said of both at once it blames neither, and
                // with only one there it is not said at all.
                Err(error) => {
                    let why = words(&self.0.client, error);
                    stable.map(|_| both(&|_| Err(why.clone())))
                }
            }
        })
    }
}

fn wellness(status: Option<&VersionStatus>) -> Result<(), String> {
    let Some(status) = status else { return Err("the gate does not run it".to_owned()) };
    let ended = status.last_exit.as_ref().map(|exit| format!(" ({})", how(exit.code, exit.signal))).unwrap_or_default();
    match status.state {
        VersionState::Healthy => Ok(()),
        VersionState::Starting => Err("it is starting".to_owned()),
        VersionState::Unhealthy => Err("it failed its last health checks".to_owned()),
        VersionState::BackingOff => Err(format!("its process ended{ended} and waits for its next start")),
        VersionState::Stopped => Err(format!("it was stopped{ended}")),
    }
}
