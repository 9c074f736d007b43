//! A rollout as the rules of others see it: whole minutes, which is what a metrics store is asked for. What was not
//! measured is left out of its minute, and a minute says how much of it was.

use judge::Arm;
use judge::sketch::{BUCKETS, upper_edge_us};

use crate::rollout::Interval;

/// A minute of the rollout.
#[derive(Clone, Debug)]
pub struct Minute {
    /// The phase it lies in.
    pub phase: usize,
    /// Whole minutes since the phase began.
    pub age: u32,
    /// The canary's share of the traffic.
    pub share: f64,
    /// How much of it was measured, 0 to 1.
    pub covered: f64,
    /// The version being released.
    pub canary: Tally,
    /// All of the version that serves everyone else.
    pub stable: Tally,
    /// A part of stable as large as the canary.
    pub control: Tally,
}

/// Requests, errors and durations.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Requests answered.
    pub requests: u64,
    /// Of these, the ones that failed.
    pub errors: u64,
    durations: Vec<u32>,
}

impl Minute {
    /// The share of the traffic that the control has: as much as the canary, where stable has that much to spare.
    #[must_use]
    pub fn control_share(&self) -> f64 {
        if self.stable_is_the_control() { 1.0 - self.share } else { self.share.min((1.0 - self.share) / 2.0) }
    }

    fn stable_is_the_control(&self) -> bool {
        1.0 - self.share <= self.share
    }
}

impl Tally {
    /// Nothing.
    #[must_use]
    pub fn none() -> Tally {
        Tally { requests: 0, errors: 0, durations: vec![0; BUCKETS] }
    }

    /// Adds what an arm did.
    pub fn add(&mut self, arm: &Arm) {
        self.requests += arm.requests;
        self.errors += arm.errors;
        for (bucket, count) in arm.latency.iter() {
            self.durations[usize::from(bucket)] += count as u32;
        }
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.durations.iter_mut().zip(&other.durations).for_each(|(own, other)| *own += other);
    }

    /// The share of requests that failed; nothing without requests.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.errors as f64 / self.requests as f64)
    }

    /// The duration in microseconds that a share `q` of the requests stays below; nothing without requests.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        // A request that failed need not have a duration.
        let rank = q * f64::from(self.durations.iter().sum::<u32>());
        let mut below = 0.0;
        for (bucket, &count) in self.durations.iter().enumerate().filter(|entry| *entry.1 > 0) {
            let count = f64::from(count);
            if below + count >= rank {
                let high = upper_edge_us(bucket as u16);
                let low = if bucket == 0 { 0.0 } else { upper_edge_us(bucket as u16 - 1) };
                return Some(low + (high - low) * (rank - below) / count);
            }
            below += count;
        }
        None
    }
}

/// Puts the minutes of a rollout together, block by block.
#[derive(Clone, Debug, Default)]
pub struct Minutes(Vec<Minute>);

impl Minutes {
    /// The next block; the history is nobody's minute.
    pub fn push(&mut self, interval: &Interval) {
        let Some(phase) = interval.phase else {
            return;
        };
        let age = interval.age_s / 60;
        let share = interval.block.share;
        if self.0.last().is_none_or(|last| (last.phase, last.age) != (phase, age)) {
            let (canary, stable, control) = (Tally::none(), Tally::none(), Tally::none());
            self.0.push(Minute { phase, age, share, covered: 0.0, canary, stable, control });
        }
        let Some(minute) = self.0.last_mut() else {
            return;
        };
        if let (Some(canary), Some(stable), Some(part)) =
            (&interval.block.canary, &interval.block.stable, &interval.baseline)
        {
            minute.covered += (interval.block.to_ms - interval.block.from_ms) as f64 / 60_000.0;
            minute.canary.add(canary);
            minute.stable.add(stable);
            minute.control.add(if minute.stable_is_the_control() { stable } else { part });
        }
    }

    /// All of them, from the start of the rollout.
    #[must_use]
    pub fn all(&self) -> &[Minute] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rollout, Timetable, scenario};

    #[test]
    fn a_rollout_has_its_minutes_whatever_the_blocks() {
        let calm = scenario("aa_r10").unwrap();
        for seconds in [5, 10] {
            let mut minutes = Minutes::default();
            let table = Timetable::standard().in_blocks_of(seconds);
            Rollout::new(&calm, 1, &table).for_each(|interval| minutes.push(&interval));
            assert_eq!(minutes.all().len(), 210);
            assert!(minutes.all().iter().all(|minute| (minute.covered - 1.0).abs() < 1e-9));
            let (canary, control) = minutes
                .all()
                .iter()
                .fold((0, 0), |sum, minute| (sum.0 + minute.canary.requests, sum.1 + minute.control.requests));
            assert!((canary as f64 / control as f64 - 1.0).abs() < 0.05, "{canary} {control}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_judges_histogram() {
        let mut arm = Arm::default();
        for us in 1..5_000_u64 {
            arm.latency.record(us * us);
            arm.requests += 1;
        }
        let mut tally = Tally::none();
        tally.add(&arm);
        for q in [0.01, 0.5, 0.95, 0.99, 1.0] {
            assert_eq!(tally.quantile(q), arm.latency.quantile(q));
        }
        assert_eq!(Tally::none().quantile(0.5), None);
    }
}
