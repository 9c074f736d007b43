//! Evidence that a sum drifts upwards, by a mixture of normal bets, with fresh capital from time to time.
//!
//! For a sum `S` of deviations with variance `V` (and `V` at which it is sharpest set by `rho`), the one-sided mixture is
//! ```text
//! log m = ½ ln(4 rho / (V + rho)) + S² / (2 (V + rho)) + ln Phi(S / sqrt(V + rho))
//! ```
//! (Howard, Ramdas, McAuliffe, Sekhon, arXiv 1810.08240, Proposition 5). A drift that begins late would have to make up for
//! all that came before; so there are a few courses, each with sums of its own, and the poorest makes room for a new one.

use alloc::vec::Vec;

use crate::exact::state;
use crate::wealth::LARGEST_LOG;

/// Courses at the same time.
const MOST_COURSES: usize = 6;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Courses {
    /// Capital that is on no course.
    cash: f64,
    courses: Vec<Course>,
}

state!(Courses { cash, courses } sound |read| read.courses.len() <= MOST_COURSES);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Course {
    since_ms: i64,
    capital: f64,
    sums: Sums,
}

state!(Course { since_ms, capital, sums });

/// A sum of deviations and the parts of its variance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) drift: f64,
    pub(crate) spread: [f64; 2],
}

state!(Sums { drift, spread });

/// What the parts of the variance are worth, and where the mixture is sharpest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) of: [f64; 2],
    pub(crate) rho: f64,
}

impl Sums {
    pub(crate) fn add(&mut self, more: &Sums) {
        self.drift += more.drift;
        self.spread[0] += more.spread[0];
        self.spread[1] += more.spread[1];
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.drift.is_finite() && self.spread.iter().all(|part| part.is_finite())
    }

    pub(crate) fn variance(&self, scale: &Scale) -> f64 {
        self.spread[0] * scale.of[0] + self.spread[1] * scale.of[1]
    }
}

impl Courses {
    pub(crate) fn fund(&mut self, amount: f64) {
        self.cash += amount;
    }

    /// Begins a course with all cash, if there is some and the latest course is `every_ms` old.
    pub(crate) fn begin(&mut self, now_ms: i64, every_ms: i64, scale: Option<&Scale>) {
        let latest = self.courses.iter().map(|course| course.since_ms).max();
        if self.cash <= 0.0 || latest.is_some_and(|latest| now_ms < latest.saturating_add(every_ms)) {
            return;
        }
        if self.courses.len() >= MOST_COURSES {
            let worth = self.courses.iter().map(|course| course.worth(scale)).enumerate();
            if let Some((at, worth)) = worth.min_by(|a, b| a.1.total_cmp(&b.1)) {
                self.courses.remove(at);
                self.cash += worth;
            }
        }
        let capital = core::mem::take(&mut self.cash);
        self.courses.push(Course { since_ms: now_ms, capital, sums: Sums::default() });
    }

    pub(crate) fn take(&mut self, more: &Sums) {
        for course in &mut self.courses {
            course.sums.add(more);
        }
    }

    /// What it is all worth; at face value while there is no scale.
    pub(crate) fn total(&self, scale: Option<&Scale>) -> f64 {
        self.cash + self.courses.iter().map(|course| course.worth(scale)).sum::<f64>()
    }
}

impl Course {
    fn worth(&self, scale: Option<&Scale>) -> f64 {
        let Some(scale) = scale else {
            return self.capital;
        };
        let log = log_mixture(self.sums.drift, self.sums.variance(scale), scale.rho);
        if log.is_finite() { self.capital * libm::exp(log.min(LARGEST_LOG)) } else { 0.0 }
    }
}

pub(crate) fn log_mixture(sum: f64, variance: f64, rho: f64) -> f64 {
    let all = variance + rho;
    0.5 * libm::log(4.0 * rho / all) + half_square_and_log_phi(sum / libm::sqrt(all))
}

/// `x²/2 + ln Phi(x)`, also where `Phi(x)` is too small for a number.
fn half_square_and_log_phi(x: f64) -> f64 {
    if x > FAR_BELOW {
        return 0.5 * x * x + libm::log(0.5 * libm::erfc(-x * core::f64::consts::FRAC_1_SQRT_2));
    }
    let y = 1.0 / (x * x);
    let series = 1.0 - y * (1.0 - y * (3.0 - y * 15.0));
    libm::log(series / (-x * SQRT_TAU))
}

const FAR_BELOW: f64 = -30.0;
const SQRT_TAU: f64 = 2.506_628_274_631_000_5;

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale { of: [1.0, 0.0], rho: 4.0 };

    #[test]
    fn both_forms_meet_far_below() {
        let (above, below) = (half_square_and_log_phi(FAR_BELOW + 1e-9), half_square_and_log_phi(FAR_BELOW - 1e-9));
        assert!((above - below).abs() < 1e-9, "{above} {below}");
        assert!(half_square_and_log_phi(-1e200).is_finite() || half_square_and_log_phi(-1e200) < -100.0);
    }

    #[test]
    fn it_begins_at_one_and_capital_is_never_made() {
        assert!(log_mixture(0.0, 0.0, 4.0).abs() < 1e-12);
        let mut courses = Courses::default();
        for number in 0..20 {
            courses.fund(0.04);
            courses.begin(number * 1_000, 1_000, Some(&SCALE));
            assert!(courses.courses.len() <= MOST_COURSES);
            assert!((courses.total(Some(&SCALE)) - 0.04 * (number + 1) as f64).abs() < 1e-9);
        }
    }

    /// The mean of the mixture over a normal sum of any variance is 1.
    #[test]
    fn its_expectation_is_one() {
        for variance in [0.5, 4.0, 60.0] {
            let deviation = libm::sqrt(variance);
            let steps = 200_000;
            let mean: f64 = (0..steps)
                .map(|step| {
                    let z = -40.0 + 80.0 * (f64::from(step) + 0.5) / f64::from(steps);
                    let log = log_mixture(z * deviation, variance, 4.0) - 0.5 * z * z;
                    libm::exp(log) / SQRT_TAU * 80.0 / f64::from(steps)
                })
                .sum();
            assert!((mean - 1.0).abs() < 1e-3, "{variance}: {mean}");
        }
    }

    #[test]
    fn a_late_drift_is_met_by_a_fresh_course() {
        let mut courses = Courses::default();
        for number in 0..400_i64 {
            courses.fund(0.0025);
            courses.begin(number * 1_000, 60_000, Some(&SCALE));
            let drift = if number < 300 { -1.0 } else { 1.0 };
            courses.take(&Sums { drift, spread: [1.0, 0.0] });
        }
        assert!(courses.total(Some(&SCALE)) > 1e6);
    }
}
