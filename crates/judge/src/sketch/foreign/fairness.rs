//! What reading by coarse edges does to verdicts, measured: a canary that is no different is not blamed and may pass, one
//! that is twice as slow is found, however few requests it has beside stable.

use super::Edges;
use crate::{Absorbed, Arm, Block, Judge, Margins, Outcome, Quantile, Settings};
use alloc::vec::Vec;

const USUAL: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const BLOCK_MS: i64 = 10_000;

struct Chance(u64);

impl Chance {
    /// Between 0 and 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Seconds; about 60 ms, with a tail.
    fn latency(&mut self, slower: f64) -> f64 {
        let normal: f64 = (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0;
        0.06 * slower * libm::exp(0.5 * normal)
    }
}

/// A service that counts as Prometheus clients do, and what was read of it last.
struct Counter {
    cumulative: Vec<u64>,
    read: Vec<u64>,
}

impl Counter {
    fn new() -> Counter {
        Counter { cumulative: alloc::vec![0; USUAL.len() + 1], read: alloc::vec![0; USUAL.len() + 1] }
    }

    fn count(&mut self, seconds: f64) {
        let from = USUAL.partition_point(|edge| *edge < seconds);
        self.cumulative[from..].iter_mut().for_each(|count| *count += 1);
    }

    fn arm(&mut self, edges: &Edges) -> Arm {
        let latency = edges.increments(&self.read, &self.cumulative).unwrap();
        self.read.clone_from(&self.cumulative);
        Arm { requests: latency.total(), errors: 0, latency, buckets: Vec::new() }
    }
}

/// How one rollout of 200 blocks with 400 requests ends, of which the canary has `canary_has`.
fn rollout(seed: u64, slower: f64, canary_has: u32) -> Outcome {
    let edges = Edges::from_seconds(&USUAL).unwrap();
    let (mut chance, mut stable, mut canary) = (Chance(seed), Counter::new(), Counter::new());
    let mut judge = Judge::new(Settings { warm_up_ms: 0, ..Settings::default() }).unwrap();
    let quantiles = alloc::vec![Quantile::P50, Quantile::P95];
    let margins = Margins { error_rate: 0.05, latency: 0.1, quantiles };
    for number in 0..200 {
        if number == 30 {
            judge.enter_phase(number * BLOCK_MS, &margins);
        }
        (canary_has..400).for_each(|_| stable.count(chance.latency(1.0)));
        (0..canary_has).for_each(|_| canary.count(chance.latency(slower)));
        let (from_ms, to_ms) = (number * BLOCK_MS, (number + 1) * BLOCK_MS);
        let (stable, canary) = (Some(stable.arm(&edges)), Some(canary.arm(&edges)));
        let block = Block { from_ms, to_ms, share: f64::from(canary_has) / 400.0, stable, canary };
        assert_eq!(judge.absorb(&block), Absorbed::Counted);
        if judge.outcome() == Outcome::Harm {
            break;
        }
    }
    judge.outcome()
}

fn harmful(runs: u64, slower: f64) -> u64 {
    (0..runs).filter(|seed| rollout(1_000 + seed, slower, 20) == Outcome::Harm).count() as u64
}

#[test]
fn an_equal_canary_is_not_blamed() {
    let blamed = harmful(60, 1.0);
    assert!(blamed <= 2, "{blamed} of 60");
}

#[test]
fn an_equal_canary_passes() {
    let passed = (0..20).filter(|seed| rollout(*seed, 1.0, 200) == Outcome::Pass).count();
    assert!(passed >= 15, "{passed} of 20");
}

#[test]
fn a_canary_twice_as_slow_is_found() {
    let found = harmful(20, 2.0);
    assert_eq!(found, 20);
}
