//! Random plans from one seed, their forecasts, and what the judge makes of healthy rollouts by them.

use std::fmt;

use judge::plan::{Chances, Earlier, POWER, PassPlan, Scatter, Seen, Tail, learns_from};
use judge::{Judge, Margins, Outcome, Quantile, Settings};

use super::chance::Chance;
use super::service::{BLOCK_MS, Latency, Nature, Service};

/// A rollout of a healthy canary up to the phase that the forecast is about.
pub(crate) struct Drawn {
    service: Service,
    /// The last one is the one in question.
    phases: Vec<Phase>,
    asks: Asks,
    /// Blocks after which nine rollouts of ten should have passed it, with warm-up.
    blocks: usize,
}

struct Phase {
    share: f64,
    blocks: usize,
    margins: Margins,
}

/// Which metric takes longest.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Asks {
    Errors,
    Latency,
}

/// Shares of the rollouts.
pub(crate) struct Passed {
    /// That passed the phase at least once by the time of the forecast.
    pub(crate) ever: f64,
    /// That stood at a pass at that very moment.
    pub(crate) then: f64,
}

/// Blocks at the start of each phase that are not judged.
const WARM_UP: usize = 18;
/// Longer forecasts take too long to try; shorter ones are over within a few blocks.
const BLOCKS: std::ops::RangeInclusive<usize> = WARM_UP + 12..=2_200;
/// So wide that errors never keep a phase that asks for latency.
const ANY_ERRORS: f64 = 0.2;

impl Drawn {
    pub(crate) fn twenty(asks: Asks, latency: &Latency) -> Vec<Drawn> {
        let mut chance = Chance::new(20_261_123);
        let all = Service { rate: 1e5, ..Service::healthy() }.block(&mut chance, latency, 0, 0.5);
        let tail = Tail::of(&all.stable.unwrap().latency);
        let mut drawn = Vec::new();
        while drawn.len() < 20 {
            drawn.extend(Drawn::draw(asks, &mut chance, &tail));
        }
        drawn
    }

    fn draw(asks: Asks, chance: &mut Chance, tail: &Tail) -> Option<Drawn> {
        let service = service(asks, chance);
        let phases = phases(asks, chance);
        let margins: Vec<_> = phases.iter().map(|phase| &phase.margins).collect();
        let (last, before) = phases.split_last().unwrap();
        let known = &before[learns_from(&margins, &Settings::default().harm_margins)..];
        let known: Vec<_> = known
            .iter()
            .map(|phase| Earlier {
                requests: (phase.blocks - WARM_UP) as f64 * per_block(&service, phase.share),
                share: phase.share,
            })
            .collect();
        let errors = service.canary.errors;
        let chances = match last.margins.quantiles.first() {
            None => Chances { canary: errors, stable: errors, margin: last.margins.error_rate },
            Some(&quantile) => tail.unchanged(quantile, last.margins.latency, 1_000)?,
        };
        let seen = Seen {
            per_second: service.rate,
            block_seconds: BLOCK_MS as f64 / 1e3,
            seen_seconds: (before.iter().map(|phase| phase.blocks).sum::<usize>() + WARM_UP) as f64 * 10.0,
        };
        let scatter = match asks {
            Asks::Errors => Scatter::ReadOverTime { within_users: Scatter::INDEPENDENT_ERRORS, seen },
            Asks::Latency => Scatter::ReadBetweenBlocks(seen),
        };
        let plan = PassPlan { chances, share: last.share, alpha: 0.05, scatter, before: &known };
        let blocks = WARM_UP + (plan.requests(POWER)? / per_block(&service, last.share)).ceil() as usize;
        BLOCKS.contains(&blocks).then_some(Drawn { service, phases, asks, blocks })
    }
}

fn service(asks: Asks, chance: &mut Chance) -> Service {
    let errors = between(chance, 0.0003, 0.02);
    let rate = between(chance, 2.0, if asks == Asks::Errors { 5_000.0 } else { 300.0 });
    let nature = Nature { errors, slower_by: 0 };
    Service { rate, stable: nature, canary: nature, measured: asks == Asks::Latency, ..Service::healthy() }
}

/// Between one and three phases; earlier ones have the same margins, or wider ones.
fn phases(asks: Asks, chance: &mut Chance) -> Vec<Phase> {
    let shares = [[0.05, 0.25, 0.5], [0.01, 0.1, 0.25], [0.1, 0.3, 0.6]][chance.below(3)];
    let position = 1 + chance.below(3);
    let wider = if chance.below(2) == 0 { 1.0 } else { 2.0 };
    let margins = match asks {
        Asks::Errors => {
            let error_rate = [0.001, 0.001, 0.002, 0.003, 0.005, 0.01][chance.below(6)];
            Margins { error_rate, latency: 0.1, quantiles: Vec::new() }
        }
        Asks::Latency => {
            let latency = [0.1, 0.15, 0.25, 0.5][chance.below(4)];
            Margins { error_rate: ANY_ERRORS, latency, quantiles: vec![Quantile::ALL[chance.below(3)]] }
        }
    };
    (1..=position)
        .map(|number| {
            let wider = if number == position { 1.0 } else { wider };
            let (error_rate, latency) = (wider * margins.error_rate, wider * margins.latency);
            let margins = Margins { error_rate, latency, quantiles: margins.quantiles.clone() };
            Phase { share: shares[number - 1], blocks: WARM_UP + 1 + chance.below(342), margins }
        })
        .collect()
}

fn between(chance: &mut Chance, low: f64, high: f64) -> f64 {
    low * (high / low).powf(chance.uniform())
}

fn per_block(service: &Service, share: f64) -> f64 {
    service.rate * share * BLOCK_MS as f64 / 1e3
}

/// Runs healthy rollouts, each from its own seed.
pub(crate) fn passed(drawn: &Drawn, runs: u64, latency: &Latency) -> Passed {
    let (mut ever, mut then) = (0, 0);
    for seed in 0..runs {
        let (passed, at_the_end) = run(drawn, seed, latency);
        ever += u64::from(passed);
        then += u64::from(at_the_end);
    }
    Passed { ever: ever as f64 / runs as f64, then: then as f64 / runs as f64 }
}

fn run(drawn: &Drawn, seed: u64, latency: &Latency) -> (bool, bool) {
    // A streak of more than 1 % would blame a service that is like that.
    let settings = Settings { error_streak: None, ..Settings::default() };
    let mut judge = Judge::new(settings).unwrap();
    let mut chance = Chance::new(seed);
    let mut now_ms = 1_790_000_000_000;
    let mut ever = false;
    for (at, phase) in drawn.phases.iter().enumerate() {
        let last = at + 1 == drawn.phases.len();
        judge.enter_phase(now_ms, &phase.margins);
        for _ in 0..if last { drawn.blocks } else { phase.blocks } {
            let _ = judge.absorb(&drawn.service.block(&mut chance, latency, now_ms, phase.share));
            now_ms += BLOCK_MS;
            ever |= last && judge.outcome() == Outcome::Pass;
        }
    }
    (ever, judge.outcome() == Outcome::Pass)
}

impl fmt::Display for Drawn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.phases.last().unwrap();
        let (number, share, minutes) = (self.phases.len(), 100.0 * last.share, self.blocks as f64 / 6.0);
        write!(out, "{:6.1} req/s, phase {number} at {share:2.0} %, ", self.service.rate)?;
        match (self.asks, last.margins.quantiles.first()) {
            (Asks::Latency, Some(quantile)) => write!(out, "{quantile} within {:2.0} %", 100.0 * last.margins.latency)?,
            _ => {
                let (base, margin) = (100.0 * self.service.stable.errors, 100.0 * last.margins.error_rate);
                write!(out, "base {base:.3} %, margin {margin:.1} points")?;
            }
        }
        let before = self.phases.len() > 1 && self.phases[0].margins == last.margins;
        write!(out, "{}: {minutes:5.1} min", if before { ", same margins before" } else { "" })
    }
}
