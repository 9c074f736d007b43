//! The canary's share of the answers, where chance gives each request to an arm: a canary that swallows requests has
//! less of the answers than of the requests.
//!
//! With the share `w` that was asked for and a multiplier `m` of what the canary answers, its share of all answers is
//! `theta(m) = w m / (w m + 1 - w)`, whatever the traffic. Against `m >= 0.8` (harm) or `m <= 0.8` (pass) the bets are
//! ```text
//! log e = n_c ln(theta(m_k) / theta(0.8)) + n_s ln((1 - theta(m_k)) / (1 - theta(0.8)))
//! ```
//! A block in which one arm answers nothing counts like any other: here the counts are what is judged.

use super::scatter::{Prior, Scales, Stretch};
use crate::exact::state;

/// A canary may answer this part of its requests less before it is harm: shares scatter, and cannot show less.
pub(crate) const LARGEST_DROP: f64 = 0.2;

/// A canary that answers this part of its requests.
const HARM: [f64; 4] = [0.02, 0.25, 0.5, 0.65];
const PASS: [f64; 2] = [0.9, 1.0];
/// More than a quarter above what was asked for is no matter of chance or of a few retries: routing does not do as told.
const MISMATCH_FROM: f64 = 1.25;
const MISMATCH: [f64; 4] = [1.6, 2.5, 5.0, 15.0];
/// `ln` of the evidence for a mismatch; nothing is taken back for it, so a thousand to one will do.
const MISMATCH_NEEDED: f64 = 6.907_755_278_982_137;

/// Answers lag behind a new share, and routers take it up one by one.
const GRACE_MS: i64 = 30_000;
/// Beyond this, requests are dealt by the connection and not one by one; the share says nothing.
const LARGEST_PHI: f64 = 50.0;
/// Clumping is common, so something of it is assumed until the first minutes have shown what there is.
const PRIOR: Prior = Prior { weight: 6.0, factor: 1.5 };

/// Why the share says nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quiet {
    /// One arm is asked to have everything.
    NoSplit,
    /// The share changed a moment ago.
    Grace,
    /// The canary answered nothing since it was given a share: nobody may have been sent to it.
    NoAnswerYet,
    /// The share scatters far more than chance allows.
    Clumped,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Split {
    share: f64,
    since_ms: i64,
    /// Whether the canary answered since it has a share.
    answered: bool,
    clumps: Scales<Answers>,
    /// Answers of canary and stable since the share changed and the grace was over.
    pub(super) seen: (u64, u64),
    /// Evidence of a mismatch since then.
    mismatch: [f64; 4],
}

state!(Split { share, since_ms, answered, clumps, seen, mismatch });

/// One block.
#[derive(Clone, Copy)]
pub(super) struct Answered {
    pub(super) from_ms: i64,
    pub(super) share: f64,
    pub(super) canary: u64,
    pub(super) stable: u64,
}

/// What a block won for each bet.
pub(super) struct Won {
    pub(super) harm: [f64; 4],
    pub(super) pass: [f64; 2],
}

impl Split {
    pub(super) fn nothing_seen() -> Split {
        Split {
            share: 0.0,
            since_ms: i64::MIN,
            answered: false,
            clumps: Scales::assumed(PRIOR),
            seen: (0, 0),
            mismatch: [0.0; 4],
        }
    }

    pub(super) fn take(&mut self, block: &Answered) -> Result<Won, Quiet> {
        if block.share.total_cmp(&self.share).is_ne() {
            self.changed(block);
        }
        self.answered |= block.canary > 0;
        if block.share <= 0.0 || block.share >= 1.0 {
            self.answered &= block.share > 0.0;
            return Err(Quiet::NoSplit);
        }
        if !self.answered {
            return Err(Quiet::NoAnswerYet);
        }
        if block.from_ms < self.since_ms.saturating_add(GRACE_MS) {
            return Err(Quiet::Grace);
        }
        let phi = self.clumps.phi();
        self.clumps.take(Answers { canary: block.canary as f64, stable: block.stable as f64 });
        self.seen.0 = self.seen.0.saturating_add(block.canary);
        self.seen.1 = self.seen.1.saturating_add(block.stable);
        if phi > LARGEST_PHI {
            return Err(Quiet::Clumped);
        }
        let won = |bet: f64, null: f64| log_ratio(block, bet, null) / phi;
        for (sum, bet) in self.mismatch.iter_mut().zip(MISMATCH) {
            *sum += won(bet, MISMATCH_FROM);
        }
        let null = 1.0 - LARGEST_DROP;
        Ok(Won { harm: HARM.map(|bet| won(bet, null)), pass: PASS.map(|bet| won(bet, null)) })
    }

    fn changed(&mut self, block: &Answered) {
        self.share = block.share;
        self.since_ms = block.from_ms;
        self.seen = (0, 0);
        self.mismatch = [0.0; 4];
        self.clumps.interrupt();
    }

    /// After a gap: what comes next is not held against what came before.
    pub(super) fn interrupt(&mut self) {
        self.clumps.interrupt();
    }

    /// The share that was asked for and the canary's part of the answers since.
    pub(super) fn asked_and_got(&self) -> Option<(f64, f64)> {
        let (canary, stable) = self.seen;
        let all = canary.saturating_add(stable);
        (all > 0).then(|| (self.share, canary as f64 / all as f64))
    }

    pub(super) fn phi(&self) -> f64 {
        self.clumps.phi()
    }

    /// Whether the canary has far more of the answers than of the share.
    pub(super) fn mismatch(&self) -> bool {
        self.mismatch.iter().any(|sum| *sum >= MISMATCH_NEEDED + libm::log(MISMATCH.len() as f64))
    }
}

/// The likelihood of a block with one multiplier against another, as a logarithm.
fn log_ratio(block: &Answered, bet: f64, null: f64) -> f64 {
    let w = block.share;
    let (bet_all, null_all) = (w * bet + 1.0 - w, w * null + 1.0 - w);
    let common = libm::log(null_all / bet_all);
    // A factor of 0 requests is left out, for 0 times an infinite logarithm is no number.
    let canary = if block.canary > 0 { block.canary as f64 * (libm::log(bet / null) + common) } else { 0.0 };
    let stable = if block.stable > 0 { block.stable as f64 * common } else { 0.0 };
    canary + stable
}

/// All bets of a block, harm first.
#[cfg(test)]
pub(crate) fn log_bets(share: f64, canary: u64, stable: u64) -> alloc::vec::Vec<f64> {
    let block = Answered { from_ms: 0, share, canary, stable };
    HARM.into_iter().chain(PASS).map(|bet| log_ratio(&block, bet, 1.0 - LARGEST_DROP)).collect()
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Answers {
    canary: f64,
    stable: f64,
}

state!(Answers { canary, stable });

impl Stretch for Answers {
    fn joined(self, next: Answers) -> Answers {
        Answers { canary: self.canary + next.canary, stable: self.stable + next.stable }
    }

    /// A canary that swallows the same part in both stretches cancels, and so cannot excuse itself.
    fn against(self, next: Answers) -> Option<(f64, f64)> {
        let (here, there) = (self.canary + self.stable, next.canary + next.stable);
        let all = here + there;
        let share = (self.canary + next.canary) / all;
        let information = share * (1.0 - share);
        if here <= 0.0 || there <= 0.0 || information * here.min(there) < 1.0 {
            return None;
        }
        let difference = self.canary / here - next.canary / there;
        Some((difference * difference / (information * (1.0 / here + 1.0 / there)), 1.0))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn after(blocks: i64, canary: impl Fn(i64) -> u64) -> (Split, Vec<Result<Won, Quiet>>) {
        let mut split = Split::nothing_seen();
        let told = (0..blocks)
            .map(|number| {
                let block = Answered { from_ms: number * 10_000, share: 0.05, canary: canary(number), stable: 950 };
                split.take(&block)
            })
            .collect();
        (split, told)
    }

    #[test]
    fn it_waits_for_the_first_answer_and_for_the_grace() {
        let (_, told) = after(6, |number| if number < 2 { 0 } else { 50 });
        let quiet: Vec<Option<Quiet>> = told.into_iter().map(Result::err).collect();
        assert_eq!(quiet[..3], [Some(Quiet::NoAnswerYet), Some(Quiet::NoAnswerYet), Some(Quiet::Grace)]);
        assert_eq!(quiet[3..], [None; 3]);
    }

    #[test]
    fn far_too_many_answers_are_a_mismatch_and_no_harm() {
        let (split, told) = after(40, |_| 400);
        assert!(split.mismatch());
        assert!(told.iter().flatten().all(|won| won.harm.iter().all(|won| *won < 0.0)));
        assert!(!after(40, |number| 45 + number.unsigned_abs() % 11).0.mismatch());
    }

    #[test]
    fn whole_connections_say_nothing() {
        let (split, told) = after(60, |number| if number % 9 < 3 { 900 } else { 10 });
        assert!(split.phi() > LARGEST_PHI);
        assert_eq!(told.last().and_then(|won| won.as_ref().err().copied()), Some(Quiet::Clumped));
    }
}
