//! What a phase can detect: the judge's harm tests against a canary that is worse from the first second of the phase.

use super::{Metric, Traffic, seconds_of};
use engine::Plan;
use judge::plan::{Chances, GROSS_ERROR_MARGIN, HarmPlan, Limit, POWER, Scatter, Seen, Weight, capital, smallest};

/// The harm tests of one phase.
pub(super) struct Test<'a> {
    plan: &'a Plan,
    traffic: &'a Traffic,
    share: f64,
    soak_s: f64,
    seen_s: f64,
    capital: f64,
}

impl<'a> Test<'a> {
    pub(super) fn of(plan: &'a Plan, at: usize, traffic: &'a Traffic) -> Self {
        let phase = &plan.phases[at];
        let elapsed: f64 = plan.phases[..at].iter().map(|phase| seconds_of(phase.soak)).sum();
        Self {
            plan,
            traffic,
            share: phase.share.fraction(),
            soak_s: seconds_of(phase.soak),
            seen_s: elapsed + seconds_of(plan.judge.warm_up),
            capital: capital(u32::try_from(at).unwrap_or(u32::MAX), elapsed / seconds_of(plan.judge.horizon)),
        }
    }

    /// The smallest harm that this metric proves within the soak: a rise of the error rate, or a slow-down of all requests.
    pub(super) fn within_soak(&self, metric: Metric) -> Option<f64> {
        let harm = &self.plan.judge.harm;
        match metric {
            Metric::ErrorRate => {
                let most = 1.0 - self.traffic.error_rate;
                smallest(harm.error_rate.max(SMALLEST), most, |rise| self.errors_within_soak(rise))
            }
            Metric::Latency(_) => {
                smallest(harm.latency.max(SMALLEST), LARGEST_SLOWDOWN, |slower| self.slow_within_soak(metric, slower))
            }
        }
    }

    fn errors_within_soak(&self, rise: f64) -> bool {
        let base = self.traffic.error_rate;
        let beyond = |margin: f64| Chances { canary: base + rise, stable: base, margin };
        let margin = self.plan.judge.harm.error_rate;
        let incident = Limit::Cell(seconds_of(self.plan.judge.incident));
        let fine = self.test(beyond(margin), Weight::Errors, 1.0, incident);
        let gross = self.test(beyond(GROSS_ERROR_MARGIN.max(margin)), Weight::GrossErrors, 1.0, incident);
        self.in_time(&fine, seconds_of(self.plan.judge.warm_up)) || self.in_time(&gross, 0.0)
    }

    fn slow_within_soak(&self, metric: Metric, slower: f64) -> bool {
        let (Metric::Latency(quantile), Some(tail)) = (metric, &self.traffic.tail) else {
            return false;
        };
        let judge = &self.plan.judge;
        let Some(chances) = tail.slower(quantile, judge.harm.latency, judge.latency_floor_us, slower) else {
            return false;
        };
        let block_seconds = seconds_of(self.plan.interval);
        let seen = Seen { per_second: self.traffic.requests, block_seconds, seen_seconds: self.seen_s };
        let scatter = Scatter::ReadBetweenBlocks(seen);
        let phi = scatter.phi(&chances, self.share, self.soak_s * self.traffic.requests * self.share);
        let test = self.test(chances, Weight::Latency(quantile), phi, Limit::Block(block_seconds));
        self.in_time(&test, seconds_of(judge.warm_up))
    }

    fn test(&self, chances: Chances, weight: Weight, phi: f64, limit: Limit) -> HarmPlan {
        let alpha = self.plan.judge.alpha_harm;
        HarmPlan {
            chances,
            per_second: self.traffic.requests,
            share: self.share,
            alpha,
            weight,
            capital: self.capital,
            phi,
            limit,
        }
    }

    fn in_time(&self, test: &HarmPlan, from_s: f64) -> bool {
        test.proof(POWER).is_some_and(|proof| from_s + proof.seconds <= self.soak_s)
    }
}

/// Keeps the search for a ratio away from 0.
const SMALLEST: f64 = 1e-6;
const LARGEST_SLOWDOWN: f64 = 100.0;
