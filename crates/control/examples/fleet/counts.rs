//! What both arms did in an interval: drawn once, dealt out for ever. Drawing for each would measure the drawing.

use judge::{Arm, Bucket, Histogram, USER_BUCKETS};

/// Requests of one interval: 200 a second, 5 % of them on the canary.
const STABLE: u64 = 950;
const CANARY: u64 = 50;

/// So many different intervals are dealt; no release gets the same one twice in a row.
const HANDS: usize = 64;

pub(crate) struct Counts {
    stable: Vec<Arm>,
    well: Vec<Arm>,
    ill: Vec<Arm>,
}

impl Counts {
    pub(crate) fn draw() -> Self {
        let mut chance = Chance(7);
        let mut hands = |requests, errors: f64| (0..HANDS).map(|_| chance.arm(requests, errors)).collect();
        Self { stable: hands(STABLE, 0.002), well: hands(CANARY, 0.002), ill: hands(CANARY, 0.5) }
    }

    /// Stable and canary of one interval of one service.
    pub(crate) fn deal(&self, service: usize, interval: u64, ill: bool) -> (Option<Arm>, Option<Arm>) {
        let mut mixed = Chance((service as u64).rotate_left(32) ^ interval);
        let canary = if ill { &self.ill } else { &self.well };
        let mut one_of = |hands: &[Arm]| hands.get(mixed.below(hands.len())).cloned();
        (one_of(&self.stable), one_of(canary))
    }
}

/// SplitMix64; its numbers are the same on every machine.
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n.max(1) as u64).unwrap_or(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Latencies around 40 ms, with a long tail, and users spread over the groups that the gate counts.
    fn arm(&mut self, requests: u64, error_rate: f64) -> Arm {
        let mut latency = Histogram::new();
        let mut groups = vec![Bucket::default(); USER_BUCKETS];
        let mut errors = 0;
        for _ in 0..requests {
            let normal = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
            latency.record(microseconds(40_000.0 * (0.4 * normal).exp()));
            let failed = u64::from(self.unit() < error_rate);
            errors += failed;
            let group = self.below(USER_BUCKETS);
            if let Some(group) = groups.get_mut(group) {
                group.requests += 1;
                group.errors += failed;
                group.affected_users += failed;
            }
        }
        Arm { requests, errors, latency, buckets: groups, ..Arm::default() }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds, positive and below a minute"
)]
fn microseconds(us: f64) -> u64 {
    us as u64
}
