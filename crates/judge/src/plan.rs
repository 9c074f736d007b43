//! Before a release: how much traffic a phase needs until it can be decided, and what it can decide with what it has.
//!
//! The same bets as those of the judge, looked at from the other side. Per canary request the log-wealth of a bet grows
//! by `g` with variance `v`; it passes a level `L` like a drifting Brownian motion, so that
//! ```text
//! P(reached by n) = Phi((g n - L) / sqrt(v n)) + exp(2 g L / v) Phi(-(g n + L) / sqrt(v n))
//! ```
//! (inverse Gaussian). `L` is what the judge asks for, less what it puts on the bets when the phase begins. Everything
//! is per canary request: `minutes = requests / (60 * requests per second * share)`.
//!
//! A plan is a forecast for a canary that is what it is said to be. It promises nothing: the judge does.

#[cfg(test)]
mod agreement;
mod bet;
mod harm;
mod normal;
mod pass;
mod passage;
mod scatter;
mod slow;

use crate::pass::PassTest;
use crate::settings::Margins;

pub use crate::stakes::{GROSS_ERROR_MARGIN, MOST_PER_BLOCK};
pub use harm::{HarmPlan, Limit, Proof, Weight, capital};
pub use pass::{Earlier, PassPlan};
pub use scatter::{Scatter, Seen};
pub use slow::Tail;

/// How likely the two arms are to answer badly, and by how much the canary may be worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chances {
    /// Of a canary request to be bad.
    pub canary: f64,
    /// Of a stable request.
    pub stable: f64,
    /// The difference that is still allowed. 0 for latency, whose margin is in what counts as slow.
    pub margin: f64,
}

/// Where the pass test of a phase begins to learn: the first phase with the same margins, or the rollout's start when they
/// are those of harm. `margins` are those of every phase up to and with the one that is asked about.
#[must_use]
pub fn learns_from(margins: &[&Margins], harm: &Margins) -> usize {
    let Some((asked, _)) = margins.split_last() else {
        return 0;
    };
    let test = PassTest::new(asked);
    if test.is_for(harm) {
        return 0;
    }
    margins.iter().position(|margins| test.is_for(margins)).unwrap_or(0)
}

/// What a forecast holds for unless it says otherwise: nine rollouts of ten.
pub const POWER: f64 = 0.9;

/// The smallest value in `low..=high` for which `enough` holds, to four digits; nothing when not even `high` will do.
/// `enough` must not become false again as the value grows. Made for margins, which matter by their ratio.
pub fn smallest(low: f64, high: f64, enough: impl Fn(f64) -> bool) -> Option<f64> {
    if !enough(high) {
        return None;
    }
    let (mut low, mut high) = (low, high);
    while high > low * (1.0 + 1e-4) {
        let middle = libm::sqrt(low * high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}
