//! Harmful canaries from one seed: when their harm should be proved in nine rollouts of ten, and in how many it is.

use std::fmt;

use judge::plan::{Chances, GROSS_ERROR_MARGIN, HarmPlan, Limit, POWER, Weight, capital};
use judge::{Judge, Outcome, Settings};

use crate::chance::Chance;
use crate::service::{BLOCK_MS, Latency, Nature, Service};

/// A canary that fails more from its first second, in the first phase.
pub(crate) struct Harmful {
    service: Service,
    share: f64,
    /// Until harm should be proved.
    seconds: f64,
}

/// Blocks at the start that the test at the margin of the release does not see.
const WARM_UP_S: f64 = 180.0;
const LONGEST_S: f64 = 21_600.0;

impl Harmful {
    pub(crate) fn ten() -> Vec<Harmful> {
        let mut chance = Chance::new(20_261_124);
        let mut drawn = Vec::new();
        while drawn.len() < 10 {
            drawn.extend(Harmful::draw(&mut chance));
        }
        drawn
    }

    fn draw(chance: &mut Chance) -> Option<Harmful> {
        let mut between = |low: f64, high: f64| low * (high / low).powf(chance.uniform());
        let (rate, base, rise) = (between(5.0, 2_000.0), between(0.0003, 0.01), between(0.002, 0.3));
        let share = [0.01, 0.05, 0.1, 0.25, 0.5][chance.below(5)];
        let stable = Nature { errors: base, slower_by: 0 };
        let canary = Nature { errors: base + rise, slower_by: 0 };
        let service = Service { rate, stable, canary, measured: false, ..Service::healthy() };
        let proved = |margin: f64, weight: Weight| {
            let plan = HarmPlan {
                chances: Chances { canary: base + rise, stable: base, margin },
                per_second: rate,
                share,
                alpha: 0.01,
                weight,
                capital: capital(0, 0.0),
                phi: 1.0,
                limit: Limit::Cell(Settings::default().incident_ms as f64 / 1e3),
            };
            plan.proof(POWER).map_or(f64::INFINITY, |proof| proof.seconds)
        };
        let fine = WARM_UP_S + proved(0.001, Weight::Errors);
        let seconds = fine.min(proved(GROSS_ERROR_MARGIN, Weight::GrossErrors));
        (seconds <= LONGEST_S).then_some(Harmful { service, share, seconds })
    }

    /// The share of rollouts in which harm is proved in time.
    pub(crate) fn proved(&self, runs: u64, latency: &Latency) -> f64 {
        let proved = (0..runs).filter(|&seed| self.run(seed, latency)).count();
        proved as f64 / runs as f64
    }

    fn run(&self, seed: u64, latency: &Latency) -> bool {
        let settings = Settings { error_streak: None, ..Settings::default() };
        let mut judge = Judge::new(settings.clone()).unwrap();
        let mut chance = Chance::new(seed);
        let start_ms = 1_790_000_000_000;
        judge.enter_phase(start_ms, &settings.harm_margins);
        let blocks = (self.seconds * 1e3 / BLOCK_MS as f64).ceil() as i64;
        (0..blocks).any(|number| {
            let from_ms = start_ms + number * BLOCK_MS;
            let _ = judge.absorb(&self.service.block(&mut chance, latency, from_ms, self.share));
            judge.outcome() == Outcome::Harm
        })
    }
}

impl fmt::Display for Harmful {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Service { rate, stable, canary, .. } = &self.service;
        let (share, base) = (100.0 * self.share, 100.0 * stable.errors);
        let (rise, minutes) = (100.0 * (canary.errors - stable.errors), self.seconds / 60.0);
        write!(out, "{rate:6.1} req/s at {share:2.0} %, base {base:.3} %, rise {rise:.2} points: {minutes:5.1} min")
    }
}
