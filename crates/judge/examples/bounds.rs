//! Measures what the tests only bound: false alarms and false passes at the margin, delays, and the cost of a block.
//!
//! `cargo run --release -p judge --example bounds -- 2000` runs each configuration 2,000 times.
#![expect(clippy::print_stdout, reason = "this program is its output")]
#![expect(clippy::unwrap_used, reason = "the default settings are sound, as a test says")]

#[path = "../tests/world/chance.rs"]
mod chance;
#[path = "../tests/world/metrics.rs"]
mod metrics;
#[path = "../tests/world/plan.rs"]
mod plan;
#[path = "../tests/world/service.rs"]
mod service;

use std::time::{Duration, Instant};

use judge::{Block, Judge, Margins, Settings};
use metrics::{all_metrics, completed};
use plan::{Phase, Rollout, as_written, progressive};
use service::{BLOCK_MS, Latency, Nature, Service};

fn main() {
    let latency = Latency::new();
    cost(&latency);
    let Some(runs) = std::env::args().nth(1).and_then(|runs| runs.parse().ok()) else {
        return;
    };
    margin_of_errors(runs, &latency);
    margin_of_latency(runs / 10, &latency);
    rollouts(runs / 10, &latency);
}

fn cost(latency: &Latency) {
    for rate in [10.0, 100.0, 1_000.0] {
        let service = Service { rate, ..Service::healthy() };
        let mut chance = chance::Chance::new(1);
        let mut blocks = Vec::new();
        for number in 0..1_260 {
            let share = [0.05, 0.25, 0.5][usize::from(number >= 180) + usize::from(number >= 540)];
            let block = service.block(&mut chance, latency, number * BLOCK_MS, share);
            blocks.push(completed(block, &mut chance, number, 1));
        }
        let mut timed: Vec<_> = (0..20).map(|_| judged(&blocks)).collect();
        timed.sort_by_key(|entry| entry.0);
        let (all, judge) = timed.swap_remove(0);
        let begun = Instant::now();
        (0..100).for_each(|_| _ = std::hint::black_box(judge.verdict()));
        let verdict = begun.elapsed() / 100;
        let begun = Instant::now();
        let state = serde_json::to_string(&judge).unwrap();
        let writing = begun.elapsed();
        let each = all / blocks.len() as u32;
        println!(
            "all metrics at {rate} req/s: {each:?} a block, {all:?} a rollout of 1,260 blocks, {verdict:?} a verdict, state \
             {} bytes, written in {writing:?}",
            (state.len() - 2) / 2
        );
    }
}

fn judged(blocks: &[Block]) -> (Duration, Judge) {
    let mut judge = Judge::new(all_metrics(1)).unwrap();
    let begun = Instant::now();
    for (number, block) in blocks.iter().enumerate() {
        if let Some(phase) = [0, 180, 540].iter().position(|&start| start == number) {
            judge.enter_phase(block.from_ms, &progressive()[phase].margins);
        }
        let _ = judge.absorb(block);
        let _ = judge.outcome();
    }
    (begun.elapsed(), judge)
}

fn margin_of_errors(runs: u64, latency: &Latency) {
    for (rate, share, base) in [(10.0, 0.05, 0.001), (100.0, 0.05, 0.0005), (100.0, 0.5, 0.005), (1_000.0, 0.25, 0.001)]
    {
        let service = Service {
            rate,
            stable: Nature { errors: base, slower_by: 0 },
            canary: Nature { errors: base + 0.001, slower_by: 0 },
            measured: false,
            ..Service::healthy()
        };
        let margins = Margins { quantiles: Vec::new(), ..plan::release_margins() };
        let (mut harmed, mut passed) = (0, 0);
        for seed in 0..runs {
            let phases = [Phase { share, blocks: 1_260, margins: margins.clone() }];
            let end = Rollout::new(seed, Settings::default(), latency).run(&phases, |_| service.clone());
            harmed += u64::from(end.harm_s.is_some());
            passed += u64::from(end.ever_passed);
        }
        let percent = |count: u64| 100.0 * count as f64 / runs as f64;
        println!(
            "errors at the margin, {rate} req/s, share {share}, base {base}: harm {:.2} %, ever passed {:.2} % of {runs}",
            percent(harmed),
            percent(passed)
        );
    }
}

fn margin_of_latency(runs: u64, latency: &Latency) {
    let canary = Nature { errors: 0.001, slower_by: 5 };
    let service = Service { canary, ..Service::healthy() };
    let ends: Vec<_> = (0..runs)
        .map(|seed| Rollout::new(seed, Settings::default(), latency).run(&as_written(), |_| service.clone()))
        .collect();
    let harmed = ends.iter().filter(|end| end.harm_s.is_some()).count();
    let passed = ends.iter().filter(|end| end.ever_passed).count();
    println!("latency 10 % slower exactly, 100 req/s: harm {harmed}, ever passed {passed} of {runs}");
}

fn rollouts(runs: u64, latency: &Latency) {
    let healthy = Service::healthy();
    let worse = |errors: f64, slower_by: u16, rate: f64| Service {
        rate,
        canary: Nature { errors: 0.001 + errors, slower_by },
        ..Service::healthy()
    };
    let stories = [
        ("healthy, 10 req/s", Service { rate: 10.0, ..healthy.clone() }),
        ("healthy, 100 req/s", healthy.clone()),
        ("healthy, clusters of 5, 100 req/s", Service { cluster: 5.0, ..healthy.clone() }),
        ("healthy, clusters of 5, 10 req/s", Service { cluster: 5.0, rate: 10.0, ..healthy.clone() }),
        ("+5 points, 100 req/s", worse(0.05, 0, 100.0)),
        ("+5 points, 10 req/s", worse(0.05, 0, 10.0)),
        ("+1 point, 100 req/s", worse(0.01, 0, 100.0)),
        ("+0.5 points, 100 req/s", worse(0.005, 0, 100.0)),
        ("half of all fail, 10 req/s", worse(0.5, 0, 10.0)),
        ("33 % slower, 100 req/s", worse(0.0, 15, 100.0)),
        ("60 % slower, 100 req/s", worse(0.0, 25, 100.0)),
        ("6 times slower, 10 req/s", worse(0.0, 94, 10.0)),
    ];
    for (name, service) in stories {
        let begun = Instant::now();
        let ends: Vec<_> = (0..runs)
            .map(|seed| {
                let mut rollout = Rollout::new(seed, Settings::default(), latency);
                rollout.watch_stable(&service);
                rollout.run(&progressive(), |_| service.clone())
            })
            .collect();
        let mut delays: Vec<i64> = ends.iter().filter_map(|end| end.harm_s).collect();
        delays.sort_unstable();
        let at = |q: f64| delays.get((q * delays.len() as f64) as usize).copied().unwrap_or(-1);
        let passed = |phase: usize| ends.iter().filter(|end| end.passed.get(phase) == Some(&true)).count();
        println!(
            "{name}: harm {} of {runs} (median {} s, 95 % {} s), passed phases {} {} {} [{:?}]",
            delays.len(),
            at(0.5),
            at(0.95),
            passed(0),
            passed(1),
            passed(2),
            begun.elapsed()
        );
    }
}
