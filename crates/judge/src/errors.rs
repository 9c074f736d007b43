//! Evidence of harm by errors: at the margin of the release, and at a coarse margin that needs no warm-up.

use crate::e1::{Pair, Tilt};
use crate::grid::{GROSS_ERRORS, HARM_ERRORS, PASS_ERRORS};
use crate::interval::Contrast;
use crate::wealth::{Dripped, Temper};

/// A rise of half a point is judged from the first second: no cold start explains it for long.
const GROSS_MARGIN: f64 = 0.005;

/// The tilts of one block, shared by all that bet on errors.
pub(crate) struct ErrorTilts {
    pub(crate) harm: [Tilt; 9],
    gross: [Tilt; 5],
    pub(crate) pass: [Tilt; 6],
}

impl ErrorTilts {
    pub(crate) fn new(rho: f64) -> ErrorTilts {
        ErrorTilts {
            harm: Tilt::each(&HARM_ERRORS, rho),
            gross: Tilt::each(&GROSS_ERRORS, rho),
            pass: Tilt::each(&PASS_ERRORS, rho),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorEvidence {
    pub(crate) margin: f64,
    pub(crate) gross_margin: f64,
    fine: Dripped<9>,
    gross: Dripped<5>,
    /// Outside warm-up.
    pub(crate) settled: Contrast<9, 6>,
    /// With warm-up.
    pub(crate) all: Contrast<9, 6>,
}

impl ErrorEvidence {
    pub(crate) fn new(margin: f64) -> ErrorEvidence {
        ErrorEvidence {
            margin,
            gross_margin: GROSS_MARGIN.max(margin),
            fine: Dripped::none(),
            gross: Dripped::none(),
            settled: Contrast::new(),
            all: Contrast::new(),
        }
    }

    pub(crate) fn fund(&mut self, amount: f64) {
        self.fine.fund(amount);
        self.gross.fund(amount);
    }

    pub(crate) fn take(&mut self, pair: &Pair, tilts: &ErrorTilts, warming_up: bool, phi: f64) {
        self.gross.settle(&tilts.gross, pair, self.gross_margin, Temper::by(phi));
        self.all.add(pair, &tilts.harm, &tilts.pass, phi);
        if !warming_up {
            self.fine.settle(&tilts.harm, pair, self.margin, Temper::by(phi));
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
