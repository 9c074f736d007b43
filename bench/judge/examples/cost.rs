//! What a rollout costs to draw and to judge: `cargo run --release -p bench-judge --example cost`.
#![expect(clippy::print_stdout, reason = "this program is its output")]
#![expect(clippy::unwrap_used, reason = "the default settings are sound, as a test of the judge says")]

use std::time::Instant;

use bench_judge::{Rollout, Scenario, Timetable, scenarios};
use judge::{Judge, Settings};

fn main() {
    let table = Timetable::standard();
    for scenario in scenarios().iter().filter(|scenario| scenario.name.starts_with("aa_r")) {
        let drawn = timed(|seed| Rollout::new(scenario, seed, &table).filter(|drawn| drawn.begins_phase).count());
        let judged = timed(|seed| judged(scenario, seed, &table));
        println!("{}: {drawn:.1} ms to draw, {judged:.1} ms to draw and to judge", scenario.name);
    }
}

fn timed(mut run: impl FnMut(u64) -> usize) -> f64 {
    const TIMES: u64 = 10;
    let begun = Instant::now();
    (0..TIMES).for_each(|seed| _ = std::hint::black_box(run(seed)));
    begun.elapsed().as_secs_f64() * 1e3 / TIMES as f64
}

fn judged(scenario: &Scenario, seed: u64, table: &Timetable) -> usize {
    let settings = Settings::default();
    let margins = settings.harm_margins.clone();
    let mut judge = Judge::new(settings).unwrap();
    Rollout::new(scenario, seed, table)
        .map(|interval| {
            if interval.begins_phase {
                judge.enter_phase(interval.block.from_ms, &margins);
            }
            judge.absorb(&interval.block)
        })
        .count()
}
