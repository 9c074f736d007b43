//! Evidence that the canary is worse than stable, since the last clear window.

use crate::e1::{Pair, Tilt};
use crate::exact::state;
use crate::grid::RiskRatio;
use crate::incident::{Bounded, Stake};
use crate::wealth::{Temper, Wealth, equal_weights};

/// What the guard must reach before a streak blames the canary.
pub(crate) const GUARD_NEEDED: f64 = 1e5;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guard {
    wealth: Wealth<5>,
    /// All requests since the last clear window.
    pub(crate) seen: Pair,
}

state!(Guard { wealth, seen });

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
}

/// The same for errors, of which no incident may win much.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorGuard {
    wealth: Bounded<5>,
    /// All requests since the last clear window.
    pub(crate) seen: Pair,
}

state!(ErrorGuard { wealth, seen });

impl ErrorGuard {
    pub(crate) fn fresh() -> ErrorGuard {
        let mut wealth = Bounded::none();
        wealth.fund(1.0);
        ErrorGuard { wealth, seen: Pair::default() }
    }

    /// Takes a block, all of it and with each user counted once; `tilts` are missing when an arm was idle.
    pub(crate) fn take(&mut self, pair: &Pair, tilts: Option<[Tilt; 5]>, stake: &Stake<'_>) {
        self.seen.add(pair);
        if let Some(tilts) = tilts {
            self.wealth.settle(&tilts, stake, 0.0);
        }
    }

    /// Against stable at the same time.
    pub(crate) fn concurrent(&self) -> f64 {
        self.wealth.total()
    }
}

/// What was seen against what stable did before: one look at the sums, as the past cannot be bet on twice.
pub(crate) fn against(seen: &Pair, past: Past, grid: &[RiskRatio; 5], phi: f64) -> f64 {
    let pair = Pair { stable: past.requests, stable_bad: past.bad, ..*seen };
    let Some(rho) = pair.ratio() else {
        return 1.0;
    };
    let mut wealth = Wealth::none();
    wealth.fund(1.0, &equal_weights());
    wealth.settle(&Tilt::each(grid, rho), &pair, 0.0, Temper::by(phi));
    wealth.total()
}

/// What stable did earlier in this rollout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) requests: f64,
    pub(crate) bad: f64,
}
