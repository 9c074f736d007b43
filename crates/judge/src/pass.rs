//! Passing: evidence that each metric lies within the margins of a phase.
//!
//! There is one test for each pair of margins that the rollout meets, and it keeps its evidence from phase to phase.
//! Half of what is left in reserve is bet at its start and at each phase start, so that a phase can pass on its own data.
//! A phase passes when every required metric has `1/alpha_pass` *now*: no correction for several metrics is needed, as
//! all must pass, and the maximum of the past does not count, as the canary may have become worse.

use crate::e1::{Pair, Tilt, adaptive_ratio, tempered};
use crate::exact::{Blank, Damage, Exact, Reader, Writer, read_new, state};
use crate::grid::RiskRatio;
use crate::recent::Shift;
use crate::settings::{Margins, Quantile};
use crate::wealth::{Reserve, Temper, Wealth, half_on_the_first};

/// Evidence for one pair of margins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PassTest {
    pub(crate) error_margin: f64,
    pub(crate) latency_margin: f64,
    shift: Shift,
    reserve: Reserve,
    errors: Bet<7>,
    latency: [Bet<5>; 3],
}

impl Exact for PassTest {
    fn write(&self, to: &mut Writer) {
        let PassTest { error_margin, latency_margin, shift: _, reserve, errors, latency } = self;
        (*error_margin, *latency_margin).write(to);
        reserve.write(to);
        errors.write(to);
        latency.write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let (error_rate, latency) = read_new(from)?;
        let margins = Margins { error_rate, latency, ..Margins::blank() };
        margins.check().map_err(|_| Damage::Contradiction("Margins"))?;
        *self = PassTest::new(&margins);
        self.reserve.read(from)?;
        self.errors.read(from)?;
        self.latency.read(from)
    }
}

impl Blank for PassTest {
    fn blank() -> PassTest {
        PassTest::new(&Margins::blank())
    }
}

/// One metric's bets, the adaptive one first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bet<const K: usize> {
    wealth: Wealth<K>,
    /// All that was bet on.
    pub(crate) seen: Pair,
    /// The ratio last bet on by the adaptive bet.
    pub(crate) adaptive: Option<RiskRatio>,
}

state!(Bet<const K: usize> { wealth, seen, adaptive });

impl<const K: usize> Bet<K> {
    const fn new() -> Bet<K> {
        const NOTHING: Pair = Pair { canary: 0.0, canary_bad: 0.0, stable: 0.0, stable_bad: 0.0 };
        Bet { wealth: Wealth::none(), seen: NOTHING, adaptive: None }
    }

    #[cfg(test)]
    pub(crate) fn logs(&self) -> &[f64] {
        self.wealth.logs()
    }

    fn settle(&mut self, tilts: &[Tilt; K], adaptive: RiskRatio, bet: &Stake<'_>) {
        self.adaptive = Some(adaptive);
        self.seen.add(bet.pair);
        self.wealth.settle(tilts, bet.pair, bet.delta, Temper::by(bet.phi));
    }
}

/// What is known of slow requests before a block.
#[derive(Clone, Copy)]
pub(crate) struct Slow {
    /// Stable's share above the shifted level to that above the level: what an unchanged canary would show.
    pub(crate) unchanged: f64,
    /// How strongly they cluster.
    pub(crate) phi: f64,
}

struct Stake<'a> {
    pair: &'a Pair,
    delta: f64,
    phi: f64,
}

impl PassTest {
    pub(crate) fn new(margins: &Margins) -> PassTest {
        PassTest {
            error_margin: margins.error_rate,
            latency_margin: margins.latency,
            shift: Shift::inside(margins.latency),
            reserve: Reserve::full(),
            errors: Bet::new(),
            latency: [const { Bet::new() }; 3],
        }
    }

    /// Whether this is the test for these margins.
    pub(crate) fn is_for(&self, margins: &Margins) -> bool {
        self.error_margin.total_cmp(&margins.error_rate).is_eq()
            && self.latency_margin.total_cmp(&margins.latency).is_eq()
    }

    /// Bets half of the reserve.
    pub(crate) fn begin_phase(&mut self) {
        if let Some(amount) = self.reserve.release(0.5) {
            self.errors.wealth.fund(amount, &half_on_the_first());
            for bet in &mut self.latency {
                bet.wealth.fund(amount, &half_on_the_first());
            }
        }
    }

    /// Takes a block of errors; `past` is stable's error probability before it.
    pub(crate) fn take_errors(&mut self, pair: &Pair, grid: &[Tilt; 6], past: f64, phi: f64) {
        let Some(rho) = pair.ratio() else {
            return;
        };
        let stable_share = pair.stable / (pair.canary + pair.stable);
        let adaptive = adaptive_ratio(past, self.error_margin, stable_share);
        let [a, b, c, d, e, f] = *grid;
        let tilts = [Tilt::new(adaptive, rho), a, b, c, d, e, f];
        self.errors.settle(&tilts, adaptive, &Stake { pair, delta: self.error_margin, phi });
    }

    /// How far the level is shifted for the canary.
    pub(crate) fn shift(&self) -> Shift {
        self.shift
    }

    /// Takes a block of slow requests.
    pub(crate) fn take_latency(&mut self, quantile: Quantile, pair: &Pair, grid: &[Tilt; 4], slow: Slow) {
        let Some(rho) = pair.ratio() else {
            return;
        };
        let adaptive = tempered(slow.unchanged.clamp(SMALLEST_RATIO, LARGEST_RATIO));
        let [a, b, c, d] = *grid;
        let tilts = [Tilt::new(adaptive, rho), a, b, c, d];
        self.latency[quantile.index()].settle(&tilts, adaptive, &Stake { pair, delta: 0.0, phi: slow.phi });
    }

    pub(crate) fn errors(&self) -> &Bet<7> {
        &self.errors
    }

    pub(crate) fn latency(&self, quantile: Quantile) -> &Bet<5> {
        &self.latency[quantile.index()]
    }

    pub(crate) fn evidence<const K: usize>(&self, bet: &Bet<K>) -> f64 {
        self.reserve.left() + bet.wealth.total()
    }

    /// Whether errors and these quantiles have all reached `needed`.
    pub(crate) fn passes(&self, quantiles: &[Quantile], needed: f64) -> bool {
        self.evidence(&self.errors) >= needed
            && quantiles.iter().all(|&quantile| self.evidence(self.latency(quantile)) >= needed)
    }
}

/// Before tempering; beyond these (0.05 and 0.98 after it) an adaptive bet would be reckless or empty.
const SMALLEST_RATIO: f64 = 0.029_47;
const LARGEST_RATIO: f64 = 0.976_5;
