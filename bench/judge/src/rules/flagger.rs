//! Flagger: each minute the share of successes and the 99th percentile are checked against fixed bounds, and the canary is
//! taken back when as many checks failed as the threshold says. A check without data fails.

use crate::minutes::Minute;
use crate::rules::WARM_UP;

/// `request-success-rate`, `request-duration` and `threshold`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flagger {
    /// At least this share must succeed.
    pub success: f64,
    /// The 99th percentile may be as much.
    pub p99_us: f64,
    /// So many failed checks take the canary back.
    pub threshold: u32,
}

impl Flagger {
    /// The number of the minute at whose end it takes the release back.
    #[must_use]
    pub fn takes_back(&self, minutes: &[Minute]) -> Option<usize> {
        let mut failed = 0;
        minutes.iter().position(|minute| {
            failed += u32::from(minute.age >= WARM_UP && self.fails(minute));
            failed >= self.threshold
        })
    }

    fn fails(&self, minute: &Minute) -> bool {
        match (minute.canary.error_rate(), minute.canary.quantile(0.99)) {
            (Some(errors), Some(p99_us)) => 1.0 - errors < self.success || p99_us > self.p99_us,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minutes::Tally;

    #[test]
    fn no_data_fails_as_a_bad_minute_does() {
        let rule = Flagger { success: 0.99, p99_us: 500_000.0, threshold: 5 };
        let silent = |age| {
            let (canary, stable, control) = (Tally::none(), Tally::none(), Tally::none());
            Minute { phase: 0, age, share: 0.05, covered: 1.0, canary, stable, control }
        };
        let minutes: Vec<Minute> = (0..10).map(silent).collect();
        assert_eq!(rule.takes_back(&minutes), Some(7));
        assert_eq!(rule.takes_back(&minutes[..7]), None);
    }
}
