//! The Mann-Whitney test of two samples, for a whole range of shifts between them: the shifts that it does not reject are
//! the confidence interval, the one that it likes best the estimate.

use super::root::{At, zero};

/// Two samples in order.
#[derive(Clone, Debug)]
pub struct Ranked {
    experiment: Vec<f64>,
    control: Vec<f64>,
}

/// By how much the experiment lies above the control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// The median of the differences of all pairs, as far as the solver finds it.
    pub estimate: f64,
}

impl Ranked {
    /// Of two samples that are not empty.
    #[must_use]
    pub fn new(experiment: &[f64], control: &[f64]) -> Ranked {
        let sorted = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_by(f64::total_cmp);
            values
        };
        Ranked { experiment: sorted(experiment), control: sorted(control) }
    }

    /// The standardised rank sum of the experiment moved down by `shift`, less `quantile`; nothing when all values are
    /// tied.
    #[must_use]
    pub fn deviate(&self, shift: f64, quantile: f64) -> Option<f64> {
        let (n, k) = (self.experiment.len() as f64, self.control.len() as f64);
        let (mut of_experiment, mut ties, mut ranked) = (0.0, 0.0, 0);
        let (mut left, mut right) = (0, 0);
        while left < self.experiment.len() || right < self.control.len() {
            let moved = self.experiment.get(left).map(|value| value - shift);
            let value = match (moved, self.control.get(right)) {
                (Some(moved), Some(&control)) => moved.min(control),
                (Some(value), None) | (None, Some(&value)) => value,
                (None, None) => break,
            };
            let of_left = self.experiment[left..].iter().take_while(|other| **other - shift == value).count();
            let of_right = self.control[right..].iter().take_while(|other| **other == value).count();
            let tied = of_left + of_right;
            if tied == 0 {
                return None;
            }
            let middle = ranked as f64 + (tied as f64 + 1.0) / 2.0;
            of_experiment += middle * of_left as f64;
            ties += (tied as f64).powi(3) - tied as f64;
            (left, right, ranked) = (left + of_left, right + of_right, ranked + tied);
        }
        let centred = of_experiment - n * (n + 1.0) / 2.0 - n * k / 2.0;
        let continuity = if centred == 0.0 { 0.0 } else { 0.5 * centred.signum() };
        let variance = n * k / 12.0 * (n + k + 1.0 - ties / ((n + k) * (n + k - 1.0)));
        let deviation = libm::sqrt(variance);
        (deviation > 0.0).then(|| (centred - continuity) / deviation - quantile)
    }

    /// The interval of the given confidence, and the estimate; nothing when all values are tied.
    #[must_use]
    pub fn shift(&self, confidence: f64) -> Option<Shift> {
        let quantile = normal_quantile((1.0 - confidence) / 2.0);
        Some(Shift {
            low: self.bound(-quantile)?,
            high: self.bound(quantile)?,
            estimate: {
                let (from, to) = self.ends(0.0)?;
                zero(from, to, |shift| self.deviate(shift, 0.0))?
            },
        })
    }

    fn bound(&self, quantile: f64) -> Option<f64> {
        let (from, to) = self.ends(quantile)?;
        if from.y <= 0.0 {
            return Some(from.x);
        }
        if to.y >= 0.0 {
            return Some(to.x);
        }
        zero(from, to, |shift| self.deviate(shift, quantile))
    }

    fn ends(&self, quantile: f64) -> Option<(At, At)> {
        let low = self.experiment.first()? - self.control.last()?;
        let high = self.experiment.last()? - self.control.first()?;
        Some((At { x: low, y: self.deviate(low, quantile)? }, At { x: high, y: self.deviate(high, quantile)? }))
    }
}

/// The standard normal quantile of `p`, by Newton's method.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let mut z = 0.0;
    for _ in 0..60 {
        let below = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        let density = libm::exp(-0.5 * z * z) / libm::sqrt(std::f64::consts::TAU);
        // Far out Newton's step overshoots; a bounded one comes back.
        z -= ((below - p) / density).clamp(-0.5, 0.5);
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_known_ones() {
        for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_984_540_054), (0.01, -2.326_347_874_040_841)] {
            assert!((normal_quantile(p) - z).abs() < 1e-12, "{p}");
        }
    }

    #[test]
    fn a_shift_is_found() {
        let control: Vec<f64> = (0..40).map(|at| f64::from(at * 37 % 40)).collect();
        let experiment: Vec<f64> = control.iter().map(|value| value + 7.3).collect();
        let shift = Ranked::new(&experiment, &control).shift(0.98).unwrap();
        assert!((shift.estimate - 7.3).abs() < 0.6, "{shift:?}");
        assert!(shift.low < 7.3 && 7.3 < shift.high && shift.low > 0.0, "{shift:?}");
    }

    #[test]
    fn what_is_all_tied_has_no_shift() {
        assert_eq!(Ranked::new(&[1.0, 1.0], &[1.0, 1.0]).deviate(0.0, 0.0), None);
    }
}
