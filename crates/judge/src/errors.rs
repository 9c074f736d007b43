//! Evidence of harm by errors: at the margin of the release, and at a coarse margin that needs no warm-up.

use crate::e1::{Pair, Tilt};
use crate::exact::state;
use crate::grid::{GROSS_ERRORS, HARM_ERRORS, PASS_ERRORS, SLIGHT_ERRORS};
use crate::incident::{Bounded, Stake};
use crate::interval::Contrast;
use crate::stakes::GROSS_ERROR_MARGIN;
use crate::wealth::{Dripped, Temper};

/// The tilts of one block, shared by all that bet on errors.
pub(crate) struct ErrorTilts {
    pub(crate) harm: [Tilt; 9],
    slight: [Tilt; 3],
    gross: [Tilt; 9],
    pub(crate) pass: [Tilt; 6],
}

impl ErrorTilts {
    pub(crate) fn new(rho: f64) -> ErrorTilts {
        ErrorTilts {
            harm: Tilt::each(&HARM_ERRORS, rho),
            slight: Tilt::each(&SLIGHT_ERRORS, rho),
            gross: Tilt::each(&GROSS_ERRORS, rho),
            pass: Tilt::each(&PASS_ERRORS, rho),
        }
    }

    fn fine(&self) -> [Tilt; 12] {
        let ([a, b, c], [d, e, f, g, h, i, j, k, l]) = (self.slight, self.harm);
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorEvidence {
    pub(crate) margin: f64,
    pub(crate) gross_margin: f64,
    fine: Twofold<12>,
    gross: Twofold<9>,
    /// Outside warm-up.
    pub(crate) settled: Contrast<9, 6>,
    /// With warm-up.
    pub(crate) all: Contrast<9, 6>,
}

state!(ErrorEvidence { fine, gross, settled, all } made { margin, gross_margin });

/// The same bets in two currencies: on incidents, and on users who failed for the first time. Whether errors cluster in time or
/// within users who fail for minutes, one of the two is fair, and so is the smaller one.
#[derive(Clone, Debug, PartialEq)]
struct Twofold<const K: usize> {
    on_incidents: Bounded<K>,
    on_users: Dripped<K>,
}

state!(Twofold<const K: usize> { on_incidents, on_users });

impl ErrorEvidence {
    pub(crate) fn new(margin: f64) -> ErrorEvidence {
        ErrorEvidence {
            margin,
            gross_margin: GROSS_ERROR_MARGIN.max(margin),
            fine: Twofold::none(),
            gross: Twofold::none(),
            settled: Contrast::new(),
            all: Contrast::new(),
        }
    }

    pub(crate) fn fund(&mut self, amount: f64) {
        self.fine.fund(amount);
        self.gross.fund(amount);
    }

    /// Bets on a block: `stake` counts each user once in it, `fresh` only those who had not failed before.
    pub(crate) fn bet(&mut self, stake: &Stake<'_>, fresh: &Pair, tilts: &ErrorTilts, warming_up: bool) {
        self.gross.settle(&tilts.gross, stake, fresh, self.gross_margin);
        if !warming_up {
            self.fine.settle(&tilts.fine(), stake, fresh, self.margin);
        }
    }

    /// Adds all errors of a block to what is shown to people.
    pub(crate) fn show(&mut self, pair: &Pair, tilts: &ErrorTilts, warming_up: bool, phi: f64) {
        self.all.add(pair, &tilts.harm, &tilts.pass, phi);
        if !warming_up {
            self.settled.add(pair, &tilts.harm, &tilts.pass, phi);
        }
    }

    /// Capital on the bets at the margin of the release.
    pub(crate) fn fine(&self) -> f64 {
        self.fine.total()
    }

    /// Capital on the bets at the coarse margin.
    pub(crate) fn gross(&self) -> f64 {
        self.gross.total()
    }
}

impl<const K: usize> Twofold<K> {
    const fn none() -> Twofold<K> {
        Twofold { on_incidents: Bounded::none(), on_users: Dripped::none() }
    }

    fn fund(&mut self, amount: f64) {
        self.on_incidents.fund(amount);
        self.on_users.fund(amount);
    }

    fn settle(&mut self, tilts: &[Tilt; K], stake: &Stake<'_>, fresh: &Pair, delta: f64) {
        self.on_incidents.settle(tilts, stake, delta);
        self.on_users.settle(tilts, fresh, delta, Temper::by(1.0));
    }

    fn total(&self) -> f64 {
        self.on_incidents.total().min(self.on_users.total())
    }
}
