//! When the evidence suffices: harm by a weighted average over all metrics, valid however they depend on each other.

use super::Judge;
use crate::exact::{Blank, state};
use crate::finding::Metric;
use crate::means::MeanEvidence;
use crate::series::SeriesEvidence;
use crate::stakes::{FOR_RULES, WEIGHTS};
use crate::streak::Standing;
use crate::verdict::{Cause, Outcome};

/// Harm once proved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Harm {
    pub(super) cause: Cause,
    pub(super) at_ms: i64,
}

state!(Harm { cause, at_ms });

impl Blank for Harm {
    fn blank() -> Harm {
        Harm { cause: Cause::ErrorRate, at_ms: 0 }
    }
}

impl Judge {
    /// Harm is latched; passing is a matter of now.
    pub(super) fn decide(&mut self, now_ms: i64) -> Outcome {
        if self.harm.is_none() {
            self.harm = self.harm_shown().map(|cause| Harm { cause, at_ms: now_ms });
        }
        if self.harm.is_some() {
            return Outcome::Harm;
        }
        let needed = 1.0 / self.settings.alpha_pass;
        let passed = self.phase.as_ref().is_some_and(|phase| phase.passed(&self.passes, needed));
        if passed && self.others_passed(needed) { Outcome::Pass } else { Outcome::Undecided }
    }

    fn harm_shown(&self) -> Option<Cause> {
        if self.harm_evidence() >= 1.0 / self.settings.alpha_harm {
            return self.weighted_wealths().max_by(|a, b| a.1.total_cmp(&b.1)).map(|entry| entry.0.into());
        }
        if self.error_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Fired) {
            return Some(Cause::ErrorStreak);
        }
        if self.latency_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Fired) {
            return Some(Cause::LatencyStreak);
        }
        None
    }

    /// Besides errors and latency, all that is judged.
    fn others_passed(&self, needed: f64) -> bool {
        self.throughput.passes(needed)
            && self.means.iter().all(|mean| mean.passes(needed))
            && self.series.iter().all(|series| series.passes(needed))
    }

    /// What is judged, with its weight in the average.
    pub(super) fn weights(&self) -> impl Iterator<Item = (Metric, f64)> + '_ {
        let rules = self.means.len() + self.series.len();
        let for_rules = if rules > 0 { FOR_RULES } else { 0.0 };
        let fixed = WEIGHTS.into_iter().filter(|entry| entry.0 != Metric::Throughput || self.throughput.is_judged());
        let fixed = fixed.map(move |(metric, weight)| {
            (metric, if metric == Metric::ErrorRate { weight - for_rules } else { weight })
        });
        let means = (0..).zip(&self.means).map(|(at, _)| Metric::Mean(at));
        let series = (0..).zip(&self.series).map(|(at, _)| Metric::Series(at));
        fixed.chain(means.chain(series).map(move |metric| (metric, for_rules / rules as f64)))
    }

    pub(super) fn weighted_wealths(&self) -> impl Iterator<Item = (Metric, f64)> + '_ {
        self.weights().map(|(metric, weight)| (metric, weight * self.wealth(metric)))
    }

    /// Wealth of one harm test, with its reserve.
    pub(super) fn wealth(&self, metric: Metric) -> f64 {
        let bets = match metric {
            Metric::ErrorRate => self.errors.fine(),
            Metric::GrossErrors => self.errors.gross(),
            Metric::Latency(quantile) => self.latency.fine(quantile),
            Metric::GrossLatency => self.latency.gross(),
            Metric::Throughput => self.throughput.harm(),
            Metric::Mean(at) => self.mean(at).map_or(0.0, MeanEvidence::harm),
            Metric::Series(at) => self.one_series(at).map_or(0.0, SeriesEvidence::harm),
        };
        self.reserve.left() + bets
    }
}
