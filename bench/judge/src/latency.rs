//! How long requests take: 93 % lognormal around 80 ms, 7 % around 300 ms (p50 83, p95 240, p99 512 ms), counted in the
//! judge's own buckets. Those are even in the logarithm, so a slowdown shifts one table of the distribution along it.

use std::sync::LazyLock;

use judge::Histogram;
use judge::sketch::{BUCKETS, GAMMA};

use crate::chance::Chance;

/// The distribution without a slowdown.
#[derive(Clone, Debug)]
pub(crate) struct Durations {
    /// Share of requests below each place; [`FINE`] places a bucket.
    below: Vec<f64>,
    /// The place of a request by 16 random bits: its rank among 65,536.
    places: Vec<f32>,
    log_gamma: f64,
    /// The first and last bucket that is not next to empty.
    reach: (f64, f64),
}

/// How slow an arm is in a block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slowness {
    /// Natural logarithm of the factor on all requests.
    pub(crate) all: f64,
    /// Share of requests that are slower still.
    pub(crate) tail: f64,
}

/// Natural logarithm of the factor on the requests of the tail: 8.
pub(crate) const TAIL: f64 = 2.079_441_541_679_835_7;

/// Weight, median in microseconds, standard deviation of the logarithm.
const PARTS: [(f64, f64, f64); 2] = [(0.93, 80e3, 0.4), (0.07, 300e3, 0.5)];
/// Places of the table in a bucket.
const FINE: usize = 16;
/// Below so many requests a look into the table for each is quicker than a draw for each bucket.
const ONE_BY_ONE: f64 = 2_000.0;

static DURATIONS: LazyLock<Durations> = LazyLock::new(Durations::tabulated);
/// What lies beyond the reach counts at its end.
const NEXT_TO_NOTHING: f64 = 1e-8;

impl Durations {
    /// The table, which is made once.
    pub(crate) fn table() -> &'static Durations {
        &DURATIONS
    }

    fn tabulated() -> Durations {
        let log_gamma = libm::log(GAMMA);
        let below: Vec<f64> = (0..=BUCKETS * FINE)
            .map(|place| {
                let log_us = place as f64 / FINE as f64 * log_gamma;
                PARTS
                    .iter()
                    .map(|(weight, median, sigma)| weight * below_normal((log_us - libm::log(*median)) / sigma))
                    .sum()
            })
            .collect();
        let first = below.partition_point(|&share| share < NEXT_TO_NOTHING) / FINE;
        let last = below.partition_point(|&share| share < 1.0 - NEXT_TO_NOTHING) / FINE + 1;
        let places = (0..RANKS).map(|rank| place_of((f64::from(rank) + 0.5) / f64::from(RANKS), &below)).collect();
        Durations { below, places, log_gamma, reach: (first as f64, last as f64) }
    }

    /// Adds the durations of about `mean` requests to `counts`, one entry a bucket, and says how many they are.
    pub(crate) fn draw(&self, chance: &mut Chance, mean: f64, slowness: Slowness, counts: &mut Counts) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        if mean < ONE_BY_ONE {
            let requests = chance.poisson(mean);
            self.one_by_one(chance, requests, slowness, counts);
            return requests;
        }
        let shift = slowness.all / self.log_gamma;
        let further = if slowness.tail > 0.0 { TAIL / self.log_gamma } else { 0.0 };
        let bucket = |place: f64| place.clamp(0.0, (BUCKETS - 1) as f64) as u16;
        let (first, last) = (bucket(self.reach.0 + shift.floor()), bucket(self.reach.1 + (shift + further).ceil()));
        let (mut requests, mut before) = (0, 0.0);
        for at in first..=last {
            let place = f64::from(at) - shift;
            let mut below = mean * self.share_below(place);
            if slowness.tail > 0.0 {
                below += slowness.tail * (mean * self.share_below(place - further) - below);
            }
            let below = if at == last { mean } else { below };
            let count = chance.poisson((below - before).max(0.0));
            before = below;
            counts.add(at, count);
            requests += count;
        }
        requests
    }

    fn one_by_one(&self, chance: &mut Chance, requests: u64, slowness: Slowness, counts: &mut Counts) {
        let shift = (slowness.all / self.log_gamma) as f32;
        let further = (TAIL / self.log_gamma) as f32;
        let mut left = requests;
        while left > 0 {
            let bits = chance.bits();
            for part in 0..left.min(4) {
                let mut place = self.places[(bits >> (16 * part)) as usize & 0xffff] + shift;
                if slowness.tail > 0.0 && chance.uniform() < slowness.tail {
                    place += further;
                }
                counts.add(bucket_at(place), 1);
            }
            left -= left.min(4);
        }
    }

    fn share_below(&self, place: f64) -> f64 {
        let fine = place.max(0.0) * FINE as f64;
        let at = fine as usize;
        match (self.below.get(at), self.below.get(at + 1)) {
            (Some(low), Some(high)) => low + (fine - at as f64) * (high - low),
            _ => 1.0,
        }
    }
}

/// Requests in each bucket without gaps: adding is an index.
#[derive(Clone, Debug)]
pub(crate) struct Counts(Vec<u32>);

impl Counts {
    pub(crate) fn none() -> Counts {
        Counts(vec![0; BUCKETS])
    }

    fn add(&mut self, bucket: u16, count: u64) {
        self.0[usize::from(bucket)] += count as u32;
    }

    /// What was counted so far, as the judge reads it; counting goes on.
    #[expect(clippy::expect_used, reason = "buckets are listed as they rise, and are few enough to be added")]
    pub(crate) fn histogram(&self) -> Histogram {
        let used = self.0.iter().enumerate().filter(|entry| *entry.1 > 0);
        let counts: Vec<(u16, u64)> = used.map(|(bucket, &count)| (bucket as u16, u64::from(count))).collect();
        Histogram::try_from(counts).expect("rising buckets")
    }

    pub(crate) fn clear(&mut self) {
        self.0.fill(0);
    }
}

/// The bucket that ends next above a place; a whole number is next to never drawn.
fn bucket_at(place: f32) -> u16 {
    (place.max(0.0) as u16 + 1).min(BUCKETS as u16 - 1)
}

/// Ranks that are told apart; the rarest is one request in 65,536.
const RANKS: u32 = 65_536;

/// Where in the buckets, with fractions, the request of a rank lies.
fn place_of(rank: f64, below: &[f64]) -> f32 {
    let at = below.partition_point(|&share| share < rank).max(1);
    let (low, high) = (below[at - 1], below[at.min(below.len() - 1)]);
    let within = if high > low { (rank - low) / (high - low) } else { 0.0 };
    ((at as f64 - 1.0 + within) / FINE as f64) as f32
}

fn below_normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to draw give the quantiles that the mixture has.
    #[test]
    fn durations_have_their_quantiles_however_they_are_drawn() {
        let durations = Durations::table();
        for (mean, times, slower) in
            [(100.0, 4_000, 0.0), (400_000.0, 1, 0.0), (400_000.0, 1, 0.3), (100.0, 4_000, 0.3)]
        {
            let (mut chance, mut counts) = (Chance::new("durations", 5), Counts::none());
            let slowness = Slowness { all: slower, tail: 0.0 };
            (0..times).for_each(|_| _ = durations.draw(&mut chance, mean, slowness, &mut counts));
            let histogram = counts.histogram();
            assert!((histogram.total() as f64 / 400_000.0 - 1.0).abs() < 0.01);
            for (q, ms) in [(0.5, 83.1), (0.95, 239.5), (0.99, 511.6)] {
                let (found, expected) = (histogram.quantile(q).unwrap() / 1e3, ms * f64::exp(slower));
                assert!((found / expected - 1.0).abs() < 0.015, "p{q}: {found} {expected}");
            }
        }
    }

    #[test]
    fn the_tail_is_eight_times_slower() {
        let (durations, slowness) = (Durations::table(), Slowness { all: 0.0, tail: 0.03 });
        let slow = |mean: f64, times: u32| {
            let (mut chance, mut counts) = (Chance::new("tail", 6), Counts::none());
            (0..times).for_each(|_| _ = durations.draw(&mut chance, mean, slowness, &mut counts));
            let histogram = counts.histogram();
            histogram.count_above(judge::sketch::bucket_of(640_000)) as f64 / histogram.total() as f64
        };
        let (one_by_one, by_bucket) = (slow(100.0, 4_000), slow(400_000.0, 1));
        assert!((one_by_one - by_bucket).abs() < 0.001, "{one_by_one} {by_bucket}");
        assert!((0.019..0.025).contains(&by_bucket), "{by_bucket}");
    }
}
