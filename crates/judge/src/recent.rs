//! What latency was like in the last minutes: a histogram that forgets, from which the levels of the next block are
//! read. Only the past goes in, so that a level is fixed before the block it judges.

use alloc::vec::Vec;

use crate::exact::{Damage, Exact, Reader, Writer, state};
use crate::sketch::{BUCKETS, Histogram, Row, buckets_at_least, buckets_at_most, first_edge_from, upper_edge_us};

/// After this time a request counts half.
const HALF_LIFE_MS: f64 = 300_000.0;

/// A histogram whose older requests count less. Time passes only when there is traffic: an idle arm keeps its memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fading {
    row: Row,
    /// What a request of the latest block weighs. Growing this, instead of shrinking all others, forgets in one step.
    unit: f64,
    latest_ms: i64,
}

state!(Fading { row, unit, latest_ms });

impl Fading {
    /// Takes the requests of a block that ended at `now_ms`.
    pub(crate) fn learn(&mut self, latency: &Histogram, now_ms: i64) {
        if latency.total() == 0 {
            return;
        }
        self.forget(now_ms);
        self.row.add(latency, self.unit);
        self.row.round();
    }

    fn forget(&mut self, now_ms: i64) {
        if self.unit <= 0.0 {
            self.unit = 1.0;
        } else {
            let half_lives = now_ms.saturating_sub(self.latest_ms) as f64 / HALF_LIFE_MS;
            self.unit *= libm::exp2(half_lives.clamp(0.0, LONGEST_GAP));
            if self.unit > LARGEST_UNIT {
                self.row.scale(1.0 / self.unit);
                self.unit = 1.0;
            }
        }
        self.latest_ms = now_ms;
    }

    /// The latency in microseconds below which a share `q` lies; nothing before the first request.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        self.row.quantile(q)
    }
}

/// Recent latency of stable, with the shares above each bucket at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Recent {
    fading: Fading,
    /// For each bucket of the row, the weight above it.
    above: Vec<f64>,
    total: f64,
}

impl Exact for Recent {
    fn write(&self, to: &mut Writer) {
        self.fading.write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        self.fading.read(from)?;
        self.total = self.fading.row.sum_above(&mut self.above);
        Ok(())
    }
}

impl Recent {
    /// Takes the requests of a block that ended at `now_ms`.
    pub(crate) fn learn(&mut self, latency: &Histogram, now_ms: i64) {
        self.fading.learn(latency, now_ms);
        self.total = self.fading.row.sum_above(&mut self.above);
    }

    /// How many requests it rests on, older ones counting less.
    pub(crate) fn requests(&self) -> f64 {
        if self.total > 0.0 { self.total / self.fading.unit } else { 0.0 }
    }

    /// The share of requests that were slower than the upper edge of `bucket`.
    pub(crate) fn share_above(&self, bucket: u16) -> f64 {
        if self.total <= 0.0 {
            return 0.0;
        }
        match self.fading.row.place(bucket) {
            Some(place) => self.above.get(place).copied().unwrap_or(0.0) / self.total,
            None => 1.0,
        }
    }

    /// The bucket whose upper edge is nearest to the quantile `q`, as a ratio of the shares above it. Nothing while
    /// too few requests lie beyond the quantile to place it.
    pub(crate) fn edge_near(&self, q: f64) -> Option<u16> {
        let tail = 1.0 - q;
        if self.requests() * tail < FEWEST_IN_TAIL {
            return None;
        }
        let target = tail * self.total;
        let under = self.above.partition_point(|above| *above > target);
        let above = |place: usize| self.above.get(place).copied();
        let over = under.checked_sub(1).and_then(|place| Some((place, above(place)?)));
        match (above(under), over) {
            (None, _) => None,
            (Some(less), Some((place, more))) if target * target > less * more => Some(self.lowest_like(place)),
            (Some(_), _) => Some(self.fading.row.bucket(under)),
        }
    }

    /// The lowest bucket with the same share above it: empty buckets are no better.
    fn lowest_like(&self, mut place: usize) -> u16 {
        while place > 0 && self.fading.row.weight(place) <= 0.0 {
            place -= 1;
        }
        self.fading.row.bucket(place)
    }

    /// The latency in microseconds below which a share `q` lies; nothing before the first request.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        self.fading.quantile(q)
    }
}

/// 2^100 forgets everything; more would overflow.
const LONGEST_GAP: f64 = 100.0;
const LARGEST_UNIT: f64 = 1e60;
/// With fewer requests beyond a quantile its place is a guess.
const FEWEST_IN_TAIL: f64 = 3.0;

/// How many recent requests the quantile `q` needs to have a place.
pub(crate) fn needed_for(q: f64) -> f64 {
    FEWEST_IN_TAIL / (1.0 - q)
}

/// The level that a block's requests are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Level {
    /// Stable's requests are slow above this bucket.
    pub(crate) stable: u16,
    /// The first bucket whose upper edge is at least the floor above the level, for harm.
    floor_from: u16,
    /// The last bucket whose upper edge is at most the floor above the level, for a pass.
    floor_to: u16,
}

state!(Level { stable, floor_from, floor_to });

/// How far the level is moved for the canary, in buckets; a floor that is more takes its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shift {
    /// Harm: rounded up, so that less is called harm.
    AtLeast(usize),
    /// Pass: rounded down, so that less is passed.
    AtMost(usize),
}

impl Shift {
    /// For harm beyond a relative `margin`.
    pub(crate) fn beyond(margin: f64) -> Shift {
        Shift::AtLeast(buckets_at_least(margin))
    }

    /// For a pass within a relative `margin`.
    pub(crate) fn inside(margin: f64) -> Shift {
        Shift::AtMost(buckets_at_most(margin))
    }
}

impl Level {
    pub(crate) fn at(stable: u16, floor_us: u64) -> Level {
        let floor = upper_edge_us(stable) + floor_us as f64;
        let floor_from = first_edge_from(floor);
        let exact = upper_edge_us(floor_from) <= floor;
        let floor_to = if exact { floor_from } else { floor_from.saturating_sub(1) };
        Level { stable, floor_from, floor_to }
    }

    /// The bucket above which the canary's requests are slow. Nothing when that is the last bucket, above which
    /// nothing can be counted.
    pub(crate) fn shifted(self, shift: Shift) -> Option<u16> {
        let (buckets, floor) = match shift {
            Shift::AtLeast(buckets) => (buckets, self.floor_from),
            Shift::AtMost(buckets) => (buckets, self.floor_to),
        };
        let shifted = usize::from(self.stable).saturating_add(buckets).max(usize::from(floor));
        if shifted >= BUCKETS - 1 {
            return None;
        }
        u16::try_from(shifted).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::bucket_of;

    fn spread(from_us: u64, to_us: u64) -> Histogram {
        let mut histogram = Histogram::new();
        (0..1_000).for_each(|i| histogram.record(from_us + (to_us - from_us) * i / 1_000));
        histogram
    }

    #[test]
    fn the_edge_nearest_to_a_quantile() {
        let mut recent = Recent::default();
        recent.learn(&spread(10_000, 110_000), 10_000);
        for q in [0.5, 0.95, 0.99] {
            let edge = recent.edge_near(q).unwrap();
            let exact = 10_000.0 + q * 100_000.0;
            assert!(edge.abs_diff(bucket_of(exact as u64)) <= 1, "{q}");
            assert!((recent.quantile(q).unwrap() / exact - 1.0).abs() < 0.01, "{q}");
            let exact_share = 1.0 - (upper_edge_us(edge) - 10_000.0) / 100_000.0;
            assert!((recent.share_above(edge) - exact_share.max(0.0)).abs() < 0.002, "{q}");
        }
        assert_eq!(recent.share_above(0), 1.0);
        assert_eq!(recent.share_above(bucket_of(200_000)), 0.0);
    }

    #[test]
    fn a_request_counts_half_after_five_minutes() {
        let mut recent = Recent::default();
        recent.learn(&spread(10_000, 20_000), 0);
        recent.learn(&spread(80_000, 90_000), 300_000);
        assert!((recent.requests() - 1_500.0).abs() < 1e-9);
        assert!((recent.share_above(bucket_of(50_000)) - 2.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn it_forgets_for_years_without_overflow() {
        let mut recent = Recent::default();
        for hour in 0..20_000_i64 {
            recent.learn(&spread(10_000, 20_000), hour * 3_600_000);
        }
        recent.learn(&spread(80_000, 90_000), i64::MAX);
        assert!((recent.requests() - 1_000.0).abs() < 1.0);
        assert_eq!(recent.share_above(bucket_of(50_000)), 1.0);
    }

    #[test]
    fn a_tail_of_a_few_requests_has_no_place() {
        let mut recent = Recent::default();
        let mut few = Histogram::new();
        (0..100).for_each(|i| few.record(1_000 * i));
        recent.learn(&few, 0);
        assert!(recent.edge_near(0.95).is_some());
        assert_eq!(recent.edge_near(0.99), None);
        assert_eq!(Recent::default().edge_near(0.5), None);
    }

    #[test]
    fn a_level_is_shifted_by_the_margin_or_the_floor() {
        let slow = Level::at(bucket_of(200_000), 1_000);
        assert_eq!(slow.shifted(Shift::beyond(0.1)), Some(bucket_of(200_000) + 5));
        assert_eq!(slow.shifted(Shift::inside(0.1)), Some(bucket_of(200_000) + 5));
        let fast = Level::at(bucket_of(500), 1_000);
        let allowed = upper_edge_us(fast.stable) + 1_000.0;
        let harm = fast.shifted(Shift::beyond(0.1)).unwrap();
        let pass = fast.shifted(Shift::inside(0.1)).unwrap();
        assert!(upper_edge_us(pass) <= allowed && allowed <= upper_edge_us(harm));
        assert_eq!(harm, pass + 1);
        assert_eq!(Level::at((BUCKETS - 3) as u16, 0).shifted(Shift::AtLeast(5)), None);
    }
}
