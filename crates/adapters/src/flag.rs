//! A flag as a lever: the share of users who get one of its variants. Nothing is brought up, as the code of both variants runs
//! already; taking users back is one change of the flag, and clients have it within a blink.

use control::ports::{BoxFuture, Lever, Order, PortResult, Target};
use engine::{Share, TakenBack};
use policy::FlagLever as Wired;
use std::sync::Arc;

/// Flags as a lever needs them. Whoever serves them implements it.
pub trait Flags: Send + Sync {
    /// Claims the flag for a release, when nobody gets the new variant yet or the release claimed it before.
    fn claim<'a>(&'a self, of: FlagOrder<'a>) -> BoxFuture<'a, PortResult<()>>;
    /// Gives the new variant to a share of users; answers when clients are served that. Nobody means at once, before all else.
    fn shift<'a>(&'a self, of: FlagOrder<'a>, share: Share) -> BoxFuture<'a, PortResult<()>>;
    /// The share that is served.
    fn observe<'a>(&'a self, of: FlagOrder<'a>) -> BoxFuture<'a, PortResult<Share>>;
}

/// Which flag is meant, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct FlagOrder<'a> {
    /// Its key.
    pub key: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// The variant that is the new version.
    pub canary: &'a str,
    /// The variant that is the old one.
    pub stable: &'a str,
    /// The release that moves it.
    pub release: &'a str,
}

/// A flag's share.
#[derive(Clone)]
pub(crate) struct FlagLever {
    pub(crate) flags: Arc<dyn Flags>,
    pub(crate) wired: Wired,
}

impl FlagLever {
    fn order<'a>(&'a self, order: &'a Order) -> FlagOrder<'a> {
        FlagOrder {
            key: &self.wired.key,
            channel: &order.wiring.channel,
            canary: &self.wired.canary,
            stable: &self.wired.stable,
            release: &order.release,
        }
    }
}

impl Lever for FlagLever {
    fn shift<'a>(&'a self, order: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        self.flags.shift(self.order(order), share)
    }

    fn observe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        self.flags.observe(self.order(order))
    }

    /// A flag says what the journal says: without control nobody moves, neither there nor back.
    fn taken_back<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async { Ok(None) })
    }
}

/// Code that runs already. There is nothing to bring up, but the flag is claimed: a second release of the same flag would take
/// users from what the first one gave them.
pub(crate) struct RunningTarget(pub(crate) FlagLever);

impl Target for RunningTarget {
    fn deploy<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        self.0.flags.claim(self.0.order(order))
    }

    /// Everybody has the new variant, and keeps it.
    fn promote<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        self.0.shift(order, Share::ALL)
    }

    fn withdraw<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }
}
