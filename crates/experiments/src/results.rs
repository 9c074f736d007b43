//! From counts to what people are told.

use crate::conversion::{Converted, Dealt};
use crate::counts::{Counts, Moments, Sums, Tally};
use crate::interval::{Interval, side};
use crate::ratio::{self, Came};
use crate::{mean, words};
use flags::Weight;

/// An experiment as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The variant that the others are compared with.
    pub control: String,
    /// Each variant's weight and users.
    pub variants: Vec<(Weight, u64)>,
    /// Users who saw more than one variant.
    pub crossed: u64,
    /// How many times a user may have been counted.
    pub stretches: u32,
    /// Whether the users do not fit the split.
    pub mismatch: bool,
    /// The logarithm of the evidence for that.
    pub mismatch_log_evidence: f64,
    /// Each metric, in the order in which they were first told of.
    pub metrics: Vec<MetricResult>,
    /// It all, as a colleague would say it.
    pub sentence: String,
}

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricResult {
    /// Its name.
    pub name: String,
    /// Whether it is a rate of users; otherwise a mean over users.
    pub is_conversion: bool,
    /// The rate or mean of each variant, in the order of the variants; nothing of nobody.
    pub values: Vec<Option<f64>>,
    /// Each other variant against the control.
    pub comparisons: Vec<Comparison>,
}

/// One variant against the control.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The variant.
    pub variant: String,
    /// Its rate or mean less the control's.
    pub difference: Option<f64>,
    /// Where the true difference lies; nothing while there are too few users.
    pub interval: Option<Interval>,
    /// What may be concluded.
    pub decided: Decided,
    /// In words.
    pub sentence: String,
}

/// What may be concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// The variant's is higher.
    Higher,
    /// The variant's is lower.
    Lower,
    /// Neither is proved.
    Undecided,
    /// There are too few users to say anything.
    TooFew,
    /// The counts do not fit the split: nothing is to be concluded.
    Mistrusted,
}

/// No variant of the split has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariant;

impl Results {
    /// What the counts of a split say. The control is the split's first variant, unless another is named.
    ///
    /// # Errors
    /// The split does not give the variant that is named.
    pub fn of(weights: &[Weight], counts: &Counts, control: Option<&str>) -> Result<Self, UnknownVariant> {
        let base = match control {
            None => 0,
            Some(name) => weights.iter().position(|one| one.variant == name).ok_or(UnknownVariant)?,
        };
        let control = weights.get(base).ok_or(UnknownVariant)?.variant.clone();
        let users = |at: usize| counts.users.get(at).copied().unwrap_or(0);
        let came: Vec<Came> = weights
            .iter()
            .enumerate()
            .map(|(at, one)| Came { weight: f64::from(one.weight), users: users(at) })
            .collect();
        let mismatch = ratio::is_broken(&came, counts.stretches);
        let table = Table { weights, counts, base, mismatch };
        let mut results = Self {
            control,
            variants: weights.iter().enumerate().map(|(at, one)| (one.clone(), users(at))).collect(),
            crossed: counts.crossed,
            stretches: counts.stretches,
            mismatch,
            mismatch_log_evidence: ratio::log_evidence(&came, counts.stretches),
            metrics: counts.metrics.iter().map(|metric| table.metric(&metric.name, &metric.tally)).collect(),
            sentence: String::new(),
        };
        results.sentence = words::of(&results);
        Ok(results)
    }
}

struct Table<'c> {
    weights: &'c [Weight],
    counts: &'c Counts,
    base: usize,
    mismatch: bool,
}

impl Table<'_> {
    fn metric(&self, name: &str, tally: &Tally) -> MetricResult {
        let all = 0..self.weights.len();
        let mut result = MetricResult {
            name: name.to_string(),
            is_conversion: matches!(tally, Tally::Conversion(_)),
            values: all.clone().map(|at| self.moments(tally, at).mean()).collect(),
            comparisons: Vec::new(),
        };
        result.comparisons = all.filter(|at| *at != self.base).map(|at| self.compare(name, tally, at)).collect();
        result
    }

    fn compare(&self, name: &str, tally: &Tally, at: usize) -> Comparison {
        let (control, variant) = (self.moments(tally, self.base), self.moments(tally, at));
        let side = side(self.weights.len().saturating_sub(1));
        let interval = match tally {
            Tally::Conversion(_) => {
                self.dealt(&control, &variant, at).map(|d| d.difference(side, self.counts.stretches))
            }
            Tally::Mean(_) => mean::difference(&control, &variant, side, self.counts.stretches),
        };
        let difference = variant.mean().zip(control.mean()).map(|(variant, control)| variant - control);
        let mut comparison = Comparison {
            variant: self.name(at).to_string(),
            difference,
            decided: self.decided(interval.as_ref()),
            interval,
            sentence: String::new(),
        };
        let said =
            words::Said { metric: name, control: self.name(self.base), of_control: &control, of_variant: &variant };
        comparison.sentence = words::comparison(&said, matches!(tally, Tally::Conversion(_)), &comparison);
        comparison
    }

    fn decided(&self, interval: Option<&Interval>) -> Decided {
        match interval {
            _ if self.mismatch => Decided::Mistrusted,
            None => Decided::TooFew,
            Some(found) if found.low > 0.0 => Decided::Higher,
            Some(found) if found.high < 0.0 => Decided::Lower,
            Some(_) => Decided::Undecided,
        }
    }

    /// Nothing before somebody saw each of the two.
    fn dealt(&self, control: &Moments, variant: &Moments, at: usize) -> Option<Dealt> {
        let weight = |at: usize| self.weights.get(at).map_or(0.0, |one| f64::from(one.weight));
        let converted = |of: &Moments| Converted { users: of.users, converted: of.sum as u64 };
        let theta = weight(at) / (weight(at) + weight(self.base));
        let both = control.users > 0 && variant.users > 0;
        both.then(|| Dealt { control: converted(control), variant: converted(variant), theta })
    }

    fn moments(&self, tally: &Tally, at: usize) -> Moments {
        let sums = match tally {
            Tally::Conversion(all) => {
                let converted = all.get(at).copied().unwrap_or(0) as f64;
                Sums { sum: converted, sum_squares: converted }
            }
            Tally::Mean(all) => all.get(at).copied().unwrap_or_default(),
        };
        let users = self.counts.users.get(at).copied().unwrap_or(0);
        Moments { users, sum: sums.sum, sum_squares: sums.sum_squares }
    }

    fn name(&self, at: usize) -> &str {
        self.weights.get(at).map_or("", |one| one.variant.as_str())
    }
}
