//! What one incident may prove: errors come in clusters, and a cluster must not count as many proofs.
//!
//! A user who retries, a process that stumbles for ten seconds, a dependency that fails for one instance: their errors
//! arrive together, in whichever arm they happen to. Counted one by one they would prove harm out of nothing. No estimate of
//! how strongly errors cluster is good enough to divide by, as the first cluster that is ever seen may lie in the
//! canary. Therefore the canary's errors are gathered into *incidents*, stretches of `incident_ms` (20 s) that begin with
//! an error, and an incident with `K` errors wins, with `s` and `rho` of [`crate::e1`],
//! ```text
//! ln G(K)     G(K) = 1 + (1 - s^K) / rho        instead of K ln r                                     (G)
//! ```
//! while stable's errors still cost `ln s` each. It is what a bet against "chance alone decides to which arm a whole
//! cluster goes" may win: a cluster falls to the canary `rho` times as often as to stable, where it costs `s^K`, so that
//! `rho G(K) + s^K = rho + 1` for every size `K`. Hence the bet is fair for clusters of any size, known or not, that
//! fit into an incident, and for independent errors as well: `G(1) = r`, and `G(K1 + K2) <= G(K1) G(K2)`, so that gathering
//! what does not belong together only gives evidence away. One incident wins at most `ln(1 + 1/rho)`, a bet on a coin with
//! the canary's share: 3.0 at 5 %, 0.7 at half of the traffic.
//!
//! That is slow where the canary has half of the traffic. Once stable was watched for long enough and its errors are
//! seen to arrive steadily, errors count one by one again, `K ln r`, but an incident never wins more than
//! [`MOST_WHEN_STEADY`]: one or two of them prove nothing, whatever their size.

use crate::e1::{Pair, Tilt};
use crate::exact::{Blank, state};
use crate::settings::INCIDENTS_TO_LEARN;
use crate::spread::Spread;
use crate::verdict::ErrorArrivals;
use crate::wealth::Dripped;

/// The largest dispersion between successive stretches of stable that is called steady.
const STEADY: f64 = 1.5;
/// What an incident wins at most while errors arrive steadily, as a logarithm: two of them, at the start, make 0.2 e^6 = 81 of the
/// 100 that are needed at 1 %.
const MOST_WHEN_STEADY: f64 = 3.0;

/// How stable's errors arrive over time. The canary has no say in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrivals {
    spread: Spread,
    watched_ms: i64,
    enough_ms: i64,
}

state!(Arrivals { spread, watched_ms } made { enough_ms });

impl Arrivals {
    pub(crate) fn unseen(incident_ms: i64) -> Arrivals {
        let enough_ms = incident_ms.saturating_mul(i64::from(INCIDENTS_TO_LEARN));
        Arrivals { spread: Spread::new(), watched_ms: 0, enough_ms }
    }

    /// Takes what stable did from `from_ms` to `to_ms`.
    pub(crate) fn learn(&mut self, requests: f64, failures: f64, from_ms: i64, to_ms: i64) {
        if requests > 0.0 {
            self.watched_ms = self.watched_ms.saturating_add(to_ms.saturating_sub(from_ms));
            self.spread.learn_successive(requests, failures, to_ms);
        }
    }

    pub(crate) fn reading(&self) -> ErrorArrivals {
        if self.watched_ms < self.enough_ms {
            ErrorArrivals::Unknown
        } else if self.spread.largest() >= STEADY {
            ErrorArrivals::InBursts
        } else {
            ErrorArrivals::Steady
        }
    }

    /// Whether errors are known to arrive one by one.
    pub(crate) fn steady(&self) -> bool {
        self.reading() == ErrorArrivals::Steady
    }
}

/// A block that errors are bet on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stake<'a> {
    pub(crate) from_ms: i64,
    pub(crate) pair: &'a Pair,
    /// How long an incident lasts. Clusters that last longer count as several; those within users are held back by a second
    /// bet, on users who had not failed before ([`crate::errors`]), if the source knows users.
    pub(crate) incident_ms: i64,
    /// Known before the block.
    pub(crate) steady: bool,
}

/// Capital on `K` bets against errors, of which no incident can win much.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounded<const K: usize> {
    wealth: Dripped<K>,
    incident: Option<Incident<K>>,
}

state!(Bounded<const K: usize> { wealth, incident });

#[derive(Clone, Debug, PartialEq)]
struct Incident<const K: usize> {
    until_ms: i64,
    /// Of the block that it began in, as a cluster goes where its first error goes.
    rho: f64,
    steady: bool,
    /// Logarithms of what its errors would make without a bound.
    raw: [f64; K],
    won: [f64; K],
}

state!(Incident<const K: usize> { until_ms, rho, steady, raw, won });

impl<const K: usize> Blank for Incident<K> {
    fn blank() -> Incident<K> {
        Incident { until_ms: 0, rho: 0.0, steady: false, raw: [0.0; K], won: [0.0; K] }
    }
}

impl<const K: usize> Bounded<K> {
    pub(crate) const fn none() -> Bounded<K> {
        Bounded { wealth: Dripped::none(), incident: None }
    }

    /// Spreads an amount equally.
    pub(crate) fn fund(&mut self, amount: f64) {
        self.wealth.fund(amount);
    }

    /// Settles every bet on a block; nothing happens when an arm was idle.
    pub(crate) fn settle(&mut self, tilts: &[Tilt; K], stake: &Stake<'_>, delta: f64) {
        let Some(rho) = stake.pair.ratio() else {
            return;
        };
        let mut gains = tilts.map(|tilt| stake.pair.stable_bad * tilt.ln_s - delta * tilt.slope(stake.pair));
        if stake.pair.canary_bad > 0.0 {
            let incident = self.incident_at(stake, rho);
            for (gain, won) in gains.iter_mut().zip(incident.win(tilts, stake.pair.canary_bad)) {
                *gain += won;
            }
        }
        self.wealth.gain(&gains);
    }

    fn incident_at(&mut self, stake: &Stake<'_>, rho: f64) -> &mut Incident<K> {
        if self.incident.as_ref().is_some_and(|incident| stake.from_ms >= incident.until_ms) {
            self.incident = None;
        }
        self.incident.get_or_insert_with(|| Incident {
            until_ms: stake.from_ms.saturating_add(stake.incident_ms),
            rho,
            steady: stake.steady,
            raw: [0.0; K],
            won: [0.0; K],
        })
    }

    /// The capital on all bets.
    pub(crate) fn total(&self) -> f64 {
        self.wealth.total()
    }
}

impl<const K: usize> Incident<K> {
    /// What these further errors win beside what it won before.
    fn win(&mut self, tilts: &[Tilt; K], errors: f64) -> [f64; K] {
        let mut more = [0.0; K];
        for (((more, tilt), raw), won) in more.iter_mut().zip(tilts).zip(&mut self.raw).zip(&mut self.won) {
            let in_all = if self.steady {
                *raw += errors * tilt.ln_r;
                raw.min(MOST_WHEN_STEADY)
            } else {
                *raw += errors * tilt.ln_s;
                libm::log1p(-libm::expm1(*raw) / self.rho)
            };
            *more = in_all - *won;
            *won = in_all;
        }
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::RiskRatio;

    const SHARE: f64 = 0.05;

    fn pair(canary_bad: f64, stable_bad: f64) -> Pair {
        Pair { canary: 1_000.0 * SHARE, canary_bad, stable: 1_000.0 * (1.0 - SHARE), stable_bad }
    }

    /// The logarithm of one unit of capital after these blocks of ten seconds.
    fn log_wealth(ratio: f64, blocks: &[Pair], steady: bool) -> f64 {
        let mut bets = Bounded::<1>::none();
        bets.fund(1.0);
        for (number, pair) in (0..).zip(blocks) {
            let tilts = Tilt::each(&[RiskRatio::new(ratio)], pair.ratio().unwrap());
            bets.settle(&tilts, &Stake { from_ms: number * 10_000, pair, incident_ms: 20_000, steady }, 0.0);
        }
        bets.total().ln()
    }

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9 * (1.0 + right.abs()), "{left} and {right}");
    }

    #[test]
    fn one_error_wins_as_much_as_an_independent_one() {
        for steady in [false, true] {
            let block = pair(1.0, 3.0);
            let plain = crate::e1::log_e_value(&block, 2.5, 0.0);
            close(log_wealth(2.5, &[block], steady), plain);
        }
    }

    /// `rho G(K) + s^K = rho + 1`: a cluster of any size that falls to either arm by its share neither wins nor loses.
    #[test]
    fn a_cluster_of_any_size_is_a_fair_bet() {
        for ratio in [1.1, 3.0, 60.0] {
            for size in [1.0, 2.0, 5.0, 40.0] {
                let to_canary = log_wealth(ratio, &[pair(size, 0.0)], false).exp();
                let to_stable = log_wealth(ratio, &[pair(0.0, size)], false).exp();
                close(SHARE * to_canary + (1.0 - SHARE) * to_stable, 1.0);
            }
        }
    }

    #[test]
    fn an_incident_goes_on_over_blocks_and_ends_after_twenty_seconds() {
        let twice = log_wealth(10.0, &[pair(4.0, 0.0), pair(4.0, 0.0)], false);
        close(twice, log_wealth(10.0, &[pair(8.0, 0.0)], false));
        let apart = log_wealth(10.0, &[pair(4.0, 0.0), pair(0.0, 0.0), pair(4.0, 0.0)], false);
        close(apart, 2.0 * log_wealth(10.0, &[pair(4.0, 0.0)], false));
    }

    #[test]
    fn no_incident_wins_more_than_the_share_allows() {
        let huge = log_wealth(60.0, &[pair(50.0, 0.0)], false);
        assert!(huge <= (1.0 / SHARE).ln() && huge > 0.99 * (1.0 / SHARE).ln(), "{huge}");
        close(log_wealth(60.0, &[pair(50.0, 0.0)], true), MOST_WHEN_STEADY);
    }

    #[test]
    fn gathering_what_does_not_belong_together_gives_evidence_away() {
        for ratio in [1.2, 5.0, 25.0] {
            let together = log_wealth(ratio, &[pair(5.0, 0.0)], false);
            let apart = log_wealth(ratio, &[pair(2.0, 0.0)], false) + log_wealth(ratio, &[pair(3.0, 0.0)], false);
            assert!(together <= apart && apart <= 5.0 * log_wealth(ratio, &[pair(1.0, 0.0)], false));
        }
    }

    #[test]
    fn steadiness_takes_half_an_hour_and_no_bursts() {
        let watched = |blocks: i64, failures: fn(i64) -> f64| {
            let mut arrivals = Arrivals::unseen(20_000);
            (0..blocks).for_each(|at| arrivals.learn(950.0, failures(at), at * 10_000, (at + 1) * 10_000));
            arrivals.steady()
        };
        assert!(!watched(179, |_| 0.0) && watched(180, |_| 0.0));
        assert!(watched(360, |at| (at * 7 % 5 % 2) as f64));
        assert!(!watched(360, |at| if at % 40 == 11 { 12.0 } else { 0.0 }));
    }
}
