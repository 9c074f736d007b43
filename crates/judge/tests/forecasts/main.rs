//! "In nine rollouts of ten the phase has been passed by then": true in simulation for between 85 and 97 %, on twenty
//! random plans each for errors and for latency. `--example forecasts` prints the shares with more runs.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage must fail")]

#[path = "../world/chance.rs"]
mod chance;
mod drawn;
#[path = "../world/service.rs"]
mod service;

use drawn::{Asks, Drawn, passed};
use service::Latency;

#[test]
fn nine_of_ten_pass_errors_by_the_time_that_is_given() {
    hold(Asks::Errors, 400);
}

#[test]
fn nine_of_ten_pass_latency_by_the_time_that_is_given() {
    hold(Asks::Latency, 50);
}

/// Between 85 and 97 %, with three standard errors for the small number of runs.
fn hold(asks: Asks, runs: u64) {
    let latency = Latency::new();
    let error = |share: f64| 3.0 * (share * (1.0 - share) / runs as f64).sqrt();
    for drawn in Drawn::twenty(asks, &latency) {
        let passed = passed(&drawn, runs, &latency);
        let share = passed.ever;
        assert!((0.85 - error(0.85)..=0.97 + error(0.97)).contains(&share), "{drawn}: {share}, {} then", passed.then);
    }
}
