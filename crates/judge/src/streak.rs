//! Triggers that people write: "above 1 % for five minutes", "50 % slower for ten minutes".
//!
//! Such a rule looks at the canary alone, so a shared outage would blame it. Here a complete streak only asks the
//! question; a guard answers it. The guard is a bet on E1 without a margin, begun afresh after each clear window, and
//! must reach 1e5: a rule that is complete without the canary's fault fires with a probability of at most 1e-5 per
//! streak. If stable breaches as well, what both share is broken ([`Standing::Shared`]).
//!
//! Without traffic on stable (the canary has everything) the canary is held against stable's past in this rollout, and
//! the reading says that it was not concurrent.

mod errors;
mod guard;
mod latency;
mod run;

use crate::exact::choice;

pub(crate) use errors::{ErrorBlock, ErrorWatch};
pub(crate) use guard::Past;
pub(crate) use latency::{LatencyBlock, LatencyWatch};

/// What a trigger has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The streak is not complete, or complete without enough evidence either way.
    Quiet,
    /// Complete, and the guard speaks against the canary.
    Fired,
    /// Complete, and stable breaches as well.
    Shared,
}

choice!(Standing { Quiet, Fired, Shared });
