//! One metric: is the canary high, low, or neither? The bound on what counts is a share of the *estimated shift*, not of the
//! control's level; any shift that is significant passes it.

use super::rank::Ranked;
use crate::chance::Chance;

/// How a metric is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classifier {
    /// Share of the estimate that a confidence bound must exceed.
    pub tolerance: f64,
    /// Confidence of the interval, two-sided.
    pub confidence: f64,
    /// Which size of an effect is looked at.
    pub measure: Effect,
    /// An effect counts when it is at most the first or at least the second.
    pub counts: (f64, f64),
    /// It fails a critical metric when it is at most the first or at least the second.
    pub fails_critical: (f64, f64),
    /// Which direction is bad.
    pub direction: Direction,
    /// Whether a failure of the metric is one of the canary.
    pub critical: bool,
    /// Whether missing points count as zero, so that nothing at all is nothing bad.
    pub missing_is_zero: bool,
}

/// The size of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ratio of the means.
    MeanRatio,
    /// How often a value of the canary is above one of the control.
    CommonLanguage,
}

/// Which direction is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Higher values.
    Increase,
    /// Lower values.
    Decrease,
    /// Both.
    Either,
}

/// What a metric is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// No harm seen.
    Pass,
    /// The canary is higher.
    High,
    /// The canary is lower.
    Low,
    /// One side has no values.
    NoData,
    /// It could not be computed.
    Error,
}

/// What was found of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classification {
    /// The name of it.
    pub label: Label,
    /// Whether it fails the canary.
    pub critical: bool,
    /// Ratio of the means; not a number when one is zero.
    pub deviation: f64,
}

/// Noise for values that are all the same, relative.
const NOISE: f64 = 1e-5;

impl Classifier {
    /// As the judge sets it up: tolerance 0.25, confidence 98 %, ratio of means.
    #[must_use]
    pub fn of_the_judge(direction: Direction, counts: (f64, f64), critical: bool) -> Classifier {
        Classifier {
            tolerance: 0.25,
            confidence: 0.98,
            measure: Effect::MeanRatio,
            counts,
            fails_critical: (1.0, 1.0),
            direction,
            critical,
            missing_is_zero: false,
        }
    }

    /// Compares the points of the canary with those of the control.
    #[must_use]
    pub fn classify(&self, experiment: &[f64], control: &[f64]) -> Classification {
        let pass = Classification { label: Label::Pass, critical: false, deviation: 1.0 };
        if experiment.is_empty() || control.is_empty() {
            return match self.missing_is_zero {
                true => pass,
                false => Classification { label: Label::NoData, critical: self.critical, ..pass },
            };
        }
        if same(experiment, control) || all_equal(experiment.iter().chain(control)) {
            return pass;
        }
        if all_equal(experiment.iter()) && all_equal(control.iter()) {
            let mut chance = Chance::new("tied", 0);
            let mut noisy = |values: &[f64]| -> Vec<f64> {
                values.iter().map(|value| value + value * NOISE * chance.normal()).collect()
            };
            let (experiment, control) = (noisy(experiment), noisy(control));
            return self.compare(&experiment, &control);
        }
        self.compare(experiment, control)
    }

    fn compare(&self, experiment: &[f64], control: &[f64]) -> Classification {
        let deviation = mean_ratio(experiment, control);
        let effect = match self.measure {
            Effect::MeanRatio => deviation,
            Effect::CommonLanguage => common_language(experiment, control),
        };
        let Some(shift) = Ranked::new(experiment, control).shift(self.confidence) else {
            return Classification { label: Label::Error, critical: self.critical, deviation };
        };
        let bound = self.tolerance * shift.estimate.abs();
        let (down, up) = (self.direction != Direction::Increase, self.direction != Direction::Decrease);
        // An effect that has no size is not asked for it.
        let at_least = |bound: f64| effect.is_nan() || effect >= bound;
        let at_most = |bound: f64| effect.is_nan() || effect <= bound;
        let (label, critical) = if up && shift.low > bound && at_least(self.counts.1) {
            (Label::High, at_least(self.fails_critical.1))
        } else if down && shift.high < -bound && at_most(self.counts.0) {
            (Label::Low, at_most(self.fails_critical.0))
        } else {
            (Label::Pass, false)
        };
        Classification { label, critical: self.critical && critical, deviation }
    }
}

/// Mean of the experiment over mean of the control; not a number when one of them is zero.
#[must_use]
pub fn mean_ratio(experiment: &[f64], control: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (of_experiment, of_control) = (mean(experiment), mean(control));
    if of_experiment == 0.0 || of_control == 0.0 { f64::NAN } else { of_experiment / of_control }
}

/// How often a value of the experiment is above one of the control; ties count half.
#[must_use]
pub fn common_language(experiment: &[f64], control: &[f64]) -> f64 {
    let mut above = 0.0;
    for value in experiment {
        for other in control {
            above += if value > other { 1.0 } else { 0.5 * f64::from(u8::from(value == other)) };
        }
    }
    above / (experiment.len() * control.len()) as f64
}

fn same(experiment: &[f64], control: &[f64]) -> bool {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    experiment.len() == control.len() && sorted(experiment) == sorted(control)
}

fn all_equal<'a>(mut values: impl Iterator<Item = &'a f64>) -> bool {
    let first = values.next();
    values.all(|value| Some(value) == first)
}
