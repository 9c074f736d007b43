//! Business metrics: means of values with a variance that nobody knows.
//!
//! In each block `u` is how much worse than allowed the canary's mean is, weighted by `o = n_c n_s / (n_c + n_s)`. The sum of
//! `o u` drifts upwards only if the canary is worse, with the variance `phi sum o² (v_c / n_c + a² v_s / n_s)`, where `v` is read
//! from all values so far and `phi` from how stable's own means scatter between blocks. That is an asymptotic statement:
//! with few or very skewed values its bounds are too narrow. So nothing is said before [`LEAST_BLOCKS`] blocks and
//! [`LEAST_UNITS`] values in each arm, the verdict says "asymptotic", and senders do well to cut extreme values.

use crate::counts::Mean;
use crate::courses::{Courses, Scale, Sums};
use crate::exact::state;
use crate::rules::{MeanRule, Worse};
use crate::wealth::Reserve;

pub(crate) const LEAST_BLOCKS: u32 = 30;
pub(crate) const LEAST_UNITS: u64 = 1_000;

/// The mixture is sharpest when so many times the values of the burn-in are in.
const SHARPEST_AFTER: f64 = 8.0;
/// New courses of the harm test.
const NEW_COURSE_MS: i64 = 900_000;
/// Weight of the assumption that blocks scatter as their values say, in blocks.
const PRIOR: f64 = 10.0;
/// How much the measured excess is raised for estimation error.
const CAUTION: f64 = 1.5;
/// On each side of the displayed interval.
const OUTSIDE: f64 = 0.05;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MeanEvidence {
    pub(crate) rule: MeanRule,
    worse: Worse,
    pub(crate) canary: Mean,
    pub(crate) stable: Mean,
    pub(crate) blocks: u32,
    /// Blocks whose values were no numbers or contradicted themselves.
    pub(crate) unreadable: u32,
    harm: Courses,
    pass: Courses,
    pass_reserve: Reserve,
    rho: Option<f64>,
    /// For the displayed interval: `o (c - s)`, its variance, and the sum of `o`.
    plain: Sums,
    weights: f64,
    between: [Successive; 2],
}

state!(MeanEvidence {
    canary, stable, blocks, unreadable, harm, pass, pass_reserve, rho, plain, weights, between,
} made { rule, worse });

/// What people are told.
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl MeanEvidence {
    pub(crate) fn new(rule: MeanRule) -> MeanEvidence {
        MeanEvidence {
            worse: Worse::of(rule.direction, rule.allowed),
            rule,
            canary: Mean::default(),
            stable: Mean::default(),
            blocks: 0,
            unreadable: 0,
            harm: Courses::default(),
            pass: Courses::default(),
            pass_reserve: Reserve::full(),
            rho: None,
            plain: Sums::default(),
            weights: 0.0,
            between: [Successive::every(1), Successive::every(6)],
        }
    }

    pub(crate) fn fund(&mut self, amount: f64) {
        self.harm.fund(amount);
    }

    pub(crate) fn begin_phase(&mut self, at_ms: i64) {
        if let Some(amount) = self.pass_reserve.release(0.5) {
            self.pass.fund(amount);
        }
        let scale = self.scale();
        self.pass.begin(at_ms, 0, scale.as_ref());
        self.harm.begin(at_ms, 0, scale.as_ref());
    }

    pub(crate) fn take(&mut self, from_ms: i64, canary: Option<&Mean>, stable: Option<&Mean>) {
        let (Some(canary), Some(stable)) = (canary, stable) else {
            return;
        };
        if !canary.is_possible() || !stable.is_possible() {
            self.unreadable = self.unreadable.saturating_add(1);
            return;
        }
        let (Some(of_canary), Some(of_stable)) = (canary.mean(), stable.mean()) else {
            return;
        };
        let (n_c, n_s) = (canary.count as f64, stable.count as f64);
        let weight = n_c * n_s / (n_c + n_s);
        let (per_canary, per_stable) = (weight * weight / n_c, weight * weight / n_s);
        let slope = self.worse.stable * self.worse.stable;
        let more =
            Sums { drift: weight * self.worse.by(of_canary, of_stable), spread: [per_canary, per_stable * slope] };
        let plain = Sums { drift: weight * (of_canary - of_stable), spread: [per_canary, per_stable] };
        let (all_canary, all_stable) = (self.canary.and(canary), self.stable.and(stable));
        if !more.is_finite() || !plain.is_finite() || !all_canary.is_possible() || !all_stable.is_possible() {
            self.unreadable = self.unreadable.saturating_add(1);
            return;
        }
        let scale = self.scale();
        self.harm.begin(from_ms, NEW_COURSE_MS, scale.as_ref());
        self.harm.take(&more);
        self.pass.take(&Sums { drift: -more.drift, ..more });
        self.plain.add(&plain);
        self.weights += weight;
        (self.canary, self.stable) = (all_canary, all_stable);
        self.between.iter_mut().for_each(|scale| scale.take(stable));
        self.blocks = self.blocks.saturating_add(1);
        if self.rho.is_none() && self.is_burnt_in() {
            self.rho = self.rho_from(&plain);
        }
    }

    fn is_burnt_in(&self) -> bool {
        self.blocks >= LEAST_BLOCKS && self.canary.count >= LEAST_UNITS && self.stable.count >= LEAST_UNITS
    }

    /// `V / (2 L + ln (1 + 2 L))` with `L = ln(1 / (2 alpha))`, at the `V` where it is to be sharpest.
    fn rho_from(&self, latest: &Sums) -> Option<f64> {
        let of = self.variances();
        let variance = self.plain.variance(&Scale { of, rho: 1.0 });
        let least = latest.spread.iter().sum::<f64>() * f64::MIN_POSITIVE;
        let rho = SHARPEST_AFTER * variance / 10.0;
        (rho.is_finite() && rho > least).then_some(rho)
    }

    /// Of both arms, with how they scatter beyond it.
    fn variances(&self) -> [f64; 2] {
        let phi = self.phi();
        [self.canary.variance() * phi, self.stable.variance() * phi]
    }

    pub(crate) fn phi(&self) -> f64 {
        let variance = self.stable.variance();
        let largest = self.between.iter().map(|scale| scale.factor(variance)).fold(1.0, f64::max);
        1.0 + CAUTION * (largest - 1.0)
    }

    fn scale(&self) -> Option<Scale> {
        Some(Scale { of: self.variances(), rho: self.rho? })
    }

    /// Whether enough is known to say anything.
    pub(crate) fn is_judged(&self) -> bool {
        self.rho.is_some()
    }

    /// Capital of the harm test.
    pub(crate) fn harm(&self) -> f64 {
        self.harm.total(self.scale().as_ref())
    }

    /// Evidence for a pass, with its reserve.
    pub(crate) fn pass(&self) -> f64 {
        self.pass_reserve.left() + self.pass.total(self.scale().as_ref())
    }

    pub(crate) fn passes(&self, needed: f64) -> bool {
        !self.rule.required || self.pass() >= needed
    }

    /// Bounds of the difference of means, canary minus stable, for all looks together.
    pub(crate) fn interval(&self) -> Option<Interval> {
        let scale = self.scale()?;
        let all = self.plain.variance(&scale) + scale.rho;
        let side = 2.0 * OUTSIDE;
        let width = libm::sqrt(all * libm::log(all / (scale.rho * side * side))) / self.weights;
        let middle = self.plain.drift / self.weights;
        let interval = Interval { low: middle - width, high: middle + width };
        (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }
}

/// Differences between successive stretches of stable: `(m_1 - m_2)² / (1/n_1 + 1/n_2)` is its variance on average.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Successive {
    every: u32,
    filled: u32,
    filling: Mean,
    before: Option<Mean>,
    found: f64,
    pairs: f64,
}

state!(Successive { filled, filling, before, found, pairs } made { every } sound |read| read.filled < read.every);

impl Successive {
    const fn every(every: u32) -> Successive {
        const NOTHING: Mean = Mean { count: 0, sum: 0.0, sum_squares: 0.0 };
        Successive { every, filled: 0, filling: NOTHING, before: None, found: 0.0, pairs: 0.0 }
    }

    fn take(&mut self, stable: &Mean) {
        self.filling = self.filling.and(stable);
        self.filled += 1;
        if self.filled < self.every {
            return;
        }
        let full = core::mem::take(&mut self.filling);
        self.filled = 0;
        if let Some(before) = self.before.replace(full)
            && let (Some(one), Some(other)) = (before.mean(), full.mean())
        {
            let found = (one - other) * (one - other) / (1.0 / before.count as f64 + 1.0 / full.count as f64);
            if found.is_finite() {
                self.found += found;
                self.pairs += 1.0;
            }
        }
    }

    fn factor(&self, variance: f64) -> f64 {
        let factor = (self.found / variance + PRIOR) / (self.pairs + PRIOR);
        if factor.is_finite() { factor } else { 1.0 }
    }
}
