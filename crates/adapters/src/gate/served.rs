//! What lever and target share: putting an order in force, and reading what is.

use super::call::{CallError, Client};
use super::held::Held;
use super::order::{Cast, Frame, key, service_order};
use crate::failure::lasting;
use ::gate::wire::ServiceStatus;
use control::ports::{Order, PortError, PortResult};
use engine::Share;
use std::sync::Arc;

/// A gate, and what is remembered of the versions that it runs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gated {
    pub(crate) client: Client,
    pub(super) held: Arc<Held>,
}

impl Gated {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, held: Arc::default() }
    }

    /// Puts `cast` in force.
    pub(super) async fn cast(&self, order: &Order, cast: Cast<'_>) -> PortResult<()> {
        let key = key(&order.wiring);
        // Another salt with every release, so that it is not always the same users who go first; the same one during a release,
        // so that nobody who has the new version loses it while the share grows.
        let salt = format!("{}/{key}", order.release);
        let Order { wiring, turn, interval, taken_back, .. } = order;
        let frame = Frame { wiring, turn: *turn, interval: *interval, salt: &salt, taken_back: *taken_back };
        self.put(&key, frame, cast).await
    }

    pub(super) async fn put(&self, key: &str, frame: Frame<'_>, cast: Cast<'_>) -> PortResult<()> {
        let wanted = service_order(&self.held, frame, cast).await?;
        let what = || format!("ordering {}", described(cast));
        let applied = self.client.put(key, &wanted).await.map_err(|error| self.client.failure(&what(), error))?;
        if (applied.generation, applied.share_ppm) != (wanted.generation, wanted.share_ppm) {
            return Err(lasting(
                "TG-5006",
                format!(
                    "{}: the gate says it applied order {} with {} parts per million instead of order {} with {}",
                    what(),
                    applied.generation,
                    applied.share_ppm,
                    wanted.generation,
                    wanted.share_ppm
                ),
                "run the gate and the control plane from the same version of Tidegate",
            ));
        }
        if let Some(problem) = applied.not_saved {
            tracing::warn!(
                service = key,
                code = problem.code,
                detail = problem.detail,
                hint = problem.hint,
                "an order is in force and not on the gate's disk"
            );
        }
        Ok(())
    }

    /// Takes the service off the gate, with everything that runs for it.
    pub(super) async fn remove(&self, order: &Order) -> PortResult<()> {
        let removed = self.client.remove(&key(&order.wiring), order.turn).await;
        removed.map(|_| ()).map_err(|error| self.client.failure("removing the service", error))
    }

    /// The service as the gate serves it, if it does.
    pub(super) async fn seen(&self, order: &Order) -> PortResult<Option<ServiceStatus>> {
        let seen = self.client.service(&key(&order.wiring), order.turn).await;
        seen.map_err(|error| self.client.failure("asking for the service", error))
    }
}

/// The share of users that have the release's version.
pub(super) fn share_on_canary(order: &Order, seen: Option<&ServiceStatus>) -> PortResult<Share> {
    match seen {
        Some(seen) if seen.stable == order.canary.version => Ok(Share::ALL),
        Some(seen) if seen.canary.as_ref() == Some(&order.canary.version) => {
            Share::from_ppm(seen.share_ppm).map_err(|error| {
                lasting("TG-5003", format!("the gate's answer cannot be understood: {error}"), "update the gate")
            })
        }
        // A service that the gate lost is served by nobody, so nobody is on this version.
        Some(_) | None => Ok(Share::NONE),
    }
}

/// Whether the gate is there and listens to this control plane, so that another word with it can help.
pub(super) fn gate_can_be_asked(error: &PortError) -> bool {
    !matches!(error.code, "TG-5001" | "TG-5002" | "TG-5004")
}

fn described(cast: Cast<'_>) -> String {
    match cast.canary {
        Some((canary, share)) => format!("{share} of users on {} beside {}", canary.version, cast.stable.version),
        None => format!("everybody on {}", cast.stable.version),
    }
}

/// What a failed call to the gate says, in one line, where only words are wanted.
pub(super) fn words(client: &Client, error: CallError) -> String {
    let error = client.failure("asking for the service", error);
    format!("{}: {}", error.code, error.message)
}
