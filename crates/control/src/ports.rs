//! What control needs of the world, as small traits. Each call is idempotent, may be cancelled by dropping its future,
//! and ends within its own deadline; nothing here has a default.

use engine::{Exit, Gap, Millis, Probe, Share, TakenBack, Timestamp};
use policy::{Target as TargetWiring, Wiring};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A boxed future, so that ports can be chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a port answers.
pub type PortResult<T> = Result<T, PortError>;

/// A version that runs, or should.
#[derive(Clone, Debug, PartialEq)]
pub struct Installed {
    /// As people call it.
    pub version: String,
    /// What exactly it is.
    pub artifact: String,
    /// How it is run; from the wiring of the release that brought it.
    pub target: TargetWiring,
}

/// Everything that an order to the world needs to know of its release. Orders are made from the journal alone, so that
/// a control plane that was born a second ago gives the same ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The release's id.
    pub release: String,
    /// How this service is reached.
    pub wiring: Arc<Wiring>,
    /// The old version; `None` for a first release.
    pub stable: Option<Arc<Installed>>,
    /// The new version.
    pub canary: Arc<Installed>,
    /// The leader's fencing token, then a counter: an order with a lower turn is refused by levers that can.
    pub turn: Turn,
    /// How often arms are measured.
    pub interval: Millis,
    /// The last time that the lever took users back by itself, as far as the journal knows it. A lever that did so moves
    /// nobody to the canary again for somebody who does not know of it.
    pub taken_back: Option<Timestamp>,
}

/// The place of an order among all orders ever given for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// The leader's fencing token.
    pub fence: u64,
    /// Counted by that leader.
    pub count: u64,
}

/// Moves users.
pub trait Lever: Send + Sync {
    /// Brings `share` of users to the canary; answers when that is in force.
    fn shift<'a>(&'a self, order: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>>;
    /// The share that is in force.
    fn observe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Share>>;
    /// Whether the lever took users back by itself, because it had no word from control for too long; said until an order
    /// shows that this is known. `None` for a lever that does no such thing.
    fn taken_back<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>>;
}

/// Runs versions.
pub trait Target: Send + Sync {
    /// Brings the canary up beside stable; answers when it is healthy.
    fn deploy<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>>;
    /// Makes the canary the stable version and lets the old one go.
    fn promote<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>>;
    /// Lets the canary go.
    fn withdraw<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>>;
}

/// Counts what both arms do.
pub trait Signal: Send + Sync {
    /// What was counted after `cursor` (empty at first).
    fn read<'a>(&'a self, order: &'a Order, cursor: &'a str) -> BoxFuture<'a, Reading>;
}

/// Asks versions how they are.
pub trait Prober: Send + Sync {
    /// Both versions, at the same moment; `None` when this service is not probed.
    fn probe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Option<Seen>>;
}

/// Smoke tests and user journeys.
pub trait Hooks: Send + Sync {
    /// Runs a hook; the error is what people will read.
    fn run<'a>(&'a self, order: &'a Order, hook: &'a str, share: Share) -> BoxFuture<'a, Result<(), String>>;
}

/// The ports of one service.
#[derive(Clone)]
pub struct Site {
    /// Moves users.
    pub lever: Arc<dyn Lever>,
    /// Runs versions.
    pub target: Arc<dyn Target>,
    /// Counts.
    pub signal: Arc<dyn Signal>,
    /// Probes.
    pub prober: Arc<dyn Prober>,
    /// Hooks.
    pub hooks: Arc<dyn Hooks>,
}

/// Finds the ports for a wiring.
pub trait Connect: Send + Sync {
    /// The ports of a service.
    ///
    /// # Errors
    /// The wiring names something that this build cannot do.
    fn connect(&self, wiring: &Wiring) -> PortResult<Site>;
    /// Makes sure that the live version of a service without a release in flight is served as it was.
    fn settle<'a>(&'a self, wiring: &'a Wiring, live: &'a Installed, turn: Turn) -> BoxFuture<'a, PortResult<()>>;
}

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// One interval as a signal counted it.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Where to go on after this one.
    pub cursor: String,
    /// Begin, by the counter's clock.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// The share in force, if the counter knows it.
    pub share: Option<Share>,
    /// The old version.
    pub stable: Option<judge::Arm>,
    /// The new version.
    pub canary: Option<judge::Arm>,
    /// Processes that ended by themselves.
    pub exits: Vec<Exit>,
}

/// What a signal answers. Four different things, never a bare number.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Intervals, oldest first; at least one.
    Counts(Vec<Counted>),
    /// Nothing is missing, the next interval is just not over.
    NotYet,
    /// There are no counts, and why.
    None(Gap),
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether the canary is well.
    pub canary: Result<(), String>,
    /// Whether stable is well; `None` when there is none or it is not probed.
    pub stable: Option<Result<(), String>>,
}

impl Seen {
    /// As the engine takes it.
    #[must_use]
    pub fn probe(&self, at: Timestamp) -> Probe {
        Probe { at, canary: self.canary.is_ok(), stable: self.stable.as_ref().map(Result::is_ok) }
    }
}

/// Why a port could not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortError {
    /// The stable code, `TG-5…`.
    pub code: &'static str,
    /// What happened, for people.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Whether trying again can help.
    pub retry: bool,
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.code, self.message, self.hint)
    }
}

impl std::error::Error for PortError {}
