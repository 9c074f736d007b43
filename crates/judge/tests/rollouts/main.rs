//! The judge over whole rollouts of an invented service: do its promises hold, and does it find what it should?
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage must fail")]

mod bounds;
mod chaos;
mod clusters;
mod faults;
mod healthy;
mod incidents;
mod missing;
mod replay;
mod rules;
mod state;
mod throughput;
mod watching;
mod words;

#[path = "../world/chance.rs"]
mod chance;
#[path = "../world/metrics.rs"]
mod metrics;
#[path = "../world/plan.rs"]
mod plan;
#[path = "../world/service.rs"]
mod service;

use judge::Settings;
use plan::{End, Phase, Rollout};
use service::{Latency, Service};

/// Many rollouts of one service.
fn ends(seeds: std::ops::Range<u64>, phases: &[Phase], service: &Service) -> Vec<End> {
    let latency = Latency::new();
    seeds.map(|seed| Rollout::new(seed, Settings::default(), &latency).run(phases, |_| service.clone())).collect()
}

fn harmed(ends: &[End]) -> usize {
    ends.iter().filter(|end| end.harm_s.is_some()).count()
}

/// How many of `runs` may happen when the chance is at most `alpha`, with three standard errors.
fn allowed(alpha: f64, runs: usize) -> usize {
    let runs = runs as f64;
    (alpha * runs + 3.0 * (alpha * (1.0 - alpha) * runs).sqrt()).floor() as usize
}
