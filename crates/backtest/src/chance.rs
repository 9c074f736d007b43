//! Chance from a seed, and the two distributions that splitting needs. Both are exact at every size: an approximation would
//! add or hide false alarms of its own.

use libm::{exp, lgamma, log, log1p};

/// xoshiro256++.
#[derive(Clone, Debug)]
pub(crate) struct Chance([u64; 4]);

/// So few are drawn one by one, which is faster than any formula.
const FEW: u64 = 6;

impl Chance {
    /// The chance of run `number` under `seed`, whatever was drawn in other runs.
    pub(crate) fn new(seed: u64, number: u64) -> Chance {
        let mut state = seed ^ number.wrapping_mul(0xd134_2543_de82_ef95);
        Chance(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// At least 0 and below 1.
    fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of `0..n`; 0 when there is none.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below n")]
        let drawn = (self.uniform() * n as f64) as usize;
        drawn.min(n.saturating_sub(1))
    }

    /// Any order, each as likely as another.
    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, self.below(i + 1));
        }
    }

    /// How many of `n` come true, each with `probability`.
    pub(crate) fn binomial(&mut self, n: u64, probability: f64) -> u64 {
        if probability >= 1.0 {
            return n;
        }
        if n == 0 || probability.is_nan() || probability <= 0.0 {
            return 0;
        }
        if n <= FEW {
            return (0..n).filter(|_| self.uniform() < probability).count() as u64;
        }
        let size = n as f64;
        let mode = whole((size + 1.0) * probability).min(n);
        let k = mode as f64;
        let at_mode = exp(ln_choose(size, k) + k * log(probability) + (size - k) * log1p(-probability));
        let odds = probability / (1.0 - probability);
        self.outwards(mode, 0, n, at_mode, |k| (size - k) / (k + 1.0) * odds)
    }

    /// How many of `drawn` are marked, when `marked` of `all` are and none is drawn twice.
    pub(crate) fn hypergeometric(&mut self, drawn: u64, marked: u64, all: u64) -> u64 {
        let (drawn, marked) = (drawn.min(all), marked.min(all));
        let (low, high) = ((drawn + marked).saturating_sub(all), drawn.min(marked));
        if low == high {
            return low;
        }
        if drawn <= FEW {
            return self.one_by_one(drawn, marked, all);
        }
        let (m, k, n) = (drawn as f64, marked as f64, all as f64);
        let mode = whole((m + 1.0) * (k + 1.0) / (n + 2.0)).clamp(low, high);
        let x = mode as f64;
        let at_mode = exp(ln_choose(k, x) + ln_choose(n - k, m - x) - ln_choose(n, m));
        self.outwards(mode, low, high, at_mode, |x| (k - x) * (m - x) / ((x + 1.0) * (n - k - m + x + 1.0)))
    }

    fn one_by_one(&mut self, drawn: u64, marked: u64, all: u64) -> u64 {
        let mut found = 0;
        for taken in 0..drawn {
            if self.uniform() * ((all - taken) as f64) < (marked - found) as f64 {
                found += 1;
            }
        }
        found
    }

    /// Adds probabilities up from the most likely value outwards, so that few are looked at. `ratio(k)` leads from the
    /// probability of `k` to that of `k + 1`.
    fn outwards(&mut self, mode: u64, low: u64, high: u64, at_mode: f64, ratio: impl Fn(f64) -> f64) -> u64 {
        let mut left = self.uniform() - at_mode;
        let (mut below, mut above) = ((mode, at_mode), (mode, at_mode));
        while left >= 0.0 {
            let mut moved = false;
            if above.0 < high && above.1 > 0.0 {
                above = (above.0 + 1, above.1 * ratio(above.0 as f64));
                left -= above.1;
                moved = true;
                if left < 0.0 {
                    return above.0;
                }
            }
            if below.0 > low && below.1 > 0.0 {
                below = (below.0 - 1, below.1 / ratio((below.0 - 1) as f64));
                left -= below.1;
                moved = true;
                if left < 0.0 {
                    return below.0;
                }
            }
            if !moved {
                // Rounding left a rest smaller than any probability.
                return mode;
            }
        }
        mode
    }
}

fn whole(value: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which callers clamp")]
    let whole = value as u64;
    whole
}

fn ln_choose(n: f64, k: f64) -> f64 {
    lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(draw: impl Fn(&mut Chance) -> u64) -> (f64, f64) {
        const DRAWS: u64 = 20_000;
        let mut chance = Chance::new(7, 0);
        let all: Vec<f64> = (0..DRAWS).map(|_| draw(&mut chance) as f64).collect();
        let mean = all.iter().sum::<f64>() / DRAWS as f64;
        (mean, all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / DRAWS as f64)
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 0.04 * expected + 0.01, "{found}, expected {expected}");
    }

    #[test]
    fn binomial_draws_have_their_mean_and_spread() {
        for (n, p) in [(5, 0.3), (200, 0.05), (100_000, 0.25), (1_000_000, 0.000_01)] {
            let (mean, variance) = moments(|chance| chance.binomial(n, p));
            near(mean, n as f64 * p);
            near(variance, n as f64 * p * (1.0 - p));
        }
    }

    #[test]
    fn hypergeometric_draws_have_their_mean_and_spread() {
        for (drawn, marked, all) in
            [(4_u64, 50_u64, 1_000_u64), (300, 50, 1_000), (900, 950, 1_000), (40, 5_000, 100_000)]
        {
            let (mean, variance) = moments(|chance| chance.hypergeometric(drawn, marked, all));
            let (m, p, n) = (drawn as f64, marked as f64 / all as f64, all as f64);
            near(mean, m * p);
            near(variance, m * p * (1.0 - p) * (n - m) / (n - 1.0));
        }
    }

    #[test]
    fn certain_draws_are_certain() {
        let mut chance = Chance::new(1, 1);
        assert_eq!((chance.binomial(9, 0.0), chance.binomial(9, 1.0), chance.binomial(0, 0.5)), (0, 9, 0));
        assert_eq!((chance.hypergeometric(9, 0, 20), chance.hypergeometric(20, 7, 20)), (0, 7));
        assert_eq!(chance.hypergeometric(0, 0, 0), 0);
    }

    #[test]
    fn runs_do_not_share_their_chance() {
        let first = |number| Chance::new(1, number).bits();
        assert!(first(1) == first(1) && first(1) != first(2));
    }
}
