//! What happened to whom: counts of one worker, taken away by the thread that closes blocks.

use std::collections::HashSet;

use flags::bucket::{USER_BUCKETS, user_bucket};
use judge::sketch::{BUCKETS, bucket_of};

use crate::route::{Arm, Picked};

const GROUPS: usize = USER_BUCKETS as usize;

/// The most users with an error that are told apart in one block and arm. Beyond that the number is a lower bound.
const MOST_HURT: usize = 65_536;

/// Counts of one worker for one service since they were last taken.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The [`crate::route::Route::cast`] whose versions the two arms are.
    pub(crate) cast: u64,
    pub(crate) stable: ArmTally,
    pub(crate) canary: ArmTally,
    /// Answers to requests that were given to an arm of another cast. To charge them to whoever stands there now would blame a
    /// version for what another one did.
    pub(crate) late: u64,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Response headers came; `error` if they were a 5xx.
    Answered { latency_us: u64, error: bool },
    /// Nothing came in time.
    TimedOut { latency_us: u64 },
    /// The connection failed and the client was told so.
    Failed,
    /// The connection failed and stable answered instead.
    RetriedOnStable,
    /// The client went away first.
    Abandoned,
    /// The response broke off after its headers.
    Truncated,
}

/// A request as one that waits for its first word of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// It was handed to its arm, or the stream that it is has ended and is counted.
    Begins,
    /// Its stream has begun, and may last for hours: it waits no longer, and is counted when it ends.
    Ends,
}

impl Tally {
    pub(crate) fn wait(&mut self, cast: u64, picked: Picked, waiting: Waiting) {
        if cast != self.cast || picked.forced {
            return;
        }
        let arm = match picked.arm {
            Arm::Stable => &mut self.stable,
            Arm::Canary => &mut self.canary,
        };
        arm.started += match waiting {
            Waiting::Begins => 1,
            Waiting::Ends => -1,
        };
    }

    pub(crate) fn count(&mut self, cast: u64, picked: Picked, user: u32, ending: Ending) {
        if cast != self.cast {
            self.late += u64::from(!matches!(ending, Ending::Abandoned | Ending::Truncated));
            return;
        }
        let arm = match picked.arm {
            Arm::Stable => &mut self.stable,
            Arm::Canary => &mut self.canary,
        };
        match picked.forced {
            false => arm.count(user, ending),
            true => arm.count_forced(ending),
        }
    }
}

/// Counts of one arm.
#[derive(Clone, Debug, Default)]
pub(crate) struct ArmTally {
    /// Requests handed to this arm, less the streams among them that have begun and not ended. Below zero when more streams
    /// began than requests came.
    pub(crate) started: i64,
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    pub(crate) retried_on_stable: u64,
    pub(crate) abandoned: u64,
    pub(crate) truncated: u64,
    /// Requests of those who asked for this arm. They are in none of the other counts, which stand for all users.
    pub(crate) forced: u64,
    pub(crate) forced_errors: u64,
    pub(crate) latency_sum_us: u64,
    /// Empty until the first request: idle workers are drained as often as busy ones.
    latency: Vec<u64>,
    groups: Vec<[u64; 2]>,
    hurt: HashSet<u32>,
}

impl ArmTally {
    fn count(&mut self, user: u32, ending: Ending) {
        match ending {
            Ending::Answered { latency_us, error } => {
                self.time(latency_us);
                self.request(user, error);
            }
            Ending::TimedOut { latency_us } => {
                self.time(latency_us);
                self.request(user, true);
            }
            Ending::Failed => self.request(user, true),
            Ending::RetriedOnStable => {
                self.retried_on_stable += 1;
                self.request(user, true);
            }
            Ending::Abandoned => self.abandoned += 1,
            Ending::Truncated => self.truncated += 1,
        }
    }

    fn count_forced(&mut self, ending: Ending) {
        let error = match ending {
            Ending::Answered { error, .. } => error,
            Ending::TimedOut { .. } | Ending::Failed | Ending::RetriedOnStable => true,
            Ending::Abandoned | Ending::Truncated => return,
        };
        self.forced += 1;
        self.forced_errors += u64::from(error);
    }

    fn time(&mut self, latency_us: u64) {
        self.latency.resize(BUCKETS, 0);
        if let Some(count) = self.latency.get_mut(usize::from(bucket_of(latency_us))) {
            *count += 1;
        }
        self.latency_sum_us = self.latency_sum_us.saturating_add(latency_us);
    }

    fn request(&mut self, user: u32, error: bool) {
        self.groups.resize(GROUPS, [0; 2]);
        self.requests += 1;
        self.errors += u64::from(error);
        if let Some([requests, errors]) = self.groups.get_mut(usize::from(user_bucket(user))) {
            *requests += 1;
            *errors += u64::from(error);
        }
        if error && self.hurt.len() < MOST_HURT {
            self.hurt.insert(user);
        }
    }

    /// Adds what another worker, or the same one later, counted for the same arm.
    pub(crate) fn absorb(&mut self, other: ArmTally) {
        self.absorb_without_users(&other);
        if self.groups.is_empty() {
            self.groups = other.groups;
        } else {
            for (sum, [requests, errors]) in self.groups.iter_mut().zip(other.groups) {
                sum[0] += requests;
                sum[1] += errors;
            }
        }
        let room = MOST_HURT.saturating_sub(self.hurt.len());
        self.hurt.extend(other.hurt.into_iter().take(room));
    }

    /// Adds everything but who the users were: what is kept for as long as the gate runs must not grow with its users.
    pub(crate) fn absorb_without_users(&mut self, other: &ArmTally) {
        self.started += other.started;
        self.requests += other.requests;
        self.errors += other.errors;
        self.retried_on_stable += other.retried_on_stable;
        self.abandoned += other.abandoned;
        self.truncated += other.truncated;
        self.forced += other.forced;
        self.forced_errors += other.forced_errors;
        self.latency_sum_us = self.latency_sum_us.saturating_add(other.latency_sum_us);
        self.latency.resize(self.latency.len().max(other.latency.len()), 0);
        for (sum, count) in self.latency.iter_mut().zip(&other.latency) {
            *sum += count;
        }
    }

    /// Non-empty latency buckets, rising.
    pub(crate) fn latency(&self) -> Vec<(u16, u64)> {
        (0_u16..).zip(&self.latency).filter(|&(_, &count)| count > 0).map(|(bucket, &count)| (bucket, count)).collect()
    }

    /// Users with an error.
    pub(crate) fn hurt(&self) -> impl Iterator<Item = u32> {
        self.hurt.iter().copied()
    }

    /// Requests, errors and users with an error per group of users.
    pub(crate) fn groups(&self) -> Vec<[u64; 3]> {
        let mut groups = vec![[0; 3]; GROUPS];
        for (group, [requests, errors]) in groups.iter_mut().zip(&self.groups) {
            group[0] = *requests;
            group[1] = *errors;
        }
        for &user in &self.hurt {
            if let Some(group) = groups.get_mut(usize::from(user_bucket(user))) {
                group[2] += 1;
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: Picked = Picked { arm: Arm::Canary, forced: false };

    #[test]
    fn workers_add_up_and_a_user_hurt_on_two_of_them_counts_once() {
        let mut one = Tally::default();
        let mut two = Tally::default();
        one.count(0, CANARY, 7, Ending::Answered { latency_us: 900, error: true });
        one.count(0, CANARY, 8, Ending::Answered { latency_us: 900, error: false });
        two.count(0, CANARY, 7, Ending::RetriedOnStable);
        two.count(0, CANARY, 9, Ending::TimedOut { latency_us: 1_000_000 });
        let mut sum = one.canary;
        sum.absorb(two.canary);
        assert_eq!((sum.requests, sum.errors, sum.retried_on_stable), (4, 3, 1));
        assert_eq!(sum.latency(), [(bucket_of(900), 2), (bucket_of(1_000_000), 1)]);
        let groups = sum.groups();
        assert_eq!(groups.iter().map(|group| group[0]).sum::<u64>(), 4);
        assert_eq!(groups.iter().map(|group| group[1]).sum::<u64>(), 3);
        assert_eq!(groups.iter().map(|group| group[2]).sum::<u64>(), 2);
    }

    #[test]
    fn a_stream_is_begun_when_it_is_counted_and_in_between_waits_for_nothing() {
        let mut tally = Tally::default();
        tally.wait(0, CANARY, Waiting::Begins);
        assert_eq!(tally.canary.started, 1);
        tally.wait(0, CANARY, Waiting::Ends);
        assert_eq!(tally.canary.started, 0);
        tally.wait(0, Picked { arm: Arm::Canary, forced: true }, Waiting::Begins);
        tally.wait(7, CANARY, Waiting::Begins);
        assert_eq!(tally.canary.started, 0, "of another cast, or who asked for the arm");
    }

    #[test]
    fn an_answer_for_another_cast_is_nobodys() {
        let mut tally = Tally { cast: 2, ..Tally::default() };
        tally.count(1, CANARY, 7, Ending::Failed);
        assert_eq!((tally.late, tally.canary.requests, tally.canary.errors), (1, 0, 0));
    }

    #[test]
    fn who_asked_for_the_arm_is_in_no_count_that_is_judged() {
        let mut tally = Tally::default();
        tally.count(0, Picked { arm: Arm::Canary, forced: true }, 7, Ending::Failed);
        tally.count(0, Picked { arm: Arm::Canary, forced: true }, 7, Ending::Answered { latency_us: 9, error: false });
        tally.count(0, Picked { arm: Arm::Canary, forced: true }, 7, Ending::Abandoned);
        let arm = tally.canary;
        assert_eq!((arm.forced, arm.forced_errors), (2, 1));
        assert_eq!((arm.requests, arm.errors, arm.abandoned, arm.latency().len()), (0, 0, 0, 0));
        assert_eq!(arm.groups().concat().iter().sum::<u64>(), 0);
    }

    #[test]
    fn the_set_of_hurt_users_is_bounded() {
        let mut arm = ArmTally::default();
        for user in 0..70_000 {
            arm.count(user, Ending::Failed);
        }
        assert_eq!(arm.errors, 70_000);
        assert_eq!(arm.groups().iter().map(|group| group[2]).sum::<u64>(), MOST_HURT as u64);
    }
}
