//! How soon a gate that died is started again: at once if it ran well, and ever more slowly if it dies at its start.

use std::time::Duration;
use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A gate that ran this long did not die of its start.
const RAN_WELL: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Pace {
    last_start: Option<Instant>,
    /// Starts in a row that came soon after the one before.
    hasty: u32,
}

impl Pace {
    pub(super) fn started(&mut self, now: Instant) {
        let pause = self.pause();
        self.hasty = match self.last_start {
            Some(last) if now.saturating_duration_since(last) < RAN_WELL + pause => self.hasty.saturating_add(1),
            Some(_) | None => 0,
        };
        self.last_start = Some(now);
    }

    /// How long the next start has to wait, if it has to.
    pub(super) fn pause_left(&self, now: Instant) -> Option<Duration> {
        let left = (self.last_start? + self.pause()).checked_duration_since(now)?;
        (!left.is_zero()).then_some(left)
    }

    fn pause(&self) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << self.hasty.min(16)).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_that_keeps_dying_is_started_ever_more_slowly() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..12 {
            pace.started(now);
            let pause = pace.pause_left(now).unwrap();
            pauses.push(pause);
            now += pause;
            assert_eq!(pace.pause_left(now), None);
        }
        assert_eq!(pauses[..3], [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]);
        assert_eq!(pauses[11], LONGEST_PAUSE);
    }

    #[test]
    fn one_that_ran_well_is_started_at_once() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.started(now);
        pace.started(now + Duration::from_secs(1));
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.pause_left(later), None);
        pace.started(later);
        assert_eq!(pace.pause_left(later), Some(FIRST_PAUSE));
    }
}
