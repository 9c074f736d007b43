//! How a version answers at a moment: what is wrong with it, and what is wrong with everything.

use crate::scenario::{Behaviour, Clusters, During, Illness, Unrest};
use engine::Millis;

/// How a version answers at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Health {
    /// Errors that come alone.
    pub(crate) error_rate: f64,
    /// Errors that come together.
    pub(crate) clusters: Vec<Clusters>,
    pub(crate) slower: f64,
    /// A part of the requests, and how many times as long they take on top.
    pub(crate) tail: Option<(f64, f64)>,
    /// The part of the requests that nobody answers or counts.
    pub(crate) swallowed: f64,
    /// The part of the others that nobody answers, and that is counted as failed.
    pub(crate) timed_out: f64,
    pub(crate) answers: bool,
}

impl Health {
    /// Of a version with which nothing is wrong.
    pub(super) fn of(healthy: &Behaviour, unrest: &Unrest, moved: f64) -> Self {
        let all = healthy.error_rate * moved;
        let clusters: Vec<Clusters> =
            unrest.clusters.iter().map(|one| Clusters { more: one.more * moved, ..*one }).collect();
        Self { error_rate: all, clusters, slower: 1.0, tail: None, swallowed: 0.0, timed_out: 0.0, answers: true }
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a few days")]
    pub(super) fn ail(&mut self, how: &Illness, during: During, at: Millis, risen: Option<Millis>) {
        let gone = |since: Millis| (at - since).0 as f64;
        match how {
            Illness::Errors { more } => self.error_rate += more,
            Illness::Clusters(clusters) => self.clusters.push(*clusters),
            Illness::Slow { factor } => self.slower *= factor,
            Illness::SlowTail { part, factor } => self.tail = Some((*part, *factor)),
            Illness::Drift { more } => {
                let whole = (during.to - during.from).0 as f64;
                self.error_rate += more * (gone(during.from) / whole.max(1.0)).min(1.0);
            }
            Illness::Leaks { over, more, factor } => {
                let grown = (gone(during.from) / (over.0 as f64).max(1.0)).min(1.0);
                self.error_rate += more * grown;
                self.slower *= 1.0 + (factor - 1.0) * grown;
            }
            Illness::Cold { more, factor, lasts, fades } => {
                let Some(risen) = risen else { return };
                let after = (gone(risen) - lasts.0 as f64).max(0.0);
                let cold = libm::exp(-after / (fades.0 as f64).max(1.0));
                self.error_rate += more * cold;
                self.slower *= libm::pow(*factor, cold);
            }
            Illness::Swallows { part, counted } => {
                let swallowed = if *counted { &mut self.timed_out } else { &mut self.swallowed };
                *swallowed = 1.0 - (1.0 - *swallowed) * (1.0 - part);
            }
            Illness::Hangs => self.answers = false,
            // What is dead is known to the machines that ran it.
            Illness::Dies => {}
        }
    }

    /// The chance that a request fails, for whoever made it.
    pub(crate) fn fails(&self, alive: bool) -> f64 {
        if !alive || !self.answers {
            return 1.0;
        }
        let errors = self.clusters.iter().map(|clusters| clusters.more).sum::<f64>() + self.error_rate;
        1.0 - (1.0 - self.swallowed) * (1.0 - self.timed_out) * (1.0 - errors.min(1.0))
    }
}
