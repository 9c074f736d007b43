//! Chance from a seed: xoshiro256++ and the distributions that traffic needs. Logarithms come from `libm`, so that two
//! machines draw the same rollout; a counted quantity is drawn exactly, as the tails are what a false alarm is made of.

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Chance([u64; 4]);

impl Chance {
    /// The stream of a name and a seed. Streams of different names have nothing to do with each other.
    #[must_use]
    pub fn new(name: &str, seed: u64) -> Chance {
        let named = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut state = named ^ seed.wrapping_mul(0xd134_2543_de82_ef95);
        Chance(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
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

    /// From 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Evenly between two bounds.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// One of `0..n`; 0 when there is none.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Mean 0, standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// A waiting time of the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.uniform())
    }

    /// 1, 2, ... with the given mean, which is above 1.
    pub fn geometric(&mut self, mean: f64) -> u64 {
        1 + (libm::log(1.0 - self.uniform()) / libm::log(1.0 - 1.0 / mean)) as u64
    }

    /// How often something rare happens.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean >= BY_REJECTION {
            return self.poisson_by_rejection(mean);
        }
        let mut left = self.uniform();
        // exp(-mean) is at least 1 - mean, which settles most of the empty latency buckets without a logarithm.
        if left < 1.0 - mean {
            return 0;
        }
        let mut chance = falling(mean);
        let mut count = 0;
        while left > chance && count < LONGEST_SEARCH {
            left -= chance;
            count += 1;
            chance *= mean * INVERSE[count as usize];
        }
        count
    }

    /// How many of `n` happen, each with probability `p`.
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
        if n as f64 * p >= BY_REJECTION {
            return self.binomial_by_rejection(n, p);
        }
        let odds = p / (1.0 - p);
        let mut chance = libm::exp(n as f64 * libm::log1p(-p));
        let mut left = self.uniform();
        let mut count = 0;
        while left > chance && count < n.min(LONGEST_SEARCH) {
            left -= chance;
            count += 1;
            chance *= odds * (n - count + 1) as f64 * INVERSE[count as usize];
        }
        count
    }

    /// Hörmann's PTRS: W. Hörmann, The transformed rejection method for generating Poisson random variables (1993).
    fn poisson_by_rejection(&mut self, mean: f64) -> u64 {
        let b = 0.931 + 2.53 * libm::sqrt(mean);
        let a = -0.059 + 0.024_83 * b;
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= v_r {
                return k as u64;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
            let proposed = libm::log(v * inverse_alpha / (a / (us * us) + b));
            if proposed <= k * libm::log(mean) - mean - log_factorial(k) {
                return k as u64;
            }
        }
    }

    /// Hörmann's BTRS: the same for the binomial distribution, with `p` up to one half.
    fn binomial_by_rejection(&mut self, n: u64, p: f64) -> u64 {
        let count = n as f64;
        let spread = libm::sqrt(count * p * (1.0 - p));
        let b = 1.15 + 2.53 * spread;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let c = count * p + 0.5;
        let v_r = 0.92 - 4.2 / b;
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + c).floor();
            if !(0.0..=count).contains(&k) {
                continue;
            }
            if us >= 0.07 && v <= v_r {
                return k as u64;
            }
            let alpha = (2.83 + 5.1 / b) * spread;
            let log_odds = libm::log(p / (1.0 - p));
            let mode = ((count + 1.0) * p).floor();
            let at_mode = log_factorial(mode) + log_factorial(count - mode);
            let proposed = libm::log(v * alpha / (a / (us * us) + b));
            if proposed <= at_mode - log_factorial(k) - log_factorial(count - k) + (k - mode) * log_odds {
                return k as u64;
            }
        }
    }
}

/// From this mean on a search from zero costs more than a rejection.
const BY_REJECTION: f64 = 10.0;
/// Rounding must not turn a search into an endless one.
const LONGEST_SEARCH: u64 = 200;

/// `1/k`: a division is what a search waits for.
static INVERSE: [f64; LONGEST_SEARCH as usize + 1] = {
    let mut table = [1.0; LONGEST_SEARCH as usize + 1];
    let mut at = 1;
    while at < table.len() {
        table[at] = 1.0 / at as f64;
        at += 1;
    }
    table
};

/// `exp(-x)` for `x` up to [`BY_REJECTION`]: a table in steps of 1/32 and Taylor's series for the rest, exact to 1e-13. Half
/// of the time of a rollout went into this.
fn falling(x: f64) -> f64 {
    let step = (x * 32.0) as usize;
    let rest = step as f64 / 32.0 - x;
    let series = 1.0
        + rest * (1.0 + rest / 2.0 * (1.0 + rest / 3.0 * (1.0 + rest / 4.0 * (1.0 + rest / 5.0 * (1.0 + rest / 6.0)))));
    FALLING.get(step).copied().unwrap_or(0.0) * series
}

static FALLING: [f64; 322] = {
    let mut table = [1.0; 322];
    let mut at = 1;
    while at < table.len() {
        // exp(-1/32), eight steps at a time from whole quarters, which keeps rounding from piling up.
        table[at] =
            if at % 8 == 0 { table[at - 8] * 0.778_800_783_071_404_9 } else { table[at - 1] * 0.969_233_234_476_344 };
        at += 1;
    }
    table
};

/// `ln(k!)` for whole `k`, by Stirling's series, which is exact to 1e-12 from ten on.
fn log_factorial(k: f64) -> f64 {
    if k < 10.0 {
        let product: f64 = (2..=k as u32).map(f64::from).product();
        return libm::log(product);
    }
    let x = k + 1.0;
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * libm::log(x) - x + 0.918_938_533_204_672_8 + series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(draws: impl Iterator<Item = f64>) -> (f64, f64) {
        let draws: Vec<f64> = draws.collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64;
        (mean, variance)
    }

    #[test]
    fn counts_have_the_mean_and_the_spread_that_they_should() {
        let mut chance = Chance::new("counts", 1);
        for mean in [0.003, 0.7, 9.0, 11.0, 80.0, 9_500.0] {
            let (found, variance) = moments((0..200_000).map(|_| chance.poisson(mean) as f64));
            let error = 5.0 * (mean / 200_000.0).sqrt();
            assert!((found - mean).abs() < error, "poisson {mean}: {found}");
            assert!((variance / mean - 1.0).abs() < 0.02 + 5.0 * (1.0 / (mean * 2e5)).sqrt(), "{mean}: {variance}");
        }
        for (n, p) in [(20, 0.1), (1_000, 0.02), (300, 0.7), (9_000, 0.5), (500, 0.999)] {
            let (found, variance) = moments((0..200_000).map(|_| chance.binomial(n, p) as f64));
            let expected = n as f64 * p;
            assert!((found - expected).abs() < 5.0 * (expected * (1.0 - p) / 2e5).sqrt(), "binomial {n} {p}: {found}");
            assert!((variance / (expected * (1.0 - p)) - 1.0).abs() < 0.03, "binomial {n} {p}: {variance}");
        }
    }

    #[test]
    fn factorials_are_factorials() {
        let mut sum = 0.0;
        for k in 1..200_u32 {
            sum += f64::from(k).ln();
            assert!((log_factorial(f64::from(k)) - sum).abs() < 1e-9 * sum.max(1.0), "{k}");
        }
    }

    #[test]
    fn what_falls_falls_as_it_should() {
        for thousandth in 0..10_000 {
            let x = f64::from(thousandth) / 1e3;
            assert!((falling(x) / (-x).exp() - 1.0).abs() < 1e-11, "{x}");
        }
    }

    #[test]
    fn a_stream_is_its_name_and_its_seed() {
        let first = |name, seed| Chance::new(name, seed).bits();
        assert_eq!(first("a", 1), first("a", 1));
        assert_ne!(first("a", 1), first("a", 2));
        assert_ne!(first("a", 1), first("b", 1));
    }
}
