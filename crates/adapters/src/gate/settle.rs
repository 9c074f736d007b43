//! A service at rest: one version, everybody on it, no release under way.

use super::order::{Cast, Frame, key};
use super::served::Gated;
use control::ports::{Installed, PortResult, Turn};
use engine::Millis;
use policy::Wiring;

/// How often a service at rest is counted. Nobody judges these counts; they are for those who scrape.
const AT_REST: Millis = Millis::seconds(10);

/// Puts the resting order in force, unless the gate serves the service that way already.
pub(crate) async fn settle(gated: &Gated, wiring: &Wiring, live: &Installed, turn: Turn) -> PortResult<()> {
    let key = key(wiring);
    let seen = gated.client.service(&key, turn).await;
    let seen = seen.map_err(|error| gated.client.failure("asking for the service", error))?;
    if seen.is_some_and(|seen| seen.stable == live.version && seen.canary.is_none()) {
        return Ok(());
    }
    let frame = Frame { wiring, turn, interval: AT_REST, salt: &key, taken_back: None };
    match gated.put(&key, frame, Cast::alone(live)).await {
        // A release has begun meanwhile, and its orders are newer: the service does not rest.
        Err(error) if error.code == "TG-5004" => Ok(()),
        result => result,
    }
}
