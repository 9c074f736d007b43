//! What is kept of an experiment: sums per variant and metric. No user can be found in it.

use serde::{Deserialize, Serialize};

/// How many metrics an experiment has at most. The first that are told of are taken.
pub const MOST_METRICS: usize = 20;

/// Everything that was counted since the experiment began to be counted this way. Stored for years: a field is added with a
/// default, and none is renamed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Users of each variant, in the order of the split.
    pub users: Vec<u64>,
    /// Users who saw more than one variant; they are in no other number.
    pub crossed: u64,
    /// How many times the one who counts forgot its users, and once more: so many times a user may be counted.
    pub stretches: u32,
    /// When something was counted last, in milliseconds since 1970.
    pub at_ms: i64,
    /// In the order in which they were first told of.
    pub metrics: Vec<Metric>,
}

/// What users did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// The sums.
    pub tally: Tally,
}

/// Sums of each variant, in the order of the split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tally {
    /// How many users did it at least once.
    Conversion(Vec<u64>),
    /// What the values of each user add up to.
    Mean(Vec<Sums>),
}

/// The sum over users of what their values add up to, and the sum of the squares of that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// The sum.
    pub sum: f64,
    /// The sum of squares.
    pub sum_squares: f64,
}

/// Enough for the mean and the variance of what a variant's users did; who did nothing did 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// How many.
    pub users: u64,
    /// The sum.
    pub sum: f64,
    /// The sum of squares.
    pub sum_squares: f64,
}

impl Counts {
    pub(crate) fn of(variants: usize) -> Self {
        Self { users: vec![0; variants], stretches: 1, ..Self::default() }
    }

    /// Whether these can be the counts of a split into so many variants.
    #[must_use]
    pub fn fit(&self, variants: usize) -> bool {
        let fits = |metric: &Metric| match &metric.tally {
            Tally::Conversion(all) => {
                all.len() == variants && all.iter().zip(&self.users).all(|(converted, users)| converted <= users)
            }
            Tally::Mean(all) => {
                all.len() == variants && all.iter().all(|one| one.sum.is_finite() && one.sum_squares.is_finite())
            }
        };
        self.users.len() == variants && self.metrics.len() <= MOST_METRICS && self.metrics.iter().all(fits)
    }
}

impl Sums {
    /// A user's values added up to `before`, and add up to `after` now.
    pub(crate) fn change(&mut self, before: f64, after: f64) {
        self.sum += after - before;
        // Rounding must not leave a sum of squares below zero when all that it held is taken away.
        self.sum_squares = (self.sum_squares + after * after - before * before).max(0.0);
    }
}

impl Moments {
    /// The mean; nothing of nobody.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let mean = self.sum / self.users as f64;
        (self.users > 0 && mean.is_finite()).then_some(mean)
    }

    /// The unbiased variance; nothing of fewer than two.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let n = self.users as f64;
        let variance = (self.sum_squares - self.sum * self.sum / n) / (n - 1.0);
        (self.users > 1 && variance.is_finite()).then(|| variance.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_values() {
        let values = [3.0, 0.0, 4.5, 1.0];
        let moments =
            Moments { users: 4, sum: values.iter().sum(), sum_squares: values.iter().map(|v| v * v).sum::<f64>() };
        assert_eq!(moments.mean(), Some(2.125));
        assert!((moments.variance().unwrap() - 4.0625).abs() < 1e-12);
        assert_eq!(Moments::default().mean(), None);
        assert_eq!(Moments { users: 1, sum: 2.0, sum_squares: 4.0 }.variance(), None);
    }

    #[test]
    fn the_stored_form_is_fixed() {
        let counts = Counts {
            users: vec![2, 1],
            crossed: 1,
            stretches: 1,
            at_ms: 5,
            metrics: vec![
                Metric { name: "signup".into(), tally: Tally::Conversion(vec![1, 0]) },
                Metric { name: "spent".into(), tally: Tally::Mean(vec![Sums { sum: 1.5, sum_squares: 2.25 }; 2]) },
            ],
        };
        let text = r#"{"users":[2,1],"crossed":1,"stretches":1,"at_ms":5,"metrics":[{"name":"signup","tally":{"conversion":[1,0]}},{"name":"spent","tally":{"mean":[{"sum":1.5,"sum_squares":2.25},{"sum":1.5,"sum_squares":2.25}]}}]}"#;
        assert_eq!(serde_json::to_string(&counts).unwrap(), text);
        assert_eq!(serde_json::from_str::<Counts>(text).unwrap(), counts);
        assert!(counts.fit(2) && !counts.fit(3));
    }
}
