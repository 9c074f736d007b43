//! Evidence that the canary is worse than stable, since the last clear window.

use crate::e1::{Pair, Tilt};
use crate::grid::RiskRatio;
use crate::wealth::{Temper, Wealth, equal_weights};

/// What the guard must reach before a streak blames the canary.
pub(crate) const GUARD_NEEDED: f64 = 1e5;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guard {
    wealth: Wealth<5>,
    /// All requests since the last clear window.
    pub(crate) seen: Pair,
}

impl Guard {
    pub(crate) fn fresh() -> Guard {
        let mut wealth = Wealth::none();
        wealth.fund(1.0, &equal_weights());
        Guard { wealth, seen: Pair::default() }
    }

    /// Takes a block; `tilts` are missing when an arm was idle.
    pub(crate) fn take(&mut self, pair: &Pair, tilts: Option<[Tilt; 5]>, phi: f64) {
        self.seen.add(pair);
        if let Some(tilts) = tilts {
            self.wealth.settle(&tilts, pair, 0.0, Temper::by(phi));
        }
    }

    /// Against stable at the same time.
    pub(crate) fn concurrent(&self) -> f64 {
        self.wealth.total()
    }

    /// Against what stable did before: one look at the sums, as the past cannot be bet on twice.
    pub(crate) fn against(&self, past: Past, grid: &[RiskRatio; 5], phi: f64) -> f64 {
        let pair = Pair { stable: past.requests, stable_bad: past.bad, ..self.seen };
        let Some(rho) = pair.ratio() else {
            return 1.0;
        };
        let mut wealth = Wealth::none();
        wealth.fund(1.0, &equal_weights());
        wealth.settle(&Tilt::each(grid, rho), &pair, 0.0, Temper::by(phi));
        wealth.total()
    }
}

/// What stable did earlier in this rollout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) requests: f64,
    pub(crate) bad: f64,
}
