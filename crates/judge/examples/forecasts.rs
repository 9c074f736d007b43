//! Holds the planner against the judge: the times that it gives for nine passes of ten, and what share of simulated
//! rollouts has passed by then.
//!
//! `cargo run --release -p judge --example forecasts -- 2000` runs each plan 2,000 times.
#![expect(clippy::print_stdout, reason = "this program is its output")]
#![expect(clippy::unwrap_used, reason = "the default settings are sound, as a test says")]

#[path = "../tests/world/chance.rs"]
mod chance;
#[path = "../tests/forecasts/drawn.rs"]
mod drawn;
#[path = "../tests/world/plan.rs"]
#[expect(dead_code, reason = "written for more than this program needs")]
mod plan;
#[path = "../tests/world/service.rs"]
#[expect(dead_code, reason = "written for more than this program needs")]
mod service;

use drawn::{Drawn, passed};
use service::Latency;

fn main() {
    let runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(2_000);
    let latency = Latency::new();
    for errors_only in [true, false] {
        println!("{}", if errors_only { "errors" } else { "errors and latency" });
        for drawn in Drawn::twenty(errors_only) {
            let passed = passed(&drawn, runs, &latency);
            println!("{drawn}: passed by then {:5.1} %, at that moment {:5.1} %, phi {:.3}", 100.0*passed.ever, 100.0*passed.then, passed.phi);
        }
    }
}
