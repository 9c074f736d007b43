//! A service that somebody recorded: pods, traffic, errors that come in clusters within a pod, and an incident that is known
//! because it was put there.

use engine::{Budget, JudgePlan, Margins, Millis, OnUndecided, Phase, Plan, Share, Triggers};
use judge::{Arm, Bucket, Histogram, USER_BUCKETS};

pub(crate) const STEP_MS: i64 = 10_000;
pub(crate) const MINUTE_MS: i64 = 60_000;

pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// As many as come with a small mean.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        let (mut count, mut left, mut chance) = (0_u64, self.uniform(), (-mean).exp());
        while left > chance && count < 500 {
            left -= chance;
            count += 1;
            chance *= mean / count as f64;
        }
        count
    }
}

/// Requests of a unit in an interval, with errors of which each brings four more with it if they are clustered.
pub(crate) fn arm(chance: &mut Chance, requests: u64, error_rate: f64, clustered: bool, slower: f64) -> Arm {
    let size = if clustered { 5 } else { 1 };
    let clusters = chance.poisson(requests as f64 * error_rate / size as f64);
    let mut latency = Histogram::new();
    for _ in 0..requests {
        latency.record((slower * 20_000.0 * (1.0 + 3.0 * chance.uniform().powi(4))) as u64);
    }
    Arm { requests, errors: (clusters * size).min(requests), latency, ..Arm::default() }
}

/// The same with users in 64 buckets, each cluster being one user's.
pub(crate) fn bucketed(chance: &mut Chance, per_bucket: u64, error_rate: f64) -> Arm {
    let mut buckets = vec![Bucket { requests: per_bucket, ..Bucket::default() }; USER_BUCKETS];
    let requests = per_bucket * USER_BUCKETS as u64;
    for _ in 0..chance.poisson(requests as f64 * error_rate / 5.0) {
        let bucket = &mut buckets[(chance.uniform() * 64.0) as usize];
        bucket.errors = (bucket.errors + 5).min(per_bucket);
        bucket.affected_users += 1;
    }
    let errors = buckets.iter().map(|bucket| bucket.errors).sum();
    let fresh = buckets.iter().map(|bucket| bucket.affected_users).sum();
    Arm { requests, errors, latency: Histogram::new(), buckets, fresh_errors: Some(fresh), ..Arm::default() }
}

/// Half an hour at 10 %, then half an hour at 50 %.
pub(crate) fn plan() -> Plan {
    let margins = || Margins { error_rate: 0.001, latency: 0.1, quantiles: vec![50, 95] };
    let phase = |percent: u32, minutes: u64| Phase {
        share: Share::percent(percent),
        soak: Millis(minutes * 60_000),
        margins: margins(),
        on_undecided: OnUndecided::Hold,
        hooks: Vec::new(),
    };
    let plan = Plan {
        name: "canary".to_owned(),
        phases: vec![phase(10, 30), phase(50, 30), phase(100, 0)],
        watch: Millis(0),
        interval: Millis(10_000),
        stale_after: Millis(60_000),
        deploy_within: Millis(60_000),
        measured: true,
        judge: JudgePlan {
            alpha_harm: 0.01,
            alpha_pass: 0.05,
            warm_up: Millis(180_000),
            horizon: Millis(10_800_000),
            incident: Millis(20_000),
            latency_floor_us: 1_000,
            harm: margins(),
        },
        triggers: Triggers {
            error_rate: None,
            response_time: None,
            unavailable: None,
            integrity: false,
            critical_report: false,
        },
        rollback: Budget {
            detection: Millis(1),
            decision: Millis(1),
            execution: Millis(1),
            verification: Millis(1),
            total: Millis(1),
        },
    };
    plan.check().unwrap();
    plan
}
