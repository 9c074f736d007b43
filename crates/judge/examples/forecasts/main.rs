//! Holds the planner against the judge: the times that it gives for nine rollouts of ten, and what share of simulated
//! rollouts has passed, or was proved harmful, by then.
//!
//! `cargo run --release -p judge --example forecasts -- 2000` runs each plan 2,000 times.
#![expect(clippy::print_stdout, reason = "this program is its output")]
#![expect(clippy::unwrap_used, reason = "the default settings are sound, as a test says")]

#[path = "../../tests/world/chance.rs"]
mod chance;
#[path = "../../tests/forecasts/drawn.rs"]
mod drawn;
mod harmed;
#[path = "../../tests/world/service.rs"]
mod service;

use drawn::{Asks, Drawn, passed};
use harmed::Harmful;
use service::Latency;

fn main() {
    let runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(2_000);
    let latency = Latency::new();
    for harmful in Harmful::ten() {
        println!("{harmful}: {:5.1} % proved harmful by then", 100.0 * harmful.proved(runs / 5, &latency));
    }
    for (asks, runs) in [(Asks::Errors, runs), (Asks::Latency, runs / 5)] {
        for drawn in Drawn::twenty(asks, &latency) {
            let passed = passed(&drawn, runs, &latency);
            let (ever, then) = (100.0 * passed.ever, 100.0 * passed.then);
            println!("{drawn}: {ever:5.1} % passed by then, {then:5.1} % stand at a pass then");
        }
    }
}
