//! "Slower than stable by some factor for some minutes in a row." A slowdown of both arms is no breach, since the rule
//! compares them; hence this trigger never finds a shared one.

use super::Standing;
use super::guard::{GUARD_NEEDED, Guard, Past, against};
use super::run::{Run, Window, Windows};
use crate::e1::{Pair, Tilt};
use crate::exact::state;
use crate::grid::{LATENCY_GUARD, guard_part};
use crate::recent::Recent;
use crate::settings::LatencyStreak;
use crate::sketch::{Histogram, Row};
use crate::verdict::StreakReading;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LatencyWatch {
    pub(crate) rule: LatencyStreak,
    /// Differences up to this never breach.
    floor_us: f64,
    windows: Windows,
    run: Run,
    guard: Guard,
    /// The window that is being filled.
    canary: Row,
    stable: Row,
    reading: StreakReading,
    pub(crate) standing: Standing,
}

state!(LatencyWatch { windows, run, guard, canary, stable, reading, standing } made { rule, floor_us });

/// What a block brings.
pub(crate) struct LatencyBlock<'a> {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) canary: &'a Histogram,
    pub(crate) stable: &'a Histogram,
    /// Requests slower than stable's recent quantile, the same level for both arms; none while it is unknown.
    pub(crate) pair: Pair,
    /// Missing when an arm was idle.
    pub(crate) tilts: Option<&'a [Tilt; 7]>,
    pub(crate) recent: &'a Recent,
    /// The bucket of that level.
    pub(crate) level: Option<u16>,
}

impl LatencyWatch {
    pub(crate) fn new(rule: LatencyStreak, floor_us: u64) -> LatencyWatch {
        LatencyWatch {
            windows: Windows::new(rule.window_ms),
            run: Run::new(rule.windows),
            guard: Guard::fresh(),
            canary: Row::default(),
            stable: Row::default(),
            reading: StreakReading::before_the_first(rule.windows),
            standing: Standing::Quiet,
            floor_us: floor_us as f64,
            rule,
        }
    }

    pub(crate) fn take(&mut self, block: &LatencyBlock<'_>) {
        let ended = self.windows.ended_before(block.from_ms);
        for _ in 0..ended.min(LONGEST_GAP) {
            self.close(block);
        }
        self.guard.take(&block.pair, block.tilts.map(guard_part), 1.0);
        self.canary.add(block.canary, 1.0);
        self.stable.add(block.stable, 1.0);
        if self.windows.ends_by(block.to_ms) {
            self.close(block);
        }
    }

    pub(crate) fn reading(&self) -> StreakReading {
        self.reading
    }

    fn close(&mut self, block: &LatencyBlock<'_>) {
        let window = self.shown(block);
        self.canary.clear();
        self.stable.clear();
        if !self.run.goes_on(window) {
            self.guard = Guard::fresh();
        }
        let seen = self.guard.seen;
        let concurrent = seen.stable >= self.rule.min_samples as f64 || seen.canary <= 0.0;
        let guard = match (concurrent, block.level) {
            (true, _) => self.guard.concurrent(),
            (false, Some(level)) => {
                let requests = block.recent.requests();
                let past = Past { requests, bad: requests * block.recent.share_above(level) };
                against(&self.guard.seen, past, &LATENCY_GUARD, 1.0)
            }
            (false, None) => 1.0,
        };
        self.reading = StreakReading { windows: self.run.breaches, guard, concurrent, ..self.reading };
        let fired = self.run.complete() && guard >= GUARD_NEEDED;
        // With nobody beside it, a slow hour cannot be told from a slow release: hold and call a person, but do not blame.
        self.standing = match (fired, concurrent) {
            (true, true) => Standing::Fired,
            (true, false) => Standing::Shared,
            (false, _) => Standing::Quiet,
        };
    }

    /// Compares the quantiles of the window; stable's past stands in when stable has no traffic.
    fn shown(&self, block: &LatencyBlock<'_>) -> Window {
        let enough = self.rule.min_samples.max(1) as f64;
        let level = self.rule.quantile.level();
        let canary = (self.canary.total() >= enough).then(|| self.canary.quantile(level)).flatten();
        let stable = if self.stable.total() >= enough {
            self.stable.quantile(level)
        } else if block.recent.requests() >= enough {
            block.recent.quantile(level)
        } else {
            None
        };
        let (Some(canary), Some(stable)) = (canary, stable) else {
            return Window::Unknown;
        };
        let breach = canary > (1.0 + self.rule.worse_by) * stable && canary - stable > self.floor_us;
        if breach { Window::Breach } else { Window::Clear }
    }
}

/// A gap of more windows than this has ended every run.
const LONGEST_GAP: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::HARM_LATENCY;
    use crate::settings::Quantile;

    const MINUTE: i64 = 60_000;

    fn watch(floor_us: u64) -> LatencyWatch {
        let rule =
            LatencyStreak { worse_by: 0.5, quantile: Quantile::P95, windows: 10, window_ms: MINUTE, min_samples: 50 };
        LatencyWatch::new(rule, floor_us)
    }

    fn requests(count: u64, slowest_us: u64) -> Histogram {
        let mut histogram = Histogram::new();
        (0..count).for_each(|i| histogram.record(slowest_us * (i + 1) / count));
        histogram
    }

    fn minute(watch: &mut LatencyWatch, number: i64, canary: &Histogram, stable: &Histogram) -> Standing {
        let mut recent = Recent::default();
        recent.learn(&requests(5_000, 100_000), 0);
        let level = recent.edge_near(0.95);
        let above = level.unwrap_or(0);
        let pair = Pair {
            canary: canary.total() as f64,
            canary_bad: canary.count_above(above) as f64,
            stable: stable.total() as f64,
            stable_bad: stable.count_above(above) as f64,
        };
        let tilts = pair.ratio().map(|rho| Tilt::each(&HARM_LATENCY, rho));
        watch.take(&LatencyBlock {
            from_ms: number * MINUTE,
            to_ms: (number + 1) * MINUTE,
            canary,
            stable,
            pair,
            tilts: tilts.as_ref(),
            recent: &recent,
            level,
        });
        watch.standing
    }

    #[test]
    fn it_fires_with_the_tenth_minute() {
        let (slow, usual) = (requests(400, 180_000), requests(1_200, 100_000));
        let mut watch = watch(1_000);
        assert!((0..9).all(|i| minute(&mut watch, i, &slow, &usual) == Standing::Quiet));
        assert_eq!(minute(&mut watch, 9, &slow, &usual), Standing::Fired);
        assert!(watch.reading().concurrent);
    }

    #[test]
    fn a_slowdown_of_both_or_within_the_floor_or_of_few_requests_is_none() {
        let (slow, usual) = (requests(400, 180_000), requests(1_200, 100_000));
        let mut both = watch(1_000);
        assert!((0..30).all(|i| minute(&mut both, i, &slow, &slow) == Standing::Quiet));
        let mut forgiven = watch(500_000);
        assert!((0..30).all(|i| minute(&mut forgiven, i, &slow, &usual) == Standing::Quiet));
        let mut few = watch(1_000);
        assert!((0..30).all(|i| minute(&mut few, i, &requests(49, 180_000), &usual) == Standing::Quiet));
    }

    #[test]
    fn without_stable_traffic_its_past_is_the_measure() {
        let slow = requests(400, 180_000);
        let mut watch = watch(1_000);
        let last = (0..10).map(|i| minute(&mut watch, i, &slow, &Histogram::new())).last();
        assert_eq!(last, Some(Standing::Shared));
        assert!(!watch.reading().concurrent);
    }
}
