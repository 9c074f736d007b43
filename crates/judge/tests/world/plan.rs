//! The standard plan: 5 % for half an hour, 25 % for an hour, 50 % for two.

use judge::{Judge, Margins, Outcome, Quantile, Settings};

use super::chance::Chance;
use super::service::{BLOCK_MS, Latency, Service};

pub(crate) struct Phase {
    pub(crate) share: f64,
    pub(crate) blocks: usize,
    pub(crate) margins: Margins,
}

/// The margins of the process in all phases.
pub(crate) fn as_written() -> [Phase; 3] {
    [(0.05, 180), (0.25, 360), (0.5, 720)].map(|(share, blocks)| Phase { share, blocks, margins: release_margins() })
}

/// Coarse margins early, those of the process last.
pub(crate) fn progressive() -> [Phase; 3] {
    let mut phases = as_written();
    let early = vec![Quantile::P50, Quantile::P95];
    phases[0].margins = Margins { error_rate: 0.005, latency: 0.25, quantiles: early.clone() };
    phases[1].margins = Margins { error_rate: 0.002, latency: 0.15, quantiles: early };
    phases
}

pub(crate) fn release_margins() -> Margins {
    Settings::default().harm_margins
}

/// One rollout, block by block.
pub(crate) struct Rollout<'a> {
    pub(crate) judge: Judge,
    pub(crate) chance: Chance,
    pub(crate) latency: &'a Latency,
    pub(crate) now_ms: i64,
}

/// How a rollout ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// Seconds from the start to harm.
    pub(crate) harm_s: Option<i64>,
    /// Whether each phase passed at its end.
    pub(crate) passed: Vec<bool>,
    /// Whether the judge ever said pass.
    pub(crate) ever_passed: bool,
}

pub(crate) const START_MS: i64 = 1_790_000_000_000;

impl<'a> Rollout<'a> {
    pub(crate) fn new(seed: u64, settings: Settings, latency: &'a Latency) -> Rollout<'a> {
        let judge = Judge::new(settings).unwrap();
        Rollout { judge, chance: Chance::new(seed), latency, now_ms: START_MS }
    }

    /// An hour of stable alone, before the release.
    pub(crate) fn watch_stable(&mut self, service: &Service) {
        for number in -360..0 {
            let from_ms = START_MS + number * BLOCK_MS;
            let _ = self.judge.absorb(&service.block(&mut self.chance, self.latency, from_ms, 0.0));
        }
    }

    /// Runs the plan until harm or its end; the service may change with the block's number.
    pub(crate) fn run(&mut self, phases: &[Phase], service: impl Fn(usize) -> Service) -> End {
        let mut end = End { harm_s: None, passed: Vec::new(), ever_passed: false };
        let mut number = 0;
        for phase in phases {
            self.judge.enter_phase(self.now_ms, &phase.margins);
            for _ in 0..phase.blocks {
                let block = service(number).block(&mut self.chance, self.latency, self.now_ms, phase.share);
                let _ = self.judge.absorb(&block);
                self.now_ms += BLOCK_MS;
                number += 1;
                match self.judge.outcome() {
                    Outcome::Harm => {
                        end.harm_s = Some((self.now_ms - START_MS) / 1_000);
                        return end;
                    }
                    Outcome::Pass => end.ever_passed = true,
                    Outcome::Undecided => {}
                }
            }
            end.passed.push(self.judge.outcome() == Outcome::Pass);
        }
        end
    }
}
