//! The e-value of one block: the bet that everything else is made of.
//!
//! For a margin `delta` and a risk ratio `RR`, with `rho = n_c / n_s` of the block:
//! ```text
//! r = RR (1 + rho) / (1 + rho RR)      s = (1 + rho) / (1 + rho RR) = 1 - rho (r - 1)
//! log e = x_c ln r + x_s ln s - n_c delta (r - 1)                                      (E1)
//! ```
//! With `RR > 1` it is an e-value against `p_c - p_s <= delta` (harm), with `RR < 1` against `p_c - p_s >= delta`
//! (pass). Proof: `E[r^x] <= exp(n p (r - 1))` for Bernoulli and Poisson counts and every `r > 0`, so
//! `E[e] <= exp(n_c (r - 1)(p_c - p_s - delta)) <= 1`. The baseline `p_s` cancels: there is nothing to estimate and it may
//! change in every block. E1 is the growth-optimal e-value for Poisson counts, and at `delta = 0` the conditional
//! binomial test (Turner, Ly, Grünwald, arXiv 2106.02693; Lindon, Malek, arXiv 2011.03567).

use crate::exact::state;
use crate::grid::RiskRatio;

/// One block as one metric sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// Canary requests, `n_c`.
    pub canary: f64,
    /// Of these, the failed or slow ones, `x_c`.
    pub canary_bad: f64,
    /// Stable requests, `n_s`.
    pub stable: f64,
    /// Of these, the failed or slow ones, `x_s`.
    pub stable_bad: f64,
}

state!(Pair { canary, canary_bad, stable, stable_bad });

impl Pair {
    /// `rho`; nothing when an arm had no request, for then the block says nothing.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.canary > 0.0 && self.stable > 0.0).then(|| self.canary / self.stable)
    }

    pub(crate) fn add(&mut self, other: &Pair) {
        self.canary += other.canary;
        self.canary_bad += other.canary_bad;
        self.stable += other.stable;
        self.stable_bad += other.stable_bad;
    }
}

/// The logarithm of E1; 0 (no evidence) when an arm had no request. Both `risk_ratio` and `delta` must be known before
/// the block.
#[must_use]
pub fn log_e_value(pair: &Pair, risk_ratio: f64, delta: f64) -> f64 {
    pair.ratio().map_or(0.0, |rho| Tilt::new(RiskRatio::new(risk_ratio), rho).log_e(pair, delta))
}

/// `ln r`, `ln s` and `r - 1` of one ratio in one block; shared by every margin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tilt {
    pub(crate) ln_r: f64,
    pub(crate) ln_s: f64,
    pub(crate) r_less_one: f64,
}

impl Tilt {
    /// Written with `log1p`, as `s` is close to 1 when the canary's share is small.
    pub(crate) fn new(ratio: RiskRatio, rho: f64) -> Tilt {
        let r_less_one = (ratio.value - 1.0) / (1.0 + rho * ratio.value);
        let ln_s = libm::log1p(-rho * r_less_one);
        Tilt { ln_r: ratio.ln + ln_s, ln_s, r_less_one }
    }

    pub(crate) fn each<const K: usize>(grid: &[RiskRatio; K], rho: f64) -> [Tilt; K] {
        grid.map(|ratio| Tilt::new(ratio, rho))
    }

    pub(crate) fn log_e(&self, pair: &Pair, delta: f64) -> f64 {
        self.log_counts(pair) - delta * self.slope(pair)
    }

    /// The part of E1 that does not depend on the margin.
    pub(crate) fn log_counts(&self, pair: &Pair) -> f64 {
        pair.canary_bad * self.ln_r + pair.stable_bad * self.ln_s
    }

    /// What a unit of margin takes away.
    pub(crate) fn slope(&self, pair: &Pair) -> f64 {
        pair.canary * self.r_less_one
    }
}

/// The risk ratio to bet on in a pass test with margin `delta`, from stable's past error probability: the
/// growth-optimal `(p/(q+delta)) / (p/q)`, where `q` solves `N q² + (N delta - N p) q - n_s p delta = 0`, to the power
/// 0.85, which trades mean growth for power. 1 (no bet) at margin 0.
pub(crate) fn adaptive_ratio(past: f64, delta: f64, stable_share: f64) -> RiskRatio {
    let b = delta - past;
    let c = stable_share * past * delta;
    let root = libm::sqrt(b * b + 4.0 * c);
    // Two forms of the same root; each loses no digits where it is used.
    let q = if b > 0.0 { 2.0 * c / (b + root) } else { (root - b) / 2.0 };
    if q <= 0.0 {
        return RiskRatio { value: 1.0, ln: 0.0 };
    }
    tempered(q / (q + delta))
}

/// `ratio^0.85`.
pub(crate) fn tempered(ratio: f64) -> RiskRatio {
    let ln = 0.85 * libm::log(ratio);
    RiskRatio { value: libm::exp(ln), ln }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(canary: f64, canary_bad: f64, stable: f64, stable_bad: f64) -> Pair {
        Pair { canary, canary_bad, stable, stable_bad }
    }

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() <= 1e-9 * (1.0 + left.abs()), "{left} and {right}");
    }

    #[test]
    fn the_second_tilt_is_one_less_rho_times_the_gain() {
        for rho in [1e-6, 0.05, 1.0, 19.0] {
            for rr in [0.2, 0.9, 1.15, 60.0] {
                let tilt = Tilt::new(RiskRatio::new(rr), rho);
                close(libm::exp(tilt.ln_s), 1.0 - rho * tilt.r_less_one);
                close(libm::exp(tilt.ln_r), 1.0 + tilt.r_less_one);
                close(libm::exp(tilt.ln_r), rr * (1.0 + rho) / (1.0 + rho * rr));
            }
        }
    }

    #[test]
    fn swapping_the_arms_and_inverting_the_ratio_is_the_same_bet_without_a_margin() {
        let block = pair(500.0, 7.0, 9_500.0, 30.0);
        let swapped = pair(9_500.0, 30.0, 500.0, 7.0);
        for rr in [0.3, 1.5, 25.0] {
            close(log_e_value(&block, rr, 0.0), log_e_value(&swapped, 1.0 / rr, 0.0));
        }
    }

    #[test]
    fn blocks_of_one_ratio_merge() {
        let (first, second) = (pair(100.0, 3.0, 1_900.0, 4.0), pair(300.0, 1.0, 5_700.0, 9.0));
        let mut both = first;
        both.add(&second);
        for rr in [0.5, 3.0] {
            close(log_e_value(&both, rr, 0.001), log_e_value(&first, rr, 0.001) + log_e_value(&second, rr, 0.001));
        }
    }

    #[test]
    fn a_block_with_an_idle_arm_is_no_evidence() {
        assert_eq!(log_e_value(&pair(100.0, 50.0, 0.0, 0.0), 3.0, 0.001), 0.0);
        assert_eq!(log_e_value(&pair(0.0, 0.0, 100.0, 50.0), 3.0, 0.001), 0.0);
    }

    #[test]
    fn a_billion_requests_do_not_overflow() {
        let block = pair(1e9, 1e9, 1e9, 0.0);
        for rr in [0.2, 100.0] {
            assert!(log_e_value(&block, rr, 0.001).is_finite());
        }
    }

    /// The expectation over all outcomes of a small block, at the boundary of the null.
    #[test]
    fn its_expectation_at_the_margin_is_at_most_one() {
        let binomial = |n: u32, p: f64, x: u32| -> f64 {
            let ways = (0..x).fold(1.0, |ways, i| ways * f64::from(n - i) / f64::from(i + 1));
            ways * p.powi(x as i32) * (1.0 - p).powi((n - x) as i32)
        };
        for (p_s, delta, rr) in [(0.01, 0.05, 3.0), (0.3, 0.0, 1.5), (0.3, 0.1, 0.5), (0.05, 0.02, 0.8)] {
            let (n_c, n_s) = (9, 21);
            let mut mean = 0.0;
            for x_c in 0..=n_c {
                for x_s in 0..=n_s {
                    let block = pair(n_c.into(), x_c.into(), n_s.into(), x_s.into());
                    let chance = binomial(n_c, p_s + delta, x_c) * binomial(n_s, p_s, x_s);
                    mean += chance * libm::exp(log_e_value(&block, rr, delta));
                }
            }
            assert!(mean <= 1.0 + 1e-12, "{p_s} {delta} {rr}: {mean}");
            assert!(mean > 0.8, "the bet gives too much away: {mean}");
        }
    }

    #[test]
    fn the_adaptive_ratio_solves_its_equation() {
        for (past, delta, stable_share) in [(0.001, 0.001, 0.95), (0.0001, 0.005, 0.5), (0.2, 0.001, 0.75)] {
            let q_form = adaptive_ratio(past, delta, stable_share);
            let big_b = delta - past;
            let q = (-big_b + libm::sqrt(big_b * big_b + 4.0 * stable_share * past * delta)) / 2.0;
            close(q_form.ln, 0.85 * libm::log(q / (q + delta)));
        }
        assert_eq!(adaptive_ratio(0.01, 0.0, 0.5).ln, 0.0);
    }
}
