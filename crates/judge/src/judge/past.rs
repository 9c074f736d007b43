//! What stable did so far. Only the past goes in, so that whatever is read from it is fixed before the next block.

use crate::counts::Arm;
use crate::exact::state;
use crate::hiccups::Hiccups;
use crate::incident::Arrivals;
use crate::slowness::Levels;
use crate::spread::Spread;

/// What is known about stable before a block.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StablePast {
    pub(super) requests: f64,
    pub(super) errors: f64,
    pub(super) spread: Spread,
    over_time: Spread,
    pub(super) arrivals: Arrivals,
    pub(super) levels: Levels,
    pub(super) hiccups: Hiccups,
}

state!(StablePast { requests, errors, spread, over_time, arrivals, levels, hiccups });

impl StablePast {
    pub(super) fn nothing(incident_ms: i64) -> StablePast {
        StablePast {
            requests: 0.0,
            errors: 0.0,
            spread: Spread::new(),
            over_time: Spread::new(),
            arrivals: Arrivals::unseen(incident_ms),
            levels: Levels::default(),
            hiccups: Hiccups::none_seen(),
        }
    }

    /// Takes what stable did from `from_ms` to `now_ms`.
    pub(super) fn learn(&mut self, stable: &Arm, from_ms: i64, now_ms: i64, latency_floor_us: u64) {
        self.requests += stable.requests as f64;
        self.errors += stable.errors as f64;
        self.spread.learn(stable, now_ms);
        if stable.requests > 0 {
            self.over_time.learn_over_time(stable, now_ms);
        }
        self.arrivals.learn(stable.requests as f64, stable.failures() as f64, from_ms, now_ms);
        if stable.latency.total() > 0 {
            self.hiccups.learn(&self.levels, &stable.latency, now_ms);
            self.levels.learn(&stable.latency, now_ms, latency_floor_us);
        }
    }

    /// How strongly errors cluster, within users or in time: the larger of the two.
    pub(super) fn error_phi(&self) -> f64 {
        self.spread.phi().max(self.over_time.phi())
    }

    /// Shrunk towards one error in a thousand requests, so that it is never 0.
    pub(super) fn error_probability(&self) -> f64 {
        (self.errors + 1.0) / (self.requests + 1_000.0)
    }
}
