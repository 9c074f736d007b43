//! A canary exactly at the margin: harm in at most 1 %, ever passed in at most 5 %, over 1,260 looks.

use judge::{Margins, Settings};

use super::plan::{Phase, Rollout, as_written, release_margins};
use super::service::{BLOCK_MS, Latency, Nature, Service};
use super::{allowed, ends, harmed};

fn at_the_margin_of_errors(rate: f64, share: f64, base: f64) {
    let service = Service {
        rate,
        stable: Nature { errors: base, slower_by: 0 },
        canary: Nature { errors: base + 0.001, slower_by: 0 },
        measured: false,
        ..Service::healthy()
    };
    let margins = Margins { quantiles: Vec::new(), ..release_margins() };
    let ends = ends(0..300, &[Phase { share, blocks: 1_260, margins }], &service);
    assert!(harmed(&ends) <= allowed(0.01, ends.len()), "harm in {} of {}", harmed(&ends), ends.len());
    let passed = ends.iter().filter(|end| end.ever_passed).count();
    assert!(passed <= allowed(0.05, ends.len()), "passed {passed} of {}", ends.len());
}

#[test]
fn at_the_margin_with_few_errors() {
    at_the_margin_of_errors(100.0, 0.05, 0.0005);
}

#[test]
fn at_the_margin_with_many_errors() {
    at_the_margin_of_errors(100.0, 0.5, 0.005);
}

#[test]
fn exactly_ten_percent_slower_is_neither_harm_nor_passed() {
    let canary = Nature { errors: 0.001, slower_by: 5 };
    let ends = ends(0..25, &as_written(), &Service { canary, ..Service::healthy() });
    assert!(harmed(&ends) <= 1, "harm in {} of {}", harmed(&ends), ends.len());
    let passed = ends.iter().filter(|end| end.ever_passed).count();
    assert!(passed <= allowed(0.05, ends.len()), "passed {passed} of {}", ends.len());
}

/// The displayed bounds hold at every look with 95 % on each side.
#[test]
fn the_interval_contains_the_truth_at_all_looks() {
    let latency = Latency::new();
    let rise = 0.0015;
    let canary = Nature { errors: 0.001 + rise, slower_by: 0 };
    let service = Service { canary, measured: false, ..Service::healthy() };
    let runs = 150;
    let (mut above, mut below) = (0, 0);
    for seed in 0..runs {
        let mut rollout = Rollout::new(seed, Settings::default(), &latency);
        rollout.judge.enter_phase(rollout.now_ms, &release_margins());
        let (mut too_high, mut too_low) = (false, false);
        for number in 0..600 {
            let block = service.block(&mut rollout.chance, &latency, rollout.now_ms, 0.25);
            rollout.now_ms += BLOCK_MS;
            let _ = rollout.judge.absorb(&block);
            if number % 12 == 0 {
                let errors = rollout.judge.verdict().findings[0].difference;
                too_high |= errors.low > rise;
                too_low |= errors.high < rise;
            }
        }
        above += usize::from(too_high);
        below += usize::from(too_low);
    }
    assert!(above <= allowed(0.05, runs as usize), "lower bound above the truth in {above} of {runs}");
    assert!(below <= allowed(0.05, runs as usize), "upper bound below the truth in {below} of {runs}");
}
