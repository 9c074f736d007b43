//! Chance from a seed and from nothing else: the same numbers on every machine, so that a seed found in one place fails
//! in every other. Roots and roundings are exact by IEEE 754; other functions come from `libm`, whose bits do not depend
//! on the system.

/// A stream of numbers that look like chance (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// One over the deviation of 128 fair coins (their variance is 32) with the smear (1/12).
const COINS: f64 = 0.176_546_965_900_949_9;

/// From here on a normal approximation is closer than a block of counts can tell.
const MANY: f64 = 30.0;

impl Chance {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for one purpose, so that a draw more in one place moves nothing in another.
    #[must_use]
    pub fn of(seed: u64, purpose: u64) -> Self {
        let mut mixed = Self { state: seed ^ purpose.wrapping_mul(GOLDEN) };
        Self { state: mixed.bits() }
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// At least 0 and below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// A whole number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(n);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// `true` with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `items`; `None` when there is none.
    pub fn one_of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(usize::try_from(self.below(items.len() as u64)).ok()?)
    }

    /// About normal with mean 0 and deviation 1: 128 fair coins, smeared over the step between two counts. Its tails end
    /// beyond eleven deviations, and it costs a tenth of the exact way.
    pub(crate) fn normal(&mut self) -> f64 {
        let heads = self.bits().count_ones() + self.bits().count_ones();
        (f64::from(heads) - 64.0 + self.unit() - 0.5) * COINS
    }

    /// How many of something that happens `mean` times on average.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean >= MANY {
            return rounded(mean + mean.sqrt() * self.normal());
        }
        let (mut n, mut left) = (0, 1.0 - self.unit());
        let floor = libm::exp(-mean.max(0.0));
        while left > floor {
            left *= 1.0 - self.unit();
            n += 1;
        }
        n
    }

    /// How many of `n` succeed, each with probability `p`.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        if n as f64 * p >= MANY { self.many_of(n, p) } else { self.few_of(n, p) }
    }

    /// As [`Self::binomial`], by its mean and deviation alone: for what is only looked at in sum.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub(crate) fn many_of(&mut self, n: u64, p: f64) -> u64 {
        let mean = n as f64 * p;
        rounded(mean + (mean * (1.0 - p)).max(0.0).sqrt() * self.normal()).min(n)
    }

    /// Walks the distribution from 0 upwards until the drawn probability is used up; short, as the mean is small.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    fn few_of(&mut self, n: u64, p: f64) -> u64 {
        let odds = p / (1.0 - p);
        let mut probability = libm::exp(n as f64 * libm::log1p(-p));
        let (mut k, mut left) = (0, self.unit());
        while left >= probability && k < n {
            left -= probability;
            k += 1;
            probability *= odds * (n - k + 1) as f64 / k as f64;
        }
        k
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, far below 2^53")]
fn rounded(x: f64) -> u64 {
    // A cast cuts off, which is cheaper than to call for a rounding.
    (x.max(0.0) + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(draws: impl Iterator<Item = u64>) -> (f64, f64) {
        let draws: Vec<f64> = draws.map(|n| n as f64).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64)
    }

    #[test]
    fn counts_have_the_mean_and_the_variance_that_they_should() {
        let mut chance = Chance::new(7);
        for mean in [0.3, 4.0, 29.0, 31.0, 900.0] {
            let (seen, variance) = mean_and_variance((0..40_000).map(|_| chance.poisson(mean)));
            assert!((seen / mean - 1.0).abs() < 0.03, "poisson {mean}: {seen}");
            assert!((variance / mean - 1.0).abs() < 0.05, "poisson {mean}: {variance}");
        }
        for (n, p) in [(5, 0.2), (1_000, 0.001), (1_000, 0.5), (40, 0.95), (20_000, 0.01)] {
            let mean = n as f64 * p;
            let (seen, variance) = mean_and_variance((0..40_000).map(|_| chance.binomial(n, p)));
            assert!((seen / mean - 1.0).abs() < 0.03, "binomial {n} {p}: {seen}");
            assert!((variance / (mean * (1.0 - p)) - 1.0).abs() < 0.05, "binomial {n} {p}: {variance}");
        }
    }

    #[test]
    fn a_count_never_exceeds_what_there_is() {
        let mut chance = Chance::new(1);
        for _ in 0..100_000 {
            let n = chance.below(200);
            let p = chance.unit();
            assert!(chance.binomial(n, p) <= n);
        }
        assert_eq!((chance.binomial(9, 0.0), chance.binomial(9, 1.0), chance.below(0)), (0, 9, 0));
    }

    #[test]
    fn the_stream_of_a_seed_is_fixed_for_ever() {
        let mut chance = Chance::new(0);
        assert_eq!([chance.bits(), chance.bits()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }
}
