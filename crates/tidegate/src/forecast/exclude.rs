//! What a phase can exclude: the judge's pass test, at this share, from what earlier phases have brought.

use super::{Metric, Traffic, seconds_of};
use engine::{Millis, Plan, PlanError};
use judge::Margins;
use judge::plan::{Chances, Earlier, POWER, PassPlan, Scatter, Seen, learns_from, smallest};

/// The pass tests of one phase.
pub(super) struct Test<'a> {
    plan: &'a Plan,
    traffic: &'a Traffic,
    margins: Margins,
    share: f64,
    /// How long the phase judges before its soak is over.
    judged_s: f64,
    /// How long stable is watched before the phase judges.
    seen_s: f64,
    before: Vec<Earlier>,
}

impl<'a> Test<'a> {
    pub(super) fn of(plan: &'a Plan, at: usize, traffic: &'a Traffic) -> Result<Self, PlanError> {
        let upto = &plan.phases[..=at];
        let margins: Vec<Margins> = upto.iter().map(|phase| phase.margins.to_judge()).collect::<Result<_, _>>()?;
        let from = learns_from(&margins.iter().collect::<Vec<_>>(), &plan.judge.harm.to_judge()?);
        let judged = |soak: Millis| seconds_of(soak - plan.judge.warm_up);
        let before = plan.phases[from..at].iter().map(|phase| Earlier {
            requests: judged(phase.soak) * traffic.requests * phase.share.fraction(),
            share: phase.share.fraction(),
        });
        let phase = &plan.phases[at];
        let earlier: f64 = plan.phases[..at].iter().map(|phase| seconds_of(phase.soak)).sum();
        Ok(Self {
            plan,
            traffic,
            margins: phase.margins.to_judge()?,
            share: phase.share.fraction(),
            judged_s: judged(phase.soak),
            seen_s: earlier + seconds_of(plan.judge.warm_up),
            before: before.collect(),
        })
    }

    /// Seconds from the start of the phase until nine of ten unchanged versions have passed.
    pub(super) fn passed_after(&self, metric: Metric) -> Option<f64> {
        self.after_at(metric, self.margin(metric), self.share, &self.before)
    }

    /// The smallest margin that would be excluded within the soak, by a test of this phase's own.
    pub(super) fn within_soak(&self, metric: Metric) -> Option<f64> {
        let enough = |margin: f64| {
            let test = self.test(metric, margin, self.share, &[]);
            test.is_some_and(|test| test.chance(self.judged_s * self.traffic.requests * self.share) >= POWER)
        };
        match metric {
            Metric::ErrorRate => smallest(SMALLEST_RISE, 1.0, enough),
            Metric::Latency(_) => smallest(SMALLEST_SLOWDOWN, LARGEST_SLOWDOWN, enough),
        }
    }

    /// The smallest share, in whole percent up to a half, at which the phase's margin would be excluded within its soak.
    pub(super) fn share_that_would_do(&self, metric: Metric) -> Option<f64> {
        let warm_up = seconds_of(self.plan.judge.warm_up);
        (1..=50).map(|percent| f64::from(percent) / 100.0).filter(|share| *share > self.share).find(|&share| {
            let after = self.after_at(metric, self.margin(metric), share, &self.before);
            after.is_some_and(|seconds| seconds <= self.judged_s + warm_up)
        })
    }

    fn margin(&self, metric: Metric) -> f64 {
        match metric {
            Metric::ErrorRate => self.margins.error_rate,
            Metric::Latency(_) => self.margins.latency,
        }
    }

    fn after_at(&self, metric: Metric, margin: f64, share: f64, before: &[Earlier]) -> Option<f64> {
        let requests = self.test(metric, margin, share, before)?.requests(POWER)?;
        Some(seconds_of(self.plan.judge.warm_up) + requests / (self.traffic.requests * share))
    }

    fn test<'b>(&self, metric: Metric, margin: f64, share: f64, before: &'b [Earlier]) -> Option<PassPlan<'b>> {
        let (chances, scatter) = match metric {
            Metric::ErrorRate => {
                let base = self.traffic.error_rate;
                let scatter = Scatter::ReadOverTime { within_users: self.traffic.dispersion, seen: self.seen() };
                (Chances { canary: base, stable: base, margin }, scatter)
            }
            Metric::Latency(quantile) => {
                let tail = self.traffic.tail.as_ref()?;
                let chances = tail.unchanged(quantile, margin, self.plan.judge.latency_floor_us)?;
                (chances, Scatter::ReadBetweenBlocks(self.seen()))
            }
        };
        Some(PassPlan { chances, share, alpha: self.plan.judge.alpha_pass, scatter, before })
    }

    fn seen(&self) -> Seen {
        Seen {
            per_second: self.traffic.requests,
            block_seconds: seconds_of(self.plan.interval),
            seen_seconds: self.seen_s,
        }
    }
}

/// Below this a margin is not worth asking for.
const SMALLEST_RISE: f64 = 1e-6;
/// A latency bucket is 2 % wide.
const SMALLEST_SLOWDOWN: f64 = 0.02;
const LARGEST_SLOWDOWN: f64 = 100.0;
