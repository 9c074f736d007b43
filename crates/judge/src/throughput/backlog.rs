//! Requests of one arm that were begun and not answered.
//!
//! Only sums are counted, not which request an answer belongs to. Of the unanswered ones, as many as were begun within
//! the last [`PATIENCE_MS`] may still be under way; the rest is lost for certain. So an arm whose requests take less than
//! that *never* shows a loss, whatever its traffic does, and losses of a part `f` of the requests show after
//! `PATIENCE_MS / f`. Passing must not rest on that delay: it takes all that is unanswered for lost.

use alloc::collections::VecDeque;

use crate::exact::state;

/// A request may take so long before it counts as lost.
pub(super) const PATIENCE_MS: i64 = 30_000;

/// Shorter blocks are joined beyond this many; what is joined is due with the latest of them.
const MOST_BLOCKS: usize = 64;

/// What an arm began and answered in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Work {
    pub(super) begun: u64,
    pub(super) answered: u64,
}

/// The requests that were begun within the last [`PATIENCE_MS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recent {
    begun: VecDeque<Begun>,
    sum: u64,
}

state!(Recent { begun, sum } sound |read| read.begun.len() <= MOST_BLOCKS);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Begun {
    by_ms: i64,
    requests: u64,
}

state!(Begun { by_ms, requests });

/// Requests whose time to be answered ran out with a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Due {
    pub(super) requests: u64,
    /// The end of the latest block that they were begun in.
    pub(super) begun_by_ms: i64,
    /// How many may still be under way.
    pub(super) under_way: u64,
}

impl Recent {
    pub(super) fn take(&mut self, to_ms: i64, begun: u64) -> Due {
        self.remember(Begun { by_ms: to_ms, requests: begun });
        let ended_ms = to_ms.saturating_sub(PATIENCE_MS);
        let mut due = Due { requests: 0, begun_by_ms: i64::MIN, under_way: 0 };
        while let Some(oldest) = self.begun.front().copied().filter(|begun| begun.by_ms <= ended_ms) {
            due.requests = due.requests.saturating_add(oldest.requests);
            due.begun_by_ms = oldest.by_ms;
            self.sum = self.sum.saturating_sub(oldest.requests);
            self.begun.pop_front();
        }
        due.under_way = self.sum;
        due
    }

    fn remember(&mut self, begun: Begun) {
        self.sum = self.sum.saturating_add(begun.requests);
        let full = self.begun.len() >= MOST_BLOCKS;
        match self.begun.back_mut().filter(|_| full) {
            Some(last) => {
                *last = Begun { by_ms: begun.by_ms, requests: last.requests.saturating_add(begun.requests) };
            }
            None => self.begun.push_back(begun),
        }
    }
}

/// What is unanswered of all that was begun since some moment, and how much of it was told as lost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Owed {
    unanswered: u64,
    told: u64,
}

state!(Owed { unanswered, told });

impl Owed {
    /// How much more is unanswered after a block than before; below 0 when the arm catches up.
    pub(super) fn take(&mut self, work: Work) -> f64 {
        let before = self.unanswered;
        // Never below zero: an answer to what was begun before counting began pays for no later request.
        self.unanswered = before.saturating_add(work.begun).saturating_sub(work.answered);
        if self.unanswered == 0 {
            // What was told as lost was answered in the end.
            self.told = 0;
        }
        self.unanswered as f64 - before as f64
    }

    /// What is now known to be lost and was not told before. All that was ever told is at most what was lost.
    pub(super) fn newly_lost(&mut self, due: &Due) -> u64 {
        let lost = self.unanswered.saturating_sub(due.under_way).saturating_sub(self.told).min(due.requests);
        self.told = self.told.saturating_add(lost);
        lost
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    const BLOCK_MS: i64 = 10_000;

    /// Lost and due over these blocks of (begun, answered).
    fn told(blocks: impl IntoIterator<Item = (u64, u64)>) -> (u64, u64) {
        let (mut recent, mut owed) = (Recent::default(), Owed::default());
        (1..).zip(blocks).fold((0, 0), |(lost, all), (number, (begun, answered))| {
            let due = recent.take(number * BLOCK_MS, begun);
            owed.take(Work { begun, answered });
            (lost + owed.newly_lost(&due), all + due.requests)
        })
    }

    fn same(block: (u64, u64), times: usize) -> Vec<(u64, u64)> {
        vec![block; times]
    }

    #[test]
    fn requests_under_way_over_a_border_are_not_lost() {
        // Everything takes two to three blocks, and traffic comes and goes.
        let begun = |number: u64| if number % 40 < 20 { 10 + number * number % 90 } else { number % 3 };
        let blocks = (0..400).map(|number| (begun(number), number.checked_sub(2).map_or(0, begun)));
        let (lost, due) = told(blocks);
        assert_eq!(lost, 0);
        assert!(due > 5_000);
    }

    #[test]
    fn what_is_never_answered_is_lost_after_half_a_minute() {
        assert_eq!(told(same((50, 0), 3)), (0, 0));
        assert_eq!(told(same((50, 0), 4)), (50, 50));
        assert_eq!(told(same((50, 0), 10)), (350, 350));
    }

    #[test]
    fn a_part_is_told_in_the_end_and_never_more_than_was_lost() {
        assert_eq!(told(same((50, 30), 100)), (100 * 20 - 3 * 50, 97 * 50));
    }

    #[test]
    fn answers_from_before_pay_for_nothing_later() {
        assert_eq!(told(core::iter::once((0, 1_000)).chain(same((50, 0), 4))), (50, 100 - 50));
    }

    #[test]
    fn late_answers_are_not_told_twice() {
        let late = same((50, 0), 6).into_iter().chain(same((50, 125), 4)).chain(same((50, 50), 20));
        assert_eq!(told(late).0, 150);
    }

    #[test]
    fn losses_after_late_answers_are_told_anew() {
        let caught_up = same((50, 0), 6).into_iter().chain([(50, 350)]);
        assert_eq!(told(caught_up.chain(same((50, 0), 6))), (150 + 150, 10 * 50));
    }

    #[test]
    fn short_blocks_do_not_pile_up() {
        let mut recent = Recent::default();
        for number in 0..10_000 {
            let _ = recent.take(number * 10, 3);
        }
        assert!(recent.begun.len() <= MOST_BLOCKS);
        let due = recent.take(i64::MAX, u64::MAX);
        assert!(due.requests < u64::MAX && due.under_way >= u64::MAX - 3 * 10_000);
    }
}
