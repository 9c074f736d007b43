//! Moves users by the gate's share.

use super::order::Cast;
use super::served::{Gated, gate_can_be_asked, share_on_canary};
use crate::failure::lasting;
use ::gate::wire::{ServiceStatus, VersionState, VersionStatus, WithdrawnByGate};
use control::ports::{BoxFuture, Lever, Order, PortError, PortResult};
use engine::{Millis, Share, TakenBack, Timestamp};

/// The gate as a lever.
pub(crate) struct GateLever(pub(crate) Gated);

impl Lever for GateLever {
    fn shift<'a>(&'a self, order: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            match &order.stable {
                Some(_) => self.split(order, share).await,
                None => self.all_or_nothing(order, share).await,
            }
        })
    }

    fn observe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        Box::pin(async move { share_on_canary(order, self.0.seen(order).await?.as_ref()) })
    }

    fn taken_back<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async move {
            let withdrawn = self.0.seen(order).await?.and_then(|seen| seen.withdrawn_by_gate);
            let withdrawn = withdrawn.filter(|withdrawn| withdrawn.version == order.canary.version);
            let told =
                |WithdrawnByGate { at_ms, after_ms, .. }| TakenBack { at: Timestamp(at_ms), after: Millis(after_ms) };
            Ok(withdrawn.map(told))
        })
    }
}

impl GateLever {
    async fn split(&self, order: &Order, share: Share) -> PortResult<()> {
        if share != Share::NONE {
            return self.0.cast(order, Cast::beside(order, share)).await;
        }
        // Also when nobody is on the new version any more an order is given: it outdates every earlier one that may be on its way.
        match self.0.cast(order, self.with_nobody_on_canary(order).await).await {
            Err(error) if gate_can_be_asked(&error) => self.take_back(order, error).await,
            result => result,
        }
    }

    /// The new version stays warm until it is withdrawn, and once it was withdrawn it is not brought up again.
    async fn with_nobody_on_canary<'a>(&self, order: &'a Order) -> Cast<'a> {
        // A gate that could not be asked may still take the order.
        let gone = self.0.seen(order).await.is_ok_and(|seen| !seen.is_some_and(|seen| canary_runs(order, &seen)));
        match &order.stable {
            Some(stable) if gone => Cast::alone(stable),
            Some(_) | None => Cast::beside(order, Share::NONE),
        }
    }

    /// Taking users back must not fail for a reason that has nothing to do with them: a secret of the new version that is gone,
    /// an address that is taken. What counts is that nobody is on the new version.
    async fn take_back(&self, order: &Order, error: PortError) -> PortResult<()> {
        if let Some(stable) = &order.stable
            && self.0.cast(order, Cast::alone(stable)).await.is_ok()
        {
            tracing::warn!(release = order.release, code = error.code, %error, "the new version was dropped to take users back");
            return Ok(());
        }
        match share_on_canary(order, self.0.seen(order).await?.as_ref())? {
            Share::NONE => Ok(()),
            _ => Err(error),
        }
    }

    /// A service's first version has no other beside it: either everybody who comes has it, or the door is closed.
    async fn all_or_nothing(&self, order: &Order, share: Share) -> PortResult<()> {
        match share {
            Share::NONE => self.0.remove(order).await,
            Share::ALL => self.0.cast(order, Cast::beside(order, share)).await,
            some => Err(lasting(
                "TG-5013",
                format!(
                    "{some} of users cannot be on {}: it is the first version and there is no other",
                    order.canary.version
                ),
                "name the version that users have in `live`, or release the first one to everybody",
            )),
        }
    }
}

fn canary_runs(order: &Order, seen: &ServiceStatus) -> bool {
    let canary = &order.canary.version;
    let kept = |version: &VersionStatus| version.version == *canary && version.state != VersionState::Stopped;
    seen.canary.as_ref() == Some(canary) || seen.versions.iter().any(kept)
}
