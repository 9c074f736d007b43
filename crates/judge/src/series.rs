//! A number per arm and sample, and nothing about what it was counted from: a query's answer every half a minute.
//!
//! With `y` how much worse than allowed the canary's number is (its logarithm, when the margin is relative), `z = y / scale`
//! and `f` how strongly successive samples depend on each other, the sum of `z / f` and the variance `sum z² / f` go into the
//! one-sided mixture. It normalises itself: for noise that is as likely above as below, it needs no variance and no large
//! numbers, and one sample wins at most half a nat, so that about fifteen are needed to prove harm. Scale and `f` are read
//! from stable alone: from the median of its successive differences, and from how much faster than its differences over
//! two samples those over one shrink, which neither a slow trend nor a single leap can spoil.

use alloc::vec::Vec;

use crate::courses::{Courses, Scale, Sums};
use crate::exact::state;
use crate::rules::{Allowed, SeriesRule, Worse};
use crate::wealth::Reserve;

/// Values of stable before anything is said.
pub(crate) const LEAST_HISTORY: usize = 20;
/// Values of stable that are kept; after them scale and dependence are settled.
const MOST_HISTORY: usize = 64;
/// A median deviation of normal noise is so much smaller than its standard deviation.
const FROM_MEDIAN: f64 = 1.482_6;
/// Samples that depend on each other more than this say nothing new.
const LARGEST_DEPENDENCE: f64 = 0.9;
const SCALE: Scale = Scale { of: [1.0, 0.0], rho: 4.0 };
/// New courses of the harm test.
const NEW_COURSE_MS: i64 = 900_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeriesEvidence {
    pub(crate) rule: SeriesRule,
    worse: Worse,
    /// Stable's values, as they are compared, until the noise is settled.
    history: Vec<f64>,
    /// How many values of stable were ever kept.
    kept: u8,
    noise: Option<Noise>,
    harm: Courses,
    pass: Courses,
    pass_reserve: Reserve,
    /// Samples that were judged.
    pub(crate) samples: u32,
    /// Samples that were no numbers, or had no logarithm.
    pub(crate) unreadable: u32,
    /// Sums of what was compared, canary and stable.
    compared: (f64, f64),
}

state!(SeriesEvidence {
    history, kept, noise, harm, pass, pass_reserve, samples, unreadable, compared,
} made { rule, worse } sound SeriesEvidence::is_sound);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Noise {
    scale: f64,
    /// `(1 + r) / (1 - r)`: so many samples are worth one.
    dependence: f64,
}

state!(Noise { scale, dependence } sound |read| read.scale > 0.0 && read.dependence >= 1.0);

impl SeriesEvidence {
    fn is_sound(&self) -> bool {
        let settled = usize::from(self.kept) == MOST_HISTORY && self.history.is_empty();
        settled || (usize::from(self.kept) < MOST_HISTORY && self.history.len() == usize::from(self.kept))
    }

    pub(crate) fn new(rule: SeriesRule) -> SeriesEvidence {
        let worse = match rule.allowed {
            Allowed::Absolute(_) => Worse::of(rule.direction, rule.allowed),
            // ln c - ln s against the logarithm of what is allowed.
            Allowed::Relative(part) => {
                let line = Worse::of(rule.direction, Allowed::Absolute(0.0));
                Worse { less: line.canary * libm::log1p(line.canary * part), ..line }
            }
        };
        SeriesEvidence {
            rule,
            worse,
            history: Vec::new(),
            kept: 0,
            noise: None,
            harm: Courses::default(),
            pass: Courses::default(),
            pass_reserve: Reserve::full(),
            samples: 0,
            unreadable: 0,
            compared: (0.0, 0.0),
        }
    }

    pub(crate) fn fund(&mut self, amount: f64) {
        self.harm.fund(amount);
    }

    pub(crate) fn begin_phase(&mut self, at_ms: i64) {
        if let Some(amount) = self.pass_reserve.release(0.5) {
            self.pass.fund(amount);
        }
        self.pass.begin(at_ms, 0, Some(&SCALE));
        self.harm.begin(at_ms, 0, Some(&SCALE));
    }

    /// Takes a sample, as (stable, canary).
    pub(crate) fn take(&mut self, from_ms: i64, (stable, canary): (f64, f64)) {
        let (Some(of_canary), Some(of_stable)) = (self.value(canary), self.value(stable)) else {
            self.unreadable = self.unreadable.saturating_add(1);
            return;
        };
        if let Some(noise) = self.noise {
            let z = self.worse.by(of_canary, of_stable) / noise.scale;
            let more = Sums { drift: z / noise.dependence, spread: [z * z / noise.dependence, 0.0] };
            if more.is_finite() {
                self.harm.begin(from_ms, NEW_COURSE_MS, Some(&SCALE));
                self.harm.take(&more);
                self.pass.take(&Sums { drift: -more.drift, ..more });
                self.samples = self.samples.saturating_add(1);
                self.compared = (self.compared.0 + of_canary, self.compared.1 + of_stable);
            }
        }
        self.remember(of_stable);
    }

    /// Takes a value of stable that has no canary beside it.
    pub(crate) fn learn(&mut self, stable: f64) {
        if let Some(of_stable) = self.value(stable) {
            self.remember(of_stable);
        }
    }

    /// As it is compared; nothing where there is nothing to compare.
    fn value(&self, raw: f64) -> Option<f64> {
        let value = match self.rule.allowed {
            Allowed::Absolute(_) => raw,
            Allowed::Relative(_) if raw > 0.0 => libm::log(raw),
            Allowed::Relative(_) => f64::NAN,
        };
        (value.is_finite() && libm::fabs(value) < LARGEST_VALUE).then_some(value)
    }

    fn remember(&mut self, of_stable: f64) {
        if usize::from(self.kept) >= MOST_HISTORY {
            return;
        }
        self.history.push(of_stable);
        self.kept += 1;
        if self.history.len() >= LEAST_HISTORY {
            self.noise = self.noise_of_stable();
        }
        if usize::from(self.kept) >= MOST_HISTORY {
            self.history = Vec::new();
        }
    }

    fn noise_of_stable(&self) -> Option<Noise> {
        let steps = |apart: usize| -> Vec<f64> {
            let pairs = self.history.iter().zip(self.history.iter().skip(apart));
            let mut steps: Vec<f64> = pairs.map(|(one, other)| libm::fabs(one - other)).collect();
            steps.sort_unstable_by(f64::total_cmp);
            steps
        };
        let (one, two) = (steps(1), steps(2));
        // Where stable never moves, what is allowed is the only measure there is.
        let scale = (FROM_MEDIAN * median(&one)).max(libm::fabs(self.worse.less) / 4.0);
        let moved = |steps: &[f64]| {
            let kept = steps.get(..steps.len() - steps.len() / 10).unwrap_or(steps);
            kept.iter().map(|step| step * step).sum::<f64>() / kept.len().max(1) as f64
        };
        let ratio = moved(&two) / moved(&one);
        let found = if ratio.is_finite() { ratio - 1.0 } else { 0.0 };
        let caution = 1.0 / libm::sqrt(self.history.len() as f64);
        let r = (found + caution).clamp(0.0, LARGEST_DEPENDENCE);
        (scale > 0.0 && scale.is_finite()).then(|| Noise { scale, dependence: (1.0 + r) / (1.0 - r) })
    }

    pub(crate) fn known_of_stable(&self) -> usize {
        usize::from(self.kept)
    }

    pub(crate) fn is_judged(&self) -> bool {
        self.samples > 0
    }

    /// How many samples are worth one.
    pub(crate) fn dependence(&self) -> f64 {
        self.noise.map_or(1.0, |noise| noise.dependence)
    }

    /// Capital of the harm test.
    pub(crate) fn harm(&self) -> f64 {
        self.harm.total(Some(&SCALE))
    }

    /// Evidence for a pass, with its reserve.
    pub(crate) fn pass(&self) -> f64 {
        self.pass_reserve.left() + self.pass.total(Some(&SCALE))
    }

    pub(crate) fn passes(&self, needed: f64) -> bool {
        !self.rule.required || self.pass() >= needed
    }

    /// Middle values of canary and stable over what was judged.
    pub(crate) fn middles(&self) -> Option<(f64, f64)> {
        if self.samples == 0 {
            return None;
        }
        let of = |sum: f64| {
            let middle = sum / f64::from(self.samples);
            match self.rule.allowed {
                Allowed::Absolute(_) => middle,
                Allowed::Relative(_) => libm::exp(middle),
            }
        };
        Some((of(self.compared.0), of(self.compared.1)))
    }
}

/// Its square, and the sum of many, is a number.
const LARGEST_VALUE: f64 = 1e100;

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
