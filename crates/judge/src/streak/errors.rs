//! "Errors above a bound for some minutes in a row."

use super::Standing;
use super::guard::{ErrorGuard, GUARD_NEEDED, Past, against};
use super::run::{Run, Window, Windows};
use crate::e1::{Pair, Tilt};
use crate::exact::state;
use crate::grid::{ERROR_GUARD, guard_part};
use crate::incident::Stake;
use crate::settings::ErrorStreak;
use crate::verdict::StreakReading;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorWatch {
    rule: ErrorStreak,
    windows: Windows,
    run: Run,
    guard: ErrorGuard,
    /// The window that is being filled.
    window: Pair,
    reading: StreakReading,
    pub(crate) standing: Standing,
}

state!(ErrorWatch { windows, run, guard, window, reading, standing } made { rule });

/// What a block brings.
pub(crate) struct ErrorBlock<'a> {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) pair: Pair,
    /// The same with each user counted once.
    pub(crate) stake: Stake<'a>,
    /// Missing when an arm was idle.
    pub(crate) tilts: Option<&'a [Tilt; 9]>,
    pub(crate) phi: f64,
    pub(crate) past: Past,
}

impl ErrorWatch {
    pub(crate) fn new(rule: ErrorStreak) -> ErrorWatch {
        let run = Run::new(rule.windows);
        ErrorWatch {
            windows: Windows::new(rule.window_ms),
            guard: ErrorGuard::fresh(),
            window: Pair::default(),
            reading: StreakReading::before_the_first(rule.windows),
            standing: Standing::Quiet,
            run,
            rule,
        }
    }

    pub(crate) fn take(&mut self, block: &ErrorBlock<'_>) {
        let ended = self.windows.ended_before(block.from_ms);
        for _ in 0..ended.min(LONGEST_GAP) {
            self.close(block);
        }
        self.guard.take(&block.pair, block.tilts.map(guard_part), &block.stake);
        self.window.add(&block.pair);
        if self.windows.ends_by(block.to_ms) {
            self.close(block);
        }
    }

    pub(crate) fn reading(&self) -> StreakReading {
        self.reading
    }

    fn close(&mut self, block: &ErrorBlock<'_>) {
        let window = core::mem::take(&mut self.window);
        if !self.run.goes_on(self.shown_by(&window)) {
            self.guard = ErrorGuard::fresh();
        }
        let seen = self.guard.seen;
        let enough = self.rule.min_samples as f64;
        let concurrent = seen.stable >= enough || seen.canary <= 0.0;
        let guard = if concurrent {
            self.guard.concurrent()
        } else if block.past.requests >= enough {
            against(&seen, block.past, &ERROR_GUARD, block.phi)
        } else {
            1.0
        };
        self.reading = StreakReading { windows: self.run.breaches, guard, concurrent, ..self.reading };
        let stable_breaches = concurrent && seen.stable_bad > self.rule.above * seen.stable;
        self.standing = match (self.run.complete(), guard >= GUARD_NEEDED, stable_breaches) {
            (false, _, _) | (true, false, false) => Standing::Quiet,
            (true, true, _) => Standing::Fired,
            (true, false, true) => Standing::Shared,
        };
    }

    fn shown_by(&self, window: &Pair) -> Window {
        if window.canary < self.rule.min_samples.max(1) as f64 {
            Window::Unknown
        } else if window.canary_bad > self.rule.above * window.canary {
            Window::Breach
        } else {
            Window::Clear
        }
    }
}

/// A gap of more windows than this has ended every run.
const LONGEST_GAP: u64 = 4;

impl StreakReading {
    pub(crate) fn before_the_first(windows_needed: u32) -> StreakReading {
        StreakReading { windows: 0, windows_needed, guard: 1.0, guard_needed: GUARD_NEEDED, concurrent: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::HARM_ERRORS;

    const MINUTE: i64 = 60_000;

    fn watch() -> ErrorWatch {
        ErrorWatch::new(ErrorStreak { above: 0.01, windows: 5, window_ms: MINUTE, min_samples: 50 })
    }

    /// A minute of traffic, in blocks of ten seconds.
    fn minute(watch: &mut ErrorWatch, number: i64, pair: Pair, past: Past) -> Standing {
        let sixth = Pair {
            canary: pair.canary / 6.0,
            canary_bad: pair.canary_bad / 6.0,
            stable: pair.stable / 6.0,
            stable_bad: pair.stable_bad / 6.0,
        };
        let tilts = pair.ratio().map(|rho| Tilt::each(&HARM_ERRORS, rho));
        for from_ms in (0..6).map(|block| number * MINUTE + block * MINUTE / 6) {
            watch.take(&ErrorBlock {
                from_ms,
                to_ms: from_ms + MINUTE / 6,
                pair: sixth,
                stake: Stake { from_ms, pair: &sixth, incident_ms: 20_000, steady: false },
                tilts: tilts.as_ref(),
                phi: 1.0,
                past,
            });
        }
        watch.standing
    }

    const NO_PAST: Past = Past { requests: 0.0, bad: 0.0 };
    const BAD: Pair = Pair { canary: 1_000.0, canary_bad: 50.0, stable: 3_000.0, stable_bad: 3.0 };
    const GOOD: Pair = Pair { canary: 1_000.0, canary_bad: 1.0, stable: 3_000.0, stable_bad: 3.0 };
    const BOTH: Pair = Pair { canary: 1_000.0, canary_bad: 50.0, stable: 3_000.0, stable_bad: 150.0 };

    #[test]
    fn it_fires_with_the_fifth_minute_and_not_before() {
        let mut watch = watch();
        let story: [Standing; 5] = core::array::from_fn(|i| minute(&mut watch, i as i64, BAD, NO_PAST));
        assert_eq!(story, [Standing::Quiet, Standing::Quiet, Standing::Quiet, Standing::Quiet, Standing::Fired]);
    }

    #[test]
    fn a_clear_minute_begins_the_count_again() {
        let mut watch = watch();
        (0..4).for_each(|i| _ = minute(&mut watch, i, BAD, NO_PAST));
        minute(&mut watch, 4, GOOD, NO_PAST);
        assert!((5..9).all(|i| minute(&mut watch, i, BAD, NO_PAST) == Standing::Quiet));
        assert_eq!(minute(&mut watch, 9, BAD, NO_PAST), Standing::Fired);
    }

    /// Minutes with too few requests neither count nor begin the count again, until the third in a row.
    #[test]
    fn unknown_minutes_are_stepped_over_twice_and_not_three_times() {
        const FEW: Pair = Pair { canary: 49.0, canary_bad: 0.0, stable: 3_000.0, stable_bad: 3.0 };
        let last = |story: &[Pair]| {
            let mut watch = watch();
            (0..).zip(story).map(|(number, pair)| minute(&mut watch, number, *pair, NO_PAST)).last()
        };
        assert_eq!(last(&[BAD, BAD, FEW, FEW, BAD, FEW, BAD, BAD]), Some(Standing::Fired));
        assert_eq!(last(&[BAD, BAD, FEW, FEW, FEW, BAD, BAD, BAD, BAD]), Some(Standing::Quiet));
    }

    #[test]
    fn a_shared_outage_is_shared() {
        let mut watch = watch();
        let last = (0..30).map(|i| minute(&mut watch, i, BOTH, NO_PAST)).last();
        assert_eq!(last, Some(Standing::Shared));
        assert!(watch.reading().guard < GUARD_NEEDED);
    }

    #[test]
    fn a_gap_ends_the_run() {
        let mut watch = watch();
        (0..4).for_each(|i| _ = minute(&mut watch, i, BAD, NO_PAST));
        assert_eq!(minute(&mut watch, 60, BAD, NO_PAST), Standing::Quiet);
        assert_eq!(watch.reading().windows, 1);
    }

    #[test]
    fn without_stable_traffic_its_past_is_the_measure() {
        let alone = Pair { stable: 0.0, stable_bad: 0.0, ..BAD };
        let past = Past { requests: 80_000.0, bad: 80.0 };
        let mut watch = watch();
        let last = (0..5).map(|i| minute(&mut watch, i, alone, past)).last();
        assert_eq!(last, Some(Standing::Fired));
        assert!(!watch.reading().concurrent);
        let mut unknown = self::watch();
        assert!((0..20).all(|i| minute(&mut unknown, i, alone, NO_PAST) == Standing::Quiet));
    }
}
