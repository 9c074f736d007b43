//! Something both arms share breaks. Comparing them at the same time keeps the blame where it belongs.

use judge::{Cause, Outcome, Settings};

use super::plan::{Phase, Rollout, progressive};
use super::service::{BLOCK_MS, Latency, Nature, Service};

/// Eight points of errors and three times the latency for ten minutes, in both arms.
fn outage(block: usize, canary_errors: f64) -> Service {
    let on = (400..460).contains(&block);
    let (errors, slower_by) = if on { (0.081, 58) } else { (0.001, 0) };
    let nature = Nature { errors, slower_by };
    Service { stable: nature, canary: Nature { errors: errors + canary_errors, slower_by }, ..Service::healthy() }
}

#[test]
fn a_shared_outage_is_never_blamed_on_the_canary() {
    let latency = Latency::new();
    for seed in 0..20 {
        let mut rollout = Rollout::new(seed, Settings::default(), &latency);
        let end = rollout.run(&progressive(), |block| outage(block, 0.0));
        assert_eq!(end.harm_s, None, "seed {seed}");
    }
}

#[test]
fn it_is_reported_while_it_lasts_and_not_after() {
    let latency = Latency::new();
    let mut rollout = Rollout::new(1, Settings::default(), &latency);
    let mut shared = Vec::new();
    rollout.judge.enter_phase(rollout.now_ms, &super::plan::release_margins());
    for number in 0..600 {
        let block = outage(number, 0.0).block(&mut rollout.chance, &latency, rollout.now_ms, 0.25);
        let _ = rollout.judge.absorb(&block);
        rollout.now_ms += BLOCK_MS;
        if rollout.judge.shared_degradation() {
            shared.push(number);
            assert!(rollout.judge.verdict().sentence().contains("the canary is not blamed"));
        }
    }
    let (first, last) = (shared[0], shared[shared.len() - 1]);
    assert!((425..=436).contains(&first), "five minutes after it began, not at block {first}");
    assert!((455..=467).contains(&last), "over within a window of its end, not at block {last}");
}

/// While everything fails for ten minutes, no error of the canary is more than its part of that; afterwards it shows.
#[test]
fn a_bad_canary_is_found_when_the_outage_is_over() {
    let latency = Latency::new();
    let phases: [Phase; 3] = progressive();
    for seed in 0..10 {
        let mut rollout = Rollout::new(seed, Settings::default(), &latency);
        let end = rollout.run(&phases, |block| outage(block, if block < 400 { 0.0 } else { 0.05 }));
        let delay = end.harm_s.map(|harm| harm - 4_000);
        assert!(delay.is_some_and(|delay| delay <= 960), "seed {seed}: {delay:?}");
        assert_eq!(rollout.judge.outcome(), Outcome::Harm);
        let cause = rollout.judge.verdict().cause;
        assert!(matches!(cause, Some(Cause::ErrorRate | Cause::GrossErrors)), "{cause:?}");
    }
}
