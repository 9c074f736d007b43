//! Argo Rollouts: a measurement at a time is a success or a failure by a fixed condition, and one failure more than the
//! limit aborts the rollout (`failureLimit`; with `consecutive` a success forgives those before it). A measurement
//! without data is neither.

use crate::minutes::{Minute, Tally};
use crate::rules::WARM_UP;

/// A condition and how often it may fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// What fails a measurement.
    pub bounds: Bounds,
    /// Minutes that a measurement covers; the next begins where it ends.
    pub window: usize,
    /// So many failures are forgiven.
    pub failure_limit: u32,
    /// Whether they must follow one another.
    pub consecutive: bool,
}

/// What fails a measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// The canary is beyond a bound, whatever stable does.
    Absolute {
        /// Share of requests that fail.
        errors: f64,
        /// The 99th percentile.
        p99_us: f64,
    },
    /// The canary is worse than stable by more than this.
    Relative {
        /// Difference of the shares that fail.
        errors: f64,
        /// Ratio of the 95th percentiles.
        p95: f64,
    },
}

impl Thresholds {
    /// The number of the minute at whose end the rollout is aborted.
    #[must_use]
    pub fn takes_back(&self, minutes: &[Minute]) -> Option<usize> {
        let mut failures = 0;
        let ends = (self.window.max(1) - 1..minutes.len()).step_by(self.window.max(1));
        for end in ends {
            let window = &minutes[end + 1 - self.window.max(1)..=end];
            if (minutes[end].age as usize) < WARM_UP as usize + window.len() - 1 {
                continue;
            }
            match self.bounds.fails(window) {
                Some(true) => failures += 1,
                Some(false) if self.consecutive => failures = 0,
                Some(false) | None => {}
            }
            if failures > self.failure_limit {
                return Some(end);
            }
        }
        None
    }
}

impl Bounds {
    /// Nothing when there is no data to compare.
    fn fails(self, window: &[Minute]) -> Option<bool> {
        let canary = sum(window, |minute| &minute.canary);
        match self {
            Bounds::Absolute { errors, p99_us } => {
                Some(canary.error_rate()? > errors || canary.quantile(0.99)? > p99_us)
            }
            Bounds::Relative { errors, p95 } => {
                let stable = sum(window, |minute| &minute.stable);
                let more = canary.error_rate()? - stable.error_rate()?;
                Some(more > errors || canary.quantile(0.95)? > p95 * stable.quantile(0.95)?)
            }
        }
    }
}

fn sum(window: &[Minute], of: impl Fn(&Minute) -> &Tally) -> Tally {
    let mut sum = Tally::none();
    window.iter().for_each(|minute| sum.merge(of(minute)));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use judge::Arm;

    fn minute(age: u32, errors: u64) -> Minute {
        let tally = |errors| {
            let mut arm = Arm { requests: 1_000, errors, ..Arm::default() };
            arm.latency.add(500, 1_000);
            let mut tally = Tally::none();
            tally.add(&arm);
            tally
        };
        let (canary, stable, control) = (tally(errors), tally(1), tally(1));
        Minute { phase: 0, age, share: 0.05, covered: 1.0, canary, stable, control }
    }

    fn minutes(errors: &[u64]) -> Vec<Minute> {
        errors.iter().zip(0..).map(|(&errors, age)| minute(age, errors)).collect()
    }

    #[test]
    fn the_fourth_failure_aborts_and_the_first_minutes_do_not_count() {
        let bounds = Bounds::Absolute { errors: 0.01, p99_us: 1e9 };
        let rule = Thresholds { bounds, window: 1, failure_limit: 3, consecutive: false };
        assert_eq!(rule.takes_back(&minutes(&[20; 10])), Some(6));
        assert_eq!(rule.takes_back(&minutes(&[20, 20, 20, 20, 0, 20, 0, 20, 0, 20])), Some(9));
        let consecutive = Thresholds { consecutive: true, ..rule };
        assert_eq!(consecutive.takes_back(&minutes(&[20, 20, 20, 20, 20, 20, 0, 20, 20, 20])), None);
        assert_eq!(rule.takes_back(&minutes(&[10; 60])), None, "10 of 1,000 is at the bound, not beyond it");
    }

    #[test]
    fn a_window_of_five_is_one_measurement() {
        let bounds = Bounds::Relative { errors: 0.001, p95: 1.1 };
        let rule = Thresholds { bounds, window: 5, failure_limit: 0, consecutive: false };
        assert_eq!(rule.takes_back(&minutes(&[9; 20])), Some(9));
        assert_eq!(rule.takes_back(&minutes(&[1; 60])), None);
    }
}
