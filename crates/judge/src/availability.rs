//! Whether the canary answers at all: probes decide what traffic cannot when there is next to none.

use serde::{Deserialize, Serialize};

use crate::settings::{Unsound, positive, within};

/// What the probes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reachability {
    /// The canary answers, or has not failed often enough to say otherwise.
    Fine,
    /// The canary does not answer, but neither does stable: not the canary's fault.
    Shared,
    /// The canary does not answer, and stable does.
    Unavailable,
}

/// A cumulative-sum test over paired probes. With `N` probes expected and a false-alarm probability `alpha` over
/// all of them, alarm at `S >= ln(N/alpha)`, where `S = max(0, S + step)`; at 5 s, 3.5 h and 0.1 % that is four
/// failures in a row. `P(false alarm in N probes) <= N e^-h`, as a CUSUM never exceeds Shiryaev-Roberts.
#[derive(Clone, Debug, PartialEq)]
pub struct Availability {
    threshold: f64,
    /// Failures of the canary, whatever stable did.
    down: f64,
    /// Failures of the canary while stable did not fail.
    blamed: f64,
}

/// A healthy service fails 1 probe in 100, a dead one 9 in 10: `ln(0.9/0.01)`.
const FAILED: f64 = 4.499_809_670_330_265;
/// `ln(0.1/0.99)`.
const ANSWERED: f64 = -2.292_534_757_140_544;

impl Availability {
    /// A test for `probes_expected` probes that falsely alarms with probability `alpha` at most.
    ///
    /// # Errors
    /// When no probe is expected or `alpha` is not a small probability.
    pub fn new(probes_expected: u32, alpha: f64) -> Result<Availability, Unsound> {
        positive("availability.probes_expected", i64::from(probes_expected))?;
        within("availability.alpha", alpha, 1e-12, 0.5)?;
        let threshold = libm::log(f64::from(probes_expected) / alpha);
        Ok(Availability { threshold, down: 0.0, blamed: 0.0 })
    }

    /// Takes one probe of the canary and, if there was one at the same time, of stable.
    pub fn probe(&mut self, canary_ok: bool, stable_ok: Option<bool>) -> Reachability {
        let step = if canary_ok { ANSWERED } else { FAILED };
        self.down = self.clamped(self.down + step);
        let both_failed = !canary_ok && stable_ok == Some(false);
        if !both_failed {
            self.blamed = self.clamped(self.blamed + step);
        }
        self.reachability()
    }

    /// What the probes so far show.
    #[must_use]
    pub fn reachability(&self) -> Reachability {
        if self.blamed >= self.threshold {
            Reachability::Unavailable
        } else if self.down >= self.threshold {
            Reachability::Shared
        } else {
            Reachability::Fine
        }
    }

    /// Held at one failure above the threshold, so that a long outage is forgiven after a few answers.
    fn clamped(&self, sum: f64) -> f64 {
        sum.clamp(0.0, self.threshold + FAILED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard() -> Availability {
        Availability::new(2_520, 0.001).unwrap()
    }

    fn after(probes: &[(bool, Option<bool>)]) -> Reachability {
        let mut availability = standard();
        probes.iter().fold(Reachability::Fine, |_, &(canary, stable)| availability.probe(canary, stable))
    }

    #[test]
    fn four_failures_in_a_row_are_an_outage_and_three_are_not() {
        let failed = (false, Some(true));
        assert_eq!(after(&[failed; 3]), Reachability::Fine);
        assert_eq!(after(&[failed; 4]), Reachability::Unavailable);
        assert_eq!(after(&[(false, None); 4]), Reachability::Unavailable);
    }

    #[test]
    fn an_outage_of_both_blames_nobody_until_stable_is_back() {
        let mut availability = standard();
        for _ in 0..200 {
            assert_ne!(availability.probe(false, Some(false)), Reachability::Unavailable);
        }
        assert_eq!(availability.reachability(), Reachability::Shared);
        for _ in 0..3 {
            assert_eq!(availability.probe(false, Some(true)), Reachability::Shared);
        }
        assert_eq!(availability.probe(false, Some(true)), Reachability::Unavailable);
    }

    #[test]
    fn a_long_outage_is_forgiven_after_a_few_answers() {
        let mut availability = standard();
        (0..500).for_each(|_| _ = availability.probe(false, Some(true)));
        let answers = (1..).find(|_| availability.probe(true, Some(true)) == Reachability::Fine);
        assert!(answers <= Some(3), "{answers:?}");
    }

    #[test]
    fn the_steps_are_the_log_likelihood_ratios() {
        assert!((FAILED - libm::log(0.9 / 0.01)).abs() < 1e-15);
        assert!((ANSWERED - libm::log(0.1 / 0.99)).abs() < 1e-15);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Availability::new(0, 0.001).is_err());
        assert!(Availability::new(100, f64::NAN).is_err());
        assert!(Availability::new(100, 0.0).is_err());
    }
}
