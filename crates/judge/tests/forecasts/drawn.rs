//! Random plans from one seed, their forecasts, and what the judge makes of healthy rollouts by them.

use std::fmt;

use judge::plan::{Chances, Earlier, POWER, PassPlan};
use judge::{Judge, Margins, Outcome, Quantile, Settings};

use super::chance::Chance;
use super::service::{BLOCK_MS, Latency, Nature, Service};

/// One phase of a rollout of a healthy canary, with what goes before it.
pub(crate) struct Drawn {
    /// Requests per second.
    rate: f64,
    base: f64,
    /// The phases; the last one is what the forecast is about.
    phases: Vec<Phase>,
    /// Blocks after which nine of ten should have passed it, with warm-up.
    blocks: usize,
}

struct Phase {
    share: f64,
    blocks: usize,
    margins: Margins,
}

/// Shares of the rollouts.
pub(crate) struct Passed {
    /// That passed the phase at least once by the time of the forecast.
    pub(crate) ever: f64,
    /// That stood at a pass at that very moment.
    pub(crate) then: f64,
    pub(crate) phi: f64,
}

/// Blocks at the start of each phase that are not judged.
const WARM_UP: usize = 18;
/// Longer forecasts take too long to try; shorter ones are over within a few blocks.
const BLOCKS: std::ops::Range<usize> = WARM_UP + 12..2_200;

const PHI: f64 = 1.0;

impl Drawn {
    pub(crate) fn twenty(errors_only: bool) -> Vec<Drawn> {
        let mut chance = Chance::new(20_261_123);
        let mut drawn = Vec::new();
        while drawn.len() < 20 {
            drawn.extend(Drawn::draw(&mut chance, errors_only));
        }
        drawn
    }

    fn draw(chance: &mut Chance, _errors_only: bool) -> Option<Drawn> {
        let between = |chance: &mut Chance, low: f64, high: f64| low * (high / low).powf(chance.uniform());
        let rate = between(chance, 2.0, 5_000.0);
        let base = between(chance, 0.0003, 0.02);
        let position = 1 + chance.below(3);
        let shares = [[0.05, 0.25, 0.5], [0.01, 0.1, 0.25], [0.1, 0.3, 0.6]][chance.below(3)];
        let same = chance.below(2) == 0;
        let margin = [0.001, 0.002, 0.003, 0.005, 0.01][chance.below(5)];
        let mut phases = Vec::new();
        for (at, &share) in shares[..position].iter().enumerate() {
            let last = at + 1 == position;
            let error_rate = if last || same { margin } else { 2.0 * margin };
            let blocks = WARM_UP + chance.below(342);
            phases.push(Phase { share, blocks, margins: Margins { error_rate, latency: 0.2, quantiles: vec![] } });
        }
        let (last, before) = phases.split_last().unwrap();
        let carried = same || (last.margins.error_rate - 0.001).abs() < 1e-12;
        let earlier: Vec<_> = before
            .iter()
            .filter(|_| carried && same)
            .map(|phase| Earlier { requests: judged(phase, rate), share: phase.share })
            .collect();
        let plan = PassPlan {
            chances: Chances { canary: base, stable: base, margin },
            share: last.share,
            alpha: 0.05,
            phi: PHI,
            before: &earlier,
        };
        let requests = plan.requests(POWER)?;
        let blocks = WARM_UP + (requests / (rate * last.share * BLOCK_MS as f64 / 1e3)).ceil() as usize;
        BLOCKS.contains(&blocks).then_some(Drawn { rate, base, phases, blocks })
    }
}

fn judged(phase: &Phase, rate: f64) -> f64 {
    (phase.blocks - WARM_UP) as f64 * rate * phase.share * BLOCK_MS as f64 / 1e3
}

/// Runs healthy rollouts, each from its own seed.
pub(crate) fn passed(drawn: &Drawn, runs: u64, latency: &Latency) -> Passed {
    let (mut ever, mut then, mut phi) = (0, 0, 0.0);
    for seed in 0..runs {
        let (passed, at_the_end, p) = run(drawn, seed, latency);
        ever += u64::from(passed);
        then += u64::from(at_the_end);
        phi += p;
    }
    Passed { ever: ever as f64 / runs as f64, then: then as f64 / runs as f64, phi: phi / runs as f64 }
}

fn run(drawn: &Drawn, seed: u64, latency: &Latency) -> (bool, bool, f64) {
    let nature = Nature { errors: drawn.base, slower_by: 0 };
    let service = Service { rate: drawn.rate, stable: nature, canary: nature, measured: false, ..Service::healthy() };
    let settings = Settings { harm_margins: Margins { error_rate: 0.0007, latency: 0.1, quantiles: vec![Quantile::P50] }, error_streak: None, ..Settings::default() };
    let mut judge = Judge::new(settings).unwrap();
    let mut chance = Chance::new(seed);
    let mut now_ms = 1_790_000_000_000;
    let mut ever = false;
    for (at, phase) in drawn.phases.iter().enumerate() {
        let last = at + 1 == drawn.phases.len();
        judge.enter_phase(now_ms, &phase.margins);
        for _ in 0..if last { drawn.blocks } else { phase.blocks } {
            let _ = judge.absorb(&service.block(&mut chance, latency, now_ms, phase.share));
            now_ms += BLOCK_MS;
            ever |= last && judge.outcome() == Outcome::Pass;
        }
    }
    (ever, judge.outcome() == Outcome::Pass, judge.verdict().dispersion.phi)
}

impl fmt::Display for Drawn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.phases.last().unwrap();
        let minutes = self.blocks as f64 / 6.0;
        write!(
            out,
            "{:7.1} req/s, base {:.3} %, phase {} at {:4.1} %, margin {:.1} points: {minutes:6.1} min, {:6.1} errors",
            self.rate,
            100.0 * self.base,
            self.phases.len(),
            100.0 * last.share,
            100.0 * last.margins.error_rate,
            minutes*60.*self.rate*last.share*self.base
        )
    }
}
