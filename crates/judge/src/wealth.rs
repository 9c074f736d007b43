//! Capital spread over several bets, released over time: a fault that begins late meets fresh capital.
//!
//! ```text
//! m_k = log(exp(m_k) + om pi_k)   before the block: om moves from the reserve R to the bets
//! m_k = m_k + log e_k / phi       the block; where single blocks are not trusted, at most so much
//! W   = R + sum exp(m_k)          P(ever W >= 1/alpha) <= alpha under the null
//! ```

use crate::e1::{Pair, Tilt};
use crate::exact::{Damage, Exact, Reader, Writer, read_new, wrapped};

/// How the evidence of a block is tempered before it is bet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Temper {
    /// It is divided by the dispersion.
    phi: f64,
    /// And then held below this. To win less than was bet on keeps a fair bet fair.
    most: f64,
}

impl Temper {
    pub(crate) const fn by(phi: f64) -> Temper {
        Temper { phi, most: f64::INFINITY }
    }

    /// No block wins more than `most`, as a logarithm.
    pub(crate) const fn held_below(self, most: f64) -> Temper {
        Temper { most, ..self }
    }

    pub(crate) const fn phi(self) -> f64 {
        self.phi
    }
}

/// Capital not yet bet; starts at 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reserve(f64);

wrapped!(Reserve);

impl Reserve {
    pub(crate) const fn full() -> Reserve {
        Reserve(1.0)
    }

    /// What is left.
    pub(crate) fn left(self) -> f64 {
        self.0
    }

    /// Takes a share of what is left and returns the amount; nothing when there is nothing to take.
    pub(crate) fn release(&mut self, share: f64) -> Option<f64> {
        let amount = self.0 * share.clamp(0.0, 1.0);
        if amount < SMALLEST_AMOUNT {
            return None;
        }
        self.0 -= amount;
        Some(amount)
    }
}

/// Less than this stays in reserve: its logarithm would lose digits.
const SMALLEST_AMOUNT: f64 = 1e-200;

/// Capital on `K` bets, as logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wealth<const K: usize>([f64; K]);

wrapped!(Wealth<const K: usize>);

impl<const K: usize> Wealth<K> {
    pub(crate) const fn none() -> Wealth<K> {
        Wealth([f64::NEG_INFINITY; K])
    }

    /// Spreads an amount by the weights `pi`.
    pub(crate) fn fund(&mut self, amount: f64, weights: &[f64; K]) {
        for (wealth, weight) in self.0.iter_mut().zip(weights) {
            *wealth = log_add_exp(*wealth, libm::log(amount * weight));
        }
    }

    /// Settles every bet on a block, with tempered evidence.
    pub(crate) fn settle(&mut self, tilts: &[Tilt; K], pair: &Pair, delta: f64, temper: Temper) {
        for (wealth, tilt) in self.0.iter_mut().zip(tilts) {
            *wealth += (tilt.log_e(pair, delta) / temper.phi).min(temper.most);
        }
    }

    /// The capital on all bets, held below `K e^600` so that it stays a number.
    pub(crate) fn total(&self) -> f64 {
        self.0.iter().map(|wealth| libm::exp(wealth.min(LARGEST_LOG))).sum()
    }

    #[cfg(test)]
    pub(crate) fn logs(&self) -> &[f64] {
        &self.0
    }
}

/// The same with equal weights, for capital that is funded before every block: the numbers are kept beside their
/// logarithms, which halves the work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dripped<const K: usize> {
    wealth: Wealth<K>,
    values: [f64; K],
}

/// The numbers are written only where they do not follow from their logarithms: before the bet on what was just funded.
impl<const K: usize> Exact for Dripped<K> {
    fn write(&self, to: &mut Writer) {
        let mut settled = *self;
        settled.write_values();
        let follow = settled == *self;
        self.wealth.write(to);
        follow.write(to);
        if !follow {
            self.values.write(to);
        }
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        self.wealth.read(from)?;
        self.write_values();
        if read_new(from)? { Ok(()) } else { self.values.read(from) }
    }
}

impl<const K: usize> Dripped<K> {
    pub(crate) const fn none() -> Dripped<K> {
        Dripped { wealth: Wealth::none(), values: [0.0; K] }
    }

    /// Spreads an amount equally.
    pub(crate) fn fund(&mut self, amount: f64) {
        let each = amount / K as f64;
        for (log, value) in self.wealth.0.iter_mut().zip(&mut self.values) {
            if *log < LARGEST_LOG {
                *value += each;
                *log = libm::log(*value);
            }
        }
    }

    /// Settles every bet on a block, with tempered evidence.
    pub(crate) fn settle(&mut self, tilts: &[Tilt; K], pair: &Pair, delta: f64, temper: Temper) {
        self.wealth.settle(tilts, pair, delta, temper);
        self.write_values();
    }

    /// Adds to the logarithm of every bet.
    pub(crate) fn gain(&mut self, gains: &[f64; K]) {
        for (wealth, gain) in self.wealth.0.iter_mut().zip(gains) {
            *wealth += gain;
        }
        self.write_values();
    }

    fn write_values(&mut self) {
        for (log, value) in self.wealth.0.iter().zip(&mut self.values) {
            *value = libm::exp(log.min(LARGEST_LOG));
        }
    }

    /// The capital on all bets, held below `K e^600` so that it stays a number.
    pub(crate) fn total(&self) -> f64 {
        self.values.iter().sum()
    }

    #[cfg(test)]
    pub(crate) fn logs(&self) -> &[f64] {
        self.wealth.logs()
    }
}

/// Where wealth is cut off when it is written as a number.
pub(crate) const LARGEST_LOG: f64 = 600.0;

/// `log(exp(a) + exp(b))` without overflow; either may be minus infinity.
pub(crate) fn log_add_exp(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if high - low > NEGLIGIBLE || low == f64::NEG_INFINITY {
        return high;
    }
    high + libm::log1p(libm::exp(low - high))
}

/// `exp(-40)` is lost in the last bit of the sum.
const NEGLIGIBLE: f64 = 40.0;

/// Equal weights for `K` bets.
pub(crate) const fn equal_weights<const K: usize>() -> [f64; K] {
    [1.0 / K as f64; K]
}

/// Half on the first bet, which is the adaptive one, the rest spread equally.
pub(crate) const fn half_on_the_first<const K: usize>() -> [f64; K] {
    let mut weights = [0.5 / (K as f64 - 1.0); K];
    weights[0] = 0.5;
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::HARM_ERRORS;

    #[test]
    fn capital_is_moved_and_never_made() {
        let mut reserve = Reserve::full();
        let mut harm = Dripped::<9>::none();
        let mut pass = Wealth::<7>::none();
        for share in [0.4, 0.2, 0.001, 1.0, 0.3] {
            if let Some(amount) = reserve.release(share) {
                harm.fund(amount);
                pass.fund(amount, &half_on_the_first());
            }
            assert!((reserve.left() + harm.total() - 1.0).abs() < 1e-12);
            assert!((reserve.left() + pass.total() - 1.0).abs() < 1e-12);
        }
        assert_eq!(reserve.release(0.5), None);
    }

    #[test]
    fn wealth_stays_a_number() {
        let mut wealth = Dripped::<9>::none();
        wealth.fund(1.0);
        let block = Pair { canary: 1e19, canary_bad: 1e19, stable: 1e19, stable_bad: 0.0 };
        wealth.settle(&Tilt::each(&HARM_ERRORS, 1.0), &block, 0.001, Temper::by(1.0));
        wealth.fund(1.0);
        assert!(wealth.total().is_finite() && wealth.total() > 1e200);
    }

    #[test]
    fn sums_of_exponentials() {
        assert_eq!(log_add_exp(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!(log_add_exp(f64::NEG_INFINITY, 3.0), 3.0);
        assert!((log_add_exp(libm::log(2.0), libm::log(3.0)) - libm::log(5.0)).abs() < 1e-15);
        assert_eq!(log_add_exp(1e6, 0.0), 1e6);
    }
}
