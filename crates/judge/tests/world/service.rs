//! A service with two arms, as the gate would count it.

use judge::{Arm, Block, Bucket, Histogram, USER_BUCKETS, sketch};

use super::chance::Chance;

/// What one arm is like during a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    /// Share of requests that fail.
    pub(crate) errors: f64,
    /// Buckets by which latency is shifted: 5 are 10 %.
    pub(crate) slower_by: u16,
}

#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Requests per second, both arms together.
    pub(crate) rate: f64,
    pub(crate) stable: Nature,
    pub(crate) canary: Nature,
    /// Mean size of the clusters that errors come in, each within one user bucket; 1 is independent errors.
    pub(crate) cluster: f64,
    /// Whether latency is measured.
    pub(crate) measured: bool,
    /// Whether users are told apart.
    pub(crate) users: bool,
}

/// Bucket of a request by 16 random bits: 93 % lognormal around 80 ms, 7 % around 300 ms.
pub(crate) struct Latency(Vec<u16>);

pub(crate) const BLOCK_MS: i64 = 10_000;

impl Service {
    /// 100 requests per second, one error in a thousand, both arms alike.
    pub(crate) fn healthy() -> Service {
        let nature = Nature { errors: 0.001, slower_by: 0 };
        Service { rate: 100.0, stable: nature, canary: nature, cluster: 1.0, measured: true, users: true }
    }

    /// Ten seconds of traffic.
    pub(crate) fn block(&self, chance: &mut Chance, latency: &Latency, from_ms: i64, share: f64) -> Block {
        Block {
            from_ms,
            to_ms: from_ms + BLOCK_MS,
            share,
            stable: Some(self.arm(chance, latency, self.stable, 1.0 - share)),
            canary: Some(self.arm(chance, latency, self.canary, share)),
            ..Block::default()
        }
    }

    fn arm(&self, chance: &mut Chance, latency: &Latency, nature: Nature, share: f64) -> Arm {
        let requests = chance.poisson(self.rate * 10.0 * share);
        let mut buckets = vec![Bucket::default(); if self.users { USER_BUCKETS } else { 0 }];
        for (at, bucket) in buckets.iter_mut().enumerate() {
            bucket.requests = requests / USER_BUCKETS as u64 + u64::from((at as u64) < requests % USER_BUCKETS as u64);
        }
        let mut errors = 0;
        for _ in 0..chance.poisson(requests as f64 * nature.errors / self.cluster) {
            let size = if self.cluster > 1.0 { chance.geometric(self.cluster) } else { 1 };
            let size = size.min(requests - errors);
            errors += size;
            if let Some(bucket) = buckets.get_mut(chance.below(USER_BUCKETS)) {
                bucket.errors = (bucket.errors + size).min(bucket.requests);
                bucket.affected_users = bucket.errors.min(bucket.affected_users + 1);
            }
        }
        let latency = if self.measured { latency.of(chance, requests, nature.slower_by) } else { Histogram::new() };
        Arm { requests, errors, latency, buckets, ..Arm::default() }
    }
}

impl Latency {
    pub(crate) fn new() -> Latency {
        let share_below = |us: f64| {
            let part = |median: f64, sigma: f64| normal_cdf((us / median).ln() / sigma);
            0.93 * part(80e3, 0.4) + 0.07 * part(300e3, 0.5)
        };
        let mut bucket = 0;
        let of = |at: u32| {
            let rank = (f64::from(at) + 0.5) / 65_536.0;
            while share_below(sketch::upper_edge_us(bucket)) < rank {
                bucket += 1;
            }
            bucket
        };
        Latency((0..65_536).map(of).collect())
    }

    fn of(&self, chance: &mut Chance, requests: u64, slower_by: u16) -> Histogram {
        let mut counts = [0u64; sketch::BUCKETS];
        let mut left = requests;
        while left > 0 {
            let bits = chance.bits();
            for part in 0..left.min(4) {
                let bucket = self.0[(bits >> (16 * part)) as usize & 0xffff] + slower_by;
                counts[usize::from(bucket)] += 1;
            }
            left -= left.min(4);
        }
        let mut histogram = Histogram::new();
        for (bucket, &count) in counts.iter().enumerate() {
            histogram.add(bucket as u16, count);
        }
        histogram
    }
}

/// Abramowitz and Stegun 7.1.26, good to 1e-7.
fn normal_cdf(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series =
        t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let above = 0.5 * series * (-z * z).exp();
    if x > 0.0 { 1.0 - above } else { above }
}
