//! Evidence of harm by latency.
//!
//! With `tau` the bucket edge nearest to stable's recent quantile, canary requests slower than `(1 + m) tau` are held
//! against stable requests slower than `tau`, by E1 without a margin. What is tested is then
//! `P(T_c > (1 + m) tau) <= P(T_s > tau)`: at the level of `tau`, the canary's quantile is at most `1 + m` times stable's. As
//! 10 % is a whole number of buckets, no count is interpolated.

use crate::between::Between;
use crate::e1::{Pair, Tilt};
use crate::exact::state;
use crate::grid::{HARM_LATENCY, PASS_LATENCY};
use crate::hiccups::Hiccups;
use crate::interval::Contrast;
use crate::recent::{Level, Recent, Shift};
use crate::settings::Quantile;
use crate::sketch::Histogram;
use crate::stakes::MOST_PER_BLOCK;
use crate::wealth::{Dripped, Temper};

/// Four times slower is more than a cold start; judged at [`GROSS_QUANTILE`] from the first second.
const GROSS_MARGIN: f64 = 3.0;
pub(crate) const GROSS_QUANTILE: Quantile = Quantile::P95;

/// What stable did before a block.
#[derive(Clone, Copy)]
pub(crate) struct SlowPast<'a> {
    pub(crate) levels: &'a Levels,
    pub(crate) hiccups: &'a Hiccups,
    pub(crate) between: &'a Between,
}

impl SlowPast<'_> {
    /// How strongly slow requests cluster: the smaller of two readings, each of which can only be too large.
    pub(crate) fn phi(&self, quantile: Quantile) -> f64 {
        let stable_alone = self.hiccups.phi(quantile);
        self.between.phi(quantile).map_or(stable_alone, |between| between.min(stable_alone))
    }
}

/// The tilts of one block, shared by all that bet on latency.
pub(crate) struct LatencyTilts {
    pub(crate) harm: [Tilt; 7],
    pub(crate) pass: [Tilt; 4],
}

impl LatencyTilts {
    pub(crate) fn new(rho: f64) -> LatencyTilts {
        LatencyTilts { harm: Tilt::each(&HARM_LATENCY, rho), pass: Tilt::each(&PASS_LATENCY, rho) }
    }
}

/// Both arms' latencies in one block.
#[derive(Clone, Copy)]
pub(crate) struct Latencies<'a> {
    pub(crate) canary: &'a Histogram,
    pub(crate) stable: &'a Histogram,
}

impl Latencies<'_> {
    /// Canary requests slower than one bucket against stable requests slower than another.
    pub(crate) fn pair(&self, canary_above: u16, stable_above: u16) -> Pair {
        Pair {
            canary: self.canary.total() as f64,
            canary_bad: self.canary.count_above(canary_above) as f64,
            stable: self.stable.total() as f64,
            stable_bad: self.stable.count_above(stable_above) as f64,
        }
    }
}

/// Stable's recent latency and the levels that follow from it; fixed before the block they judge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Levels {
    pub(crate) recent: Recent,
    levels: [Option<Level>; 3],
}

state!(Levels { recent, levels });

impl Levels {
    pub(crate) fn learn(&mut self, stable: &Histogram, now_ms: i64, floor_us: u64) {
        self.recent.learn(stable, now_ms);
        self.levels =
            Quantile::ALL.map(|quantile| self.recent.edge_near(quantile.level()).map(|edge| Level::at(edge, floor_us)));
    }

    pub(crate) fn of(&self, quantile: Quantile) -> Option<Level> {
        self.levels[quantile.index()]
    }

    /// The level and the canary's bucket at a shift; nothing while either is unknown.
    pub(crate) fn shifted(&self, quantile: Quantile, shift: Shift) -> Option<(u16, u16)> {
        let level = self.of(quantile)?;
        Some((level.stable, level.shifted(shift)?))
    }

    /// What an unchanged canary would show above the shifted level, relative to stable above the level.
    pub(crate) fn unchanged_ratio(&self, stable: u16, canary: u16) -> f64 {
        (self.recent.share_above(canary) + NEARLY_NONE) / (self.recent.share_above(stable) + NEARLY_NONE)
    }
}

/// Keeps the ratio of two empty tails a number.
const NEARLY_NONE: f64 = 1e-6;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LatencyEvidence {
    pub(crate) margin: f64,
    pub(crate) gross_margin: f64,
    pub(crate) shift: Shift,
    pub(crate) gross_shift: Shift,
    fine: [Dripped<7>; 3],
    gross: Dripped<7>,
    /// Outside warm-up.
    pub(crate) settled: [Contrast<7, 4>; 3],
    /// With warm-up, at the coarse margin.
    pub(crate) all: Contrast<7, 4>,
}

state!(LatencyEvidence { fine, gross, settled, all } made { margin, gross_margin, shift, gross_shift });

impl LatencyEvidence {
    pub(crate) fn new(margin: f64) -> LatencyEvidence {
        let gross_margin = GROSS_MARGIN.max(margin);
        LatencyEvidence {
            margin,
            gross_margin,
            shift: Shift::beyond(margin),
            gross_shift: Shift::beyond(gross_margin),
            fine: [Dripped::none(); 3],
            gross: Dripped::none(),
            settled: [const { Contrast::new() }; 3],
            all: Contrast::new(),
        }
    }

    pub(crate) fn fund(&mut self, amount: f64) {
        self.fine.iter_mut().for_each(|wealth| wealth.fund(amount));
        self.gross.fund(amount);
    }

    /// Takes a block, with what stable did before it.
    pub(crate) fn take(&mut self, block: &Latencies<'_>, past: &SlowPast<'_>, tilts: &LatencyTilts, warming_up: bool) {
        let levels = past.levels;
        if let Some((stable, canary)) = levels.shifted(GROSS_QUANTILE, self.gross_shift) {
            let pair = block.pair(canary, stable);
            let temper = Temper::by(past.phi(GROSS_QUANTILE)).held_below(MOST_PER_BLOCK);
            self.gross.settle(&tilts.harm, &pair, 0.0, temper);
            self.all.add(&pair, &tilts.harm, &tilts.pass, temper.phi());
        }
        if warming_up {
            return;
        }
        for quantile in Quantile::ALL {
            if let Some((stable, canary)) = levels.shifted(quantile, self.shift) {
                let pair = block.pair(canary, stable);
                let temper = Temper::by(past.phi(quantile)).held_below(MOST_PER_BLOCK);
                self.fine[quantile.index()].settle(&tilts.harm, &pair, 0.0, temper);
                self.settled[quantile.index()].add(&pair, &tilts.harm, &tilts.pass, temper.phi());
            }
        }
    }

    /// Capital on the bets at one quantile.
    pub(crate) fn fine(&self, quantile: Quantile) -> f64 {
        self.fine[quantile.index()].total()
    }

    /// Capital on the bets at the coarse margin.
    pub(crate) fn gross(&self) -> f64 {
        self.gross.total()
    }
}
