//! What wanders: a quantity that is pulled back to zero and forgets where it was after a while.

use crate::chance::Chance;

/// A first-order autoregression in steps of a block.
#[derive(Clone, Debug)]
pub(crate) struct Wander {
    keeps: f64,
    kick: f64,
    at: f64,
}

impl Wander {
    /// Of the given standard deviation; after `memory_s` a third is left of where it was.
    pub(crate) fn new(chance: &mut Chance, deviation: f64, memory_s: f64, step_s: f64) -> Wander {
        let keeps = libm::exp(-step_s / memory_s);
        Wander { keeps, kick: deviation * libm::sqrt(1.0 - keeps * keeps), at: deviation * chance.normal() }
    }

    /// Where it is in the next block.
    pub(crate) fn step(&mut self, chance: &mut Chance) -> f64 {
        let now = self.at;
        self.at = self.keeps * self.at + self.kick * chance.normal();
        now
    }
}
