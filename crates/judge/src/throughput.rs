//! Requests that vanish: a canary that hangs has no errors and no slow answers, it only answers less.
//!
//! Two ways to see it. Where whoever hands requests to the arms counts them as well ([`crate::Arm::started`]), what both
//! arms lost is held against each other ([`lost`]). Else, where chance deals the requests one by one
//! ([`crate::Split::ByRequest`]), the canary's share of the answers must fit its share of the requests ([`split`]). Else it
//! is not judged, and the verdict says why: with sticky users a share proves nothing. One capital serves both ways; which
//! one is used is known before a block's counts matter.

mod backlog;
mod lost;
mod scatter;
mod split;

#[cfg(test)]
pub(crate) use self::split::log_bets;

use self::backlog::{PATIENCE_MS, Work};
use self::lost::{LARGEST_LOSS, Lost, Works};
use self::split::{Answered, LARGEST_DROP, Quiet};
use crate::capital::Capital;
use crate::counts::{Arm, Block, Split};
use crate::exact::{choice, state};
use crate::finding::{Count, Difference};
use crate::sketch::bucket_of;
use crate::wealth::Reserve;

/// Half of it: a request that takes so long may take longer.
const PATIENCE_US: u64 = PATIENCE_MS.unsigned_abs() * 500;
/// Long polls and the like, by the hundred; single stragglers are lost in the margin.
const SLOW_PART: f64 = 0.01;
/// What was measured counts half after about a minute.
const SLOW_KEPT: f64 = 0.9;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Throughput {
    /// Harm capital that is on no bet.
    cash: f64,
    lost: Lost,
    split: split::Split,
    /// Harm capital on the canary's share of the answers.
    by_share: Capital<4>,
    pass: Capital<2>,
    pass_reserve: Reserve,
    latest_end_ms: Option<i64>,
    /// Stable's requests of late that took longer than patience lasts, and all that were measured.
    slow: (f64, f64),
    silence: Option<Silence>,
    ever_judged: bool,
}

state!(Throughput { cash, lost, split, by_share, pass, pass_reserve, latest_end_ms, slow, silence, ever_judged });

/// Why the latest block was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    NothingYet,
    /// Stable's own requests take longer than patience lasts.
    Slow,
    /// Requests begun are counted, and none of them is due yet.
    NothingDue,
    Unknown,
    Sticky,
    NoSplit,
    Grace,
    NoAnswerYet,
    Clumped,
}

choice!(Silence { NothingYet, Slow, NothingDue, Unknown, Sticky, NoSplit, Grace, NoAnswerYet, Clumped });

/// What is known of it, for people.
pub(crate) struct Reading {
    pub(crate) margin: f64,
    pub(crate) canary: Count,
    pub(crate) stable: Count,
    pub(crate) difference: Difference,
    pub(crate) phi: f64,
    /// Asked and got, when it was judged by the share.
    pub(crate) share: Option<(f64, f64)>,
}

impl Throughput {
    pub(crate) fn new() -> Throughput {
        Throughput {
            cash: 0.0,
            lost: Lost::nothing_seen(),
            split: split::Split::nothing_seen(),
            by_share: Capital::none(),
            pass: Capital::none(),
            pass_reserve: Reserve::full(),
            latest_end_ms: None,
            slow: (0.0, 0.0),
            silence: Some(Silence::NothingYet),
            ever_judged: false,
        }
    }

    pub(crate) fn fund(&mut self, amount: f64) {
        self.cash += amount;
    }

    /// Bets half of the pass test's reserve.
    pub(crate) fn begin_phase(&mut self) {
        if let Some(amount) = self.pass_reserve.release(0.5) {
            self.pass.fund(amount);
        }
    }

    pub(crate) fn take(&mut self, block: &Block, stable: &Arm, canary: &Arm) {
        if self.latest_end_ms.replace(block.to_ms).is_some_and(|end| end != block.from_ms) {
            self.lost.interrupt();
            self.split.interrupt();
        }
        let (slow, all) = (self.slow.0 * SLOW_KEPT, self.slow.1 * SLOW_KEPT);
        let too_slow = stable.latency.count_above(bucket_of(PATIENCE_US));
        self.slow = (slow + too_slow as f64, all + stable.latency.total() as f64);
        self.silence = match (canary.started, stable.started) {
            (Some(begun_canary), Some(begun_stable)) => {
                let canary = Work { begun: begun_canary, answered: canary.requests };
                let stable = Work { begun: begun_stable, answered: stable.requests };
                self.weigh_lost(&Works { from_ms: block.from_ms, to_ms: block.to_ms, canary, stable })
            }
            (None, _) | (_, None) => {
                self.lost.interrupt();
                match block.split {
                    Split::Unknown => Some(Silence::Unknown),
                    Split::ByUser => Some(Silence::Sticky),
                    Split::ByRequest => {
                        let (canary, stable) = (canary.requests, stable.requests);
                        self.weigh_share(&Answered { from_ms: block.from_ms, share: block.share, canary, stable })
                    }
                }
            }
        };
        self.ever_judged |= self.silence.is_none();
    }

    fn weigh_lost(&mut self, works: &Works) -> Option<Silence> {
        if self.slow.0 > SLOW_PART * self.slow.1 {
            // A canary that has just begun owes the answers that stable gives to requests from before.
            self.lost.interrupt();
            return Some(Silence::Slow);
        }
        let won = self.lost.take(works, &mut self.cash);
        self.pass.settle(won);
        (!self.lost.is_judged()).then_some(Silence::NothingDue)
    }

    fn weigh_share(&mut self, answered: &Answered) -> Option<Silence> {
        match self.split.take(answered) {
            Ok(won) => {
                if self.cash > 0.0 {
                    self.by_share.fund(core::mem::take(&mut self.cash));
                }
                self.by_share.settle(won.harm);
                self.pass.settle(won.pass);
                None
            }
            Err(quiet) => Some(quiet.into()),
        }
    }

    /// Whether anything was ever held for or against the canary; without that its wealth means nothing.
    pub(crate) fn is_judged(&self) -> bool {
        self.ever_judged
    }

    /// Capital of the harm test, on bets and not.
    pub(crate) fn harm(&self) -> f64 {
        self.cash + self.lost.capital() + self.by_share.total()
    }

    /// Evidence for a pass, with its reserve.
    pub(crate) fn pass(&self) -> f64 {
        self.pass_reserve.left() + self.pass.total()
    }

    /// Whether it stands in the way of nothing: shown to be within the margin, or not judged.
    pub(crate) fn passes(&self, needed: f64) -> bool {
        self.split_is_as_told() && (!self.ever_judged || self.pass() >= needed)
    }

    pub(crate) fn silence(&self) -> Option<Silence> {
        self.silence
    }

    fn split_is_as_told(&self) -> bool {
        !self.split.mismatch()
    }

    /// Asked and got, when the canary has far more of the answers than of the share.
    pub(crate) fn mismatch(&self) -> Option<(f64, f64)> {
        if self.split_is_as_told() { None } else { self.split.asked_and_got() }
    }

    pub(crate) fn reading(&self) -> Reading {
        if self.lost.is_judged() {
            let (low, high) = (self.lost.certain.difference(), self.lost.feared.difference());
            return Reading {
                margin: LARGEST_LOSS,
                canary: self.lost.certain.canary,
                stable: self.lost.certain.stable,
                difference: Difference { estimate: low.estimate, low: low.low, high: high.high.max(low.low) },
                phi: self.lost.phi(),
                share: None,
            };
        }
        let (canary, stable) = self.split.seen;
        Reading {
            margin: LARGEST_DROP,
            canary: Count { requests: canary, bad: 0 },
            stable: Count { requests: stable, bad: 0 },
            difference: Difference { estimate: None, low: -1.0, high: 1.0 },
            phi: self.split.phi(),
            share: self.split.asked_and_got(),
        }
    }
}

impl From<Quiet> for Silence {
    fn from(quiet: Quiet) -> Silence {
        match quiet {
            Quiet::NoSplit => Silence::NoSplit,
            Quiet::Grace => Silence::Grace,
            Quiet::NoAnswerYet => Silence::NoAnswerYet,
            Quiet::Clumped => Silence::Clumped,
        }
    }
}
