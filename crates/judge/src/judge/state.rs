//! The judge as it is written ([`crate::exact`]), and what must hold between its parts.

use super::Judge;
use super::phase::MOST_TESTS;
use crate::exact::{Damage, Exact, Reader, Writer, read_new, state};
use crate::settings::Quantile;
use crate::verdict::{Cause, Outcome};

state!(Judge {
    clock, phase, reserve, errors, latency, passes, throughput, stable_past, between, canary_recent, counted, harm, outcome,
} each { means, series, error_streak, latency_streak } made { settings } sound Judge::is_sound);

impl Judge {
    fn is_sound(&self) -> bool {
        let test_known = self.phase.as_ref().is_none_or(|phase| phase.knows_its_test(&self.passes));
        let few = self.passes.len() <= MOST_TESTS;
        let first = self.passes.first().is_some_and(|test| test.is_for(&self.settings.harm_margins));
        let harm = self.harm.is_some() == (self.outcome == Outcome::Harm);
        few && test_known && first && harm && self.harm.is_none_or(|harm| self.can_cause(harm.cause))
    }

    fn can_cause(&self, cause: Cause) -> bool {
        match cause {
            Cause::Mean(at) => self.mean(at).is_some(),
            Cause::Series(at) => self.one_series(at).is_some(),
            Cause::ErrorStreak => self.error_streak.is_some(),
            Cause::LatencyStreak => self.latency_streak.is_some(),
            Cause::ErrorRate | Cause::GrossErrors | Cause::Latency(_) | Cause::GrossLatency | Cause::Throughput => true,
        }
    }
}

impl Exact for Cause {
    fn write(&self, to: &mut Writer) {
        let (kind, which): (u8, u8) = match *self {
            Cause::ErrorRate => (0, 0),
            Cause::GrossErrors => (1, 0),
            Cause::Latency(quantile) => (2, quantile.index() as u8),
            Cause::GrossLatency => (3, 0),
            Cause::Mean(at) => (4, at),
            Cause::Series(at) => (5, at),
            Cause::Throughput => (6, 0),
            Cause::ErrorStreak => (7, 0),
            Cause::LatencyStreak => (8, 0),
        };
        (kind, which).write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let (kind, which): (u8, u8) = read_new(from)?;
        let quantile = || Quantile::ALL.get(usize::from(which)).copied().ok_or(Damage::OutOfRange);
        *self = match kind {
            0 => Cause::ErrorRate,
            1 => Cause::GrossErrors,
            2 => Cause::Latency(quantile()?),
            3 => Cause::GrossLatency,
            4 => Cause::Mean(which),
            5 => Cause::Series(which),
            6 => Cause::Throughput,
            7 => Cause::ErrorStreak,
            8 => Cause::LatencyStreak,
            _ => return Err(Damage::OutOfRange),
        };
        Ok(())
    }
}
