//! The phase a rollout is in: when it began, which margins it asks for, and what may be bet by now.

use alloc::string::String;
use alloc::vec::Vec;

use crate::exact::{Blank, Damage, Exact, Reader, Writer, read_new, state};
use crate::pass::PassTest;
use crate::settings::{Margins, UNSOUND_MARGINS as UNSOUND, Unsound};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phase {
    began_ms: i64,
    /// Up to here capital was released.
    funded_until_ms: i64,
    pub(super) asks: Result<Asks, Unsound>,
}

/// What passing means in this phase.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asks {
    pub(super) margins: Margins,
    /// Which of the pass tests.
    test: u32,
}

state!(Phase { began_ms, funded_until_ms, asks });
state!(Asks { margins, test });

impl Blank for Phase {
    fn blank() -> Phase {
        Phase { began_ms: 0, funded_until_ms: 0, asks: Ok(Asks::blank()) }
    }
}

impl Blank for Asks {
    fn blank() -> Asks {
        Asks { margins: Margins::blank(), test: 0 }
    }
}

impl Exact for Result<Asks, Unsound> {
    fn write(&self, to: &mut Writer) {
        self.is_ok().write(to);
        match self {
            Ok(asks) => asks.write(to),
            Err(unsound) => {
                (unsound.setting == UNSOUND[1]).write(to);
                unsound.why.write(to);
            }
        }
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = if read_new(from)? {
            let asks: Asks = read_new(from)?;
            asks.margins.check().map_err(|_| Damage::Contradiction("Margins"))?;
            Ok(asks)
        } else {
            let setting = *from.one_of(&UNSOUND, "Unsound")?;
            Err(Unsound { setting, why: read_new::<String>(from)? })
        };
        Ok(())
    }
}

/// Plans with more pairs of margins than this forget the one that was met first.
pub(super) const MOST_TESTS: usize = 6;

impl Phase {
    /// Enters a phase, with a test for its margins, and lets every test bet half of its reserve.
    pub(super) fn enter(at_ms: i64, margins: &Margins, tests: &mut Vec<PassTest>) -> Phase {
        let asks = margins.check().map(|()| {
            let test = find_or_begin(margins, tests);
            Asks { margins: margins.clone(), test }
        });
        tests.iter_mut().for_each(PassTest::begin_phase);
        Phase { began_ms: at_ms, funded_until_ms: at_ms, asks }
    }

    pub(super) fn warming_up(&self, from_ms: i64, warm_up_ms: i64) -> bool {
        from_ms < self.began_ms.saturating_add(warm_up_ms)
    }

    /// The share of the harm reserve that is released before a block: the time since the last release as a part of
    /// the horizon, whatever happened to the blocks in between.
    pub(super) fn share_released(&mut self, from_ms: i64, horizon_ms: i64) -> f64 {
        let elapsed = from_ms.saturating_sub(self.funded_until_ms).max(0);
        self.funded_until_ms = self.funded_until_ms.max(from_ms);
        elapsed as f64 / horizon_ms as f64
    }

    /// The test of this phase.
    pub(super) fn test<'a>(&self, tests: &'a [PassTest]) -> Option<(&Margins, &'a PassTest)> {
        let asks = self.asks.as_ref().ok()?;
        tests.get(asks.test as usize).map(|test| (&asks.margins, test))
    }

    /// Whether the test that it asks for is there and is for its margins.
    pub(super) fn knows_its_test(&self, tests: &[PassTest]) -> bool {
        let Ok(asks) = &self.asks else {
            return true;
        };
        tests.get(asks.test as usize).is_some_and(|test| test.is_for(&asks.margins))
    }

    pub(super) fn passed(&self, tests: &[PassTest], needed: f64) -> bool {
        self.test(tests).is_some_and(|(margins, test)| test.passes(&margins.quantiles, needed))
    }
}

fn find_or_begin(margins: &Margins, tests: &mut Vec<PassTest>) -> u32 {
    if let Some(at) = tests.iter().position(|test| test.is_for(margins)) {
        return at as u32;
    }
    if tests.len() >= MOST_TESTS {
        // The first belongs to the release's own margins and stays.
        tests.remove(1);
    }
    tests.push(PassTest::new(margins));
    (tests.len() - 1) as u32
}
