//! Where the requests of one service go. A route never changes: a new order makes a new one, and the whole of it takes effect at once.

use std::sync::Arc;
use std::time::Duration;

use flags::bucket::{Ppm, in_share};
use hyper::header::HeaderValue;

use crate::group::Group;
use crate::order::Order;
use crate::sticky::Sticky;
use crate::wire::{DoorOrder, UpstreamProtocol};

/// The two sides of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Arm {
    Stable,
    Canary,
}

impl Arm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Arm::Stable => "stable",
            Arm::Canary => "canary",
        }
    }

    fn named(name: &[u8]) -> Option<Arm> {
        [Arm::Stable, Arm::Canary].into_iter().find(|arm| arm.name().as_bytes() == name)
    }
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picked {
    pub(crate) arm: Arm,
    /// Whether the user asked for it. Who does is no random sample of the users, and says nothing about them.
    pub(crate) forced: bool,
}

/// The version on one side.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) version: HeaderValue,
    pub(crate) group: Arc<Group>,
    pub(crate) protocol: UpstreamProtocol,
}

#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) sticky: Sticky,
    pub(crate) upstream_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) expose_arm: bool,
    pub(crate) door: DoorOrder,
    /// Another number whenever another version stands on a side, see [`crate::count`].
    pub(crate) cast: u64,
    share: Ppm,
    stable: Backend,
    canary: Option<Backend>,
}

impl Route {
    /// The route that `order` asks for. `group` finds what runs a version.
    pub(crate) fn new(order: &Order, cast: u64, group: impl Fn(&str) -> Arc<Group>) -> Self {
        let wire = order.wire();
        // Names of versions were checked: every one is a legal header value.
        let backend = |version: &str| Backend {
            version: HeaderValue::from_str(version).unwrap_or_else(|_| HeaderValue::from_static("?")),
            group: group(version),
            protocol: wire
                .versions
                .iter()
                .find(|listed| listed.version == version)
                .map_or_else(Default::default, |listed| listed.protocol),
        };
        Route {
            sticky: Sticky::new(&wire.sticky, &wire.salt),
            upstream_timeout: Duration::from_millis(wire.upstream_timeout_ms),
            connect_timeout: Duration::from_millis(wire.connect_timeout_ms),
            expose_arm: wire.expose_arm,
            door: wire.door.clone(),
            cast,
            share: order.share(),
            stable: backend(&wire.stable),
            canary: wire.canary.as_deref().map(backend),
        }
    }

    /// The side on which a user with this hash stands, or that the user asks for where that is allowed.
    pub(crate) fn pick<'a>(&self, user: u32, asked: impl FnOnce() -> Option<&'a HeaderValue>) -> Picked {
        let asked = self.door.allow_forced_arm.then(asked).flatten().and_then(|name| Arm::named(name.as_bytes()));
        let wanted = asked.unwrap_or(if in_share(user, self.share) { Arm::Canary } else { Arm::Stable });
        // With nobody on the canary's side, stable serves everybody.
        let arm = if self.canary.is_some() { wanted } else { Arm::Stable };
        Picked { arm, forced: asked.is_some() }
    }

    pub(crate) fn backend(&self, arm: Arm) -> &Backend {
        match (arm, &self.canary) {
            (Arm::Canary, Some(canary)) => canary,
            (Arm::Canary, None) | (Arm::Stable, _) => &self.stable,
        }
    }
}
