//! Where the requests of a foreign bucket go in ours.
//!
//! The n-th request that was ever counted in a bucket goes to slot `n mod 64` of it, in the order of reversed bits, which
//! fills a bucket evenly however few come at a time. Because the place follows from the counter alone, blocks add up to
//! the same counts however they are cut, and an arm with few requests is spread over the bucket as an arm with many is: if
//! the place depended on how many came at once, a canary with one request a block would sit in the middle of each bucket
//! while stable reached its ends.

use crate::sketch::Histogram;
use crate::sketch::layout::first_edge_from;

/// Slots of a foreign bucket.
const SLOTS: u64 = 64;
/// Nothing is known of how far the fastest bucket reaches down; half of its edge is taken.
const FASTEST_REACHES: f64 = 0.5;

/// Adds the requests number `before + 1` to `after` of the foreign bucket from `lower_us` to `upper_us`. Of what is slower
/// than every edge only that is known: it goes right above the last edge, where no margin can tell it apart.
pub(super) fn place(into: &mut Histogram, lower_us: f64, upper_us: f64, before: u64, after: u64) {
    let count = after.saturating_sub(before);
    if upper_us.is_infinite() {
        into.add(first_edge_from(lower_us).saturating_add(1), count);
        return;
    }
    let lower_us = if lower_us > 0.0 { lower_us } else { upper_us * FASTEST_REACHES };
    let (rounds, rest) = (count / SLOTS, count % SLOTS);
    for slot in 0..SLOTS {
        // How far the slot is behind the first request of this block.
        let behind = slot.wrapping_sub(before) % SLOTS;
        into.add(bucket_of_slot(lower_us, upper_us, slot), rounds + u64::from(behind < rest));
    }
}

fn bucket_of_slot(lower_us: f64, upper_us: f64, slot: u64) -> u16 {
    let at = ((slot.reverse_bits() >> (u64::BITS - SLOTS.trailing_zeros())) as f64 + 0.5) / SLOTS as f64;
    first_edge_from(lower_us * libm::pow(upper_us / lower_us, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::upper_edge_us;

    fn placed(before: u64, after: u64) -> Histogram {
        let mut histogram = Histogram::new();
        place(&mut histogram, 100_000.0, 250_000.0, before, after);
        histogram
    }

    #[test]
    fn few_at_a_time_are_spread_as_many_at_once() {
        let mut one_by_one = Histogram::new();
        (1_000..1_640).for_each(|n| one_by_one.merge(&placed(n, n + 1)));
        assert_eq!(one_by_one, placed(1_000, 1_640));
        assert_eq!(one_by_one.total(), 640);
        let middle = one_by_one.quantile(0.5).unwrap();
        assert!((middle / (100_000.0_f64 * 250_000.0).sqrt() - 1.0).abs() < 0.02, "{middle}");
    }

    #[test]
    fn any_eight_in_a_row_reach_both_ends() {
        for before in 0..200 {
            let eight = placed(before, before + 8);
            let above = |us: f64| eight.count_above(first_edge_from(us));
            assert!((3..=5).contains(&above(158_114.0)), "{before}");
            assert!((1..=3).contains(&above(199_000.0)), "{before}");
        }
    }

    #[test]
    fn nothing_leaves_its_bucket() {
        for (bucket, _) in placed(0, 1_000).iter() {
            assert!(upper_edge_us(bucket) > 100_000.0 && upper_edge_us(bucket - 1) < 250_000.0);
        }
        let mut slow = Histogram::new();
        place(&mut slow, 10e6, f64::INFINITY, 3, 8);
        assert_eq!((slow.total(), slow.count_above(first_edge_from(10e6))), (5, 5));
        let mut fast = Histogram::new();
        place(&mut fast, 0.0, 5_000.0, 0, 64);
        assert_eq!(fast.count_above(first_edge_from(5_000.0)), 0);
        assert_eq!(fast.count_above(first_edge_from(2_400.0)), 64);
    }
}
