//! How much more something scatters between successive blocks than independent requests would.

use crate::exact::{Damage, Exact, Reader, Writer, state};

/// Weight of the assumption that comes before any reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prior {
    pub(crate) weight: f64,
    pub(crate) factor: f64,
}

/// How much the measured excess is raised for estimation error.
const CAUTION: f64 = 1.5;
/// A reading forgets by this factor with every block: half of it after an hour of blocks of ten seconds.
const KEPT: f64 = 0.998;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scatter {
    found: f64,
    expected: f64,
}

state!(Scatter { found, expected } sound |read| read.found >= 0.0 && read.expected > 0.0);

impl Scatter {
    pub(crate) const fn assumed(prior: Prior) -> Scatter {
        Scatter { found: prior.weight * prior.factor, expected: prior.weight }
    }

    /// Takes a squared deviation and what it would be on average for independent requests.
    pub(crate) fn take(&mut self, found: f64, expected: f64) {
        if found.is_finite() && expected.is_finite() && expected > 0.0 {
            self.found = self.found * KEPT + found;
            self.expected = self.expected * KEPT + expected;
        }
    }

    /// The factor that evidence is divided by; at least 1.
    pub(crate) fn phi(&self) -> f64 {
        1.0 + CAUTION * (self.found / self.expected - 1.0).max(0.0)
    }
}

/// Successive differences at several time scales: what clumps within a block shows at once, what lasts for a minute
/// only in longer aggregates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scales<T> {
    by: [Scale<T>; 3],
}

impl<T: Stretch + Exact> Exact for Scales<T> {
    fn write(&self, to: &mut Writer) {
        self.by.write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        self.by.read(from)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale<T> {
    every: u32,
    filled: u32,
    filling: T,
    before: Option<T>,
    scatter: Scatter,
}

impl<T: Stretch + Exact> Exact for Scale<T> {
    fn write(&self, to: &mut Writer) {
        let Scale { every: _, filled, filling, before, scatter } = self;
        filled.write(to);
        filling.write(to);
        before.write(to);
        scatter.write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let Scale { every, filled, filling, before, scatter } = self;
        filled.read(from)?;
        filling.read(from)?;
        before.read(from)?;
        scatter.read(from)?;
        if filled < every { Ok(()) } else { Err(Damage::Contradiction("Scale")) }
    }
}

/// What is compared between successive stretches of time.
pub(crate) trait Stretch: Copy + Default {
    fn joined(self, next: Self) -> Self;
    /// The squared difference of two stretches and what it would be on average for independent requests; nothing
    /// where they say nothing.
    fn against(self, next: Self) -> Option<(f64, f64)>;
}

impl<T: Stretch> Scales<T> {
    pub(crate) fn assumed(prior: Prior) -> Scales<T> {
        let scale =
            |every| Scale { every, filled: 0, filling: T::default(), before: None, scatter: Scatter::assumed(prior) };
        Scales { by: [scale(1), scale(3), scale(6)] }
    }

    pub(crate) fn take(&mut self, block: T) {
        for scale in &mut self.by {
            scale.filling = scale.filling.joined(block);
            scale.filled += 1;
            if scale.filled >= scale.every {
                let full = core::mem::take(&mut scale.filling);
                scale.filled = 0;
                if let Some((found, expected)) = scale.before.and_then(|before| before.against(full)) {
                    scale.scatter.take(found, expected);
                }
                scale.before = Some(full);
            }
        }
    }

    /// What comes next is not compared with what came before.
    pub(crate) fn interrupt(&mut self) {
        for scale in &mut self.by {
            scale.filled = 0;
            scale.filling = T::default();
            scale.before = None;
        }
    }

    /// The largest factor of all scales.
    pub(crate) fn phi(&self) -> f64 {
        self.by.iter().map(|scale| scale.scatter.phi()).fold(1.0, f64::max)
    }
}
