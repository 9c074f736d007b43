//! Who is called canary. Three ways, each as fine as the recording is: whole pods, whole user buckets, single requests.

use crate::chance::Chance;
use crate::recording::{Interval, Recording, Units};
use engine::{Plan, Share};
use judge::{Arm, Bucket, Histogram, USER_BUCKETS};
use serde::Serialize;

/// Who belongs to the canary, for one run. Shares that rise take in more, and whoever was in stays in, as in a rollout.
#[derive(Clone, Debug)]
pub(crate) enum Split {
    /// The first of these pods.
    Pods(Vec<usize>),
    /// The first of these buckets.
    Buckets(Vec<usize>),
    /// Whoever chance takes.
    Requests,
}

/// What each arm did, and the share that really was the canary's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arms {
    pub(crate) share: f64,
    pub(crate) canary: Option<Arm>,
    pub(crate) stable: Option<Arm>,
}

impl Split {
    /// A split of those who are there in `first`; pods that come later are stable's.
    pub(crate) fn draw(recording: &Recording, first: &Interval, chance: &mut Chance) -> Split {
        match recording.units() {
            Units::Pods(_) => {
                let mut pods: Vec<usize> = (0..first.stable.len()).filter(|pod| first.stable[*pod].is_some()).collect();
                chance.shuffle(&mut pods);
                Split::Pods(pods)
            }
            Units::UserBuckets => {
                let mut buckets: Vec<usize> = (0..USER_BUCKETS).collect();
                chance.shuffle(&mut buckets);
                Split::Buckets(buckets)
            }
            Units::Total => Split::Requests,
        }
    }

    /// The nearest share that there is, and how many units it is. Each arm keeps one unit at least.
    pub(crate) fn nearest(&self, share: f64) -> f64 {
        match self {
            Split::Pods(all) | Split::Buckets(all) => taken(all.len(), share) as f64 / all.len().max(1) as f64,
            Split::Requests => share,
        }
    }

    /// Both arms in an interval.
    pub(crate) fn of(&self, interval: &Interval, share: f64, chance: &mut Chance) -> Arms {
        let nearest = self.nearest(share);
        let (canary, stable) = match self {
            Split::Pods(order) => {
                let canary = &order[..taken(order.len(), share)];
                let is_canary = |pod: usize| canary.contains(&pod);
                (interval.together(is_canary), interval.together(|pod| !is_canary(pod)))
            }
            Split::Buckets(order) => {
                let whole = interval.together(|_| true);
                let canary = &order[..taken(order.len(), share)];
                halves(whole.map(|arm| by_buckets(&arm, canary, nearest, chance)))
            }
            Split::Requests => halves(interval.together(|_| true).map(|arm| by_requests(&arm, share, chance))),
        };
        Arms { share: nearest, canary, stable }
    }
}

/// The shares of a plan, and the nearest that the recording can give if all of its pods are there.
#[must_use]
pub fn shares(recording: &Recording, plan: &Plan) -> Vec<ShareDrawn> {
    let split = match recording.units() {
        Units::Pods(pods) => Split::Pods((0..pods.len()).collect()),
        Units::UserBuckets => Split::Buckets((0..USER_BUCKETS).collect()),
        Units::Total => Split::Requests,
    };
    let phases = plan.phases.iter().map(|phase| phase.share).filter(|share| *share < Share::ALL);
    phases.map(|share| ShareDrawn { asked: share.fraction(), drawn: split.nearest(share.fraction()) }).collect()
}

/// A share that a plan asks for, and the nearest that a recording can give.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShareDrawn {
    /// By the plan.
    pub asked: f64,
    /// In the replay.
    pub drawn: f64,
}

fn halves(arms: Option<(Arm, Arm)>) -> (Option<Arm>, Option<Arm>) {
    arms.map_or((None, None), |(canary, stable)| (Some(canary), Some(stable)))
}

fn taken(units: usize, share: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of at most `units`")]
    let nearest = (share.clamp(0.0, 1.0) * units as f64).round() as usize;
    nearest.max(1).min(units.saturating_sub(1))
}

/// Every request by itself.
fn by_requests(arm: &Arm, share: f64, chance: &mut Chance) -> (Arm, Arm) {
    let requests = chance.binomial(arm.requests, share);
    let errors = chance.hypergeometric(arm.errors, requests, arm.requests);
    let (canary, stable) = latencies(arm, requests, chance);
    let part = |requests, errors, latency| Arm { requests, errors, latency, ..Arm::default() };
    (part(requests, errors, canary), part(arm.requests - requests, arm.errors - errors, stable))
}

/// Users stay together. What the recording does not know by bucket (response times, requests of nobody) is split by request.
fn by_buckets(arm: &Arm, order: &[usize], share: f64, chance: &mut Chance) -> (Arm, Arm) {
    let mut canary = vec![Bucket::default(); arm.buckets.len()];
    let mut stable = arm.buckets.clone();
    for &bucket in order {
        if let (Some(to), Some(from)) = (canary.get_mut(bucket), stable.get_mut(bucket)) {
            *to = std::mem::take(from);
        }
    }
    let (ours, theirs) = (Sum::of(&canary), Sum::of(&stable));
    // A reader may be a request ahead of the other: nobody has less than nothing.
    let nobodys = arm.requests.saturating_sub(ours.requests + theirs.requests);
    let nobodys_errors = arm.errors.saturating_sub(ours.errors + theirs.errors).min(nobodys);
    let more = chance.binomial(nobodys, share);
    let more_errors = chance.hypergeometric(nobodys_errors, more, nobodys);
    let (requests, errors) = (ours.requests + more, ours.errors + more_errors);
    let (rest, rest_errors) = (theirs.requests + nobodys - more, theirs.errors + nobodys_errors - more_errors);
    let (mine, other) = latencies(&Arm { requests: requests + rest, ..arm.clone() }, requests, chance);
    // Who failed for the first time is known in all only; each user who failed is as likely as another.
    let slots = (ours.users + more_errors, theirs.users + nobodys_errors - more_errors);
    let fresh = arm.fresh_errors.map(|fresh| {
        let fresh = fresh.min(slots.0 + slots.1);
        let ours = chance.hypergeometric(fresh, slots.0, slots.0 + slots.1);
        (ours, fresh - ours)
    });
    // Requests begun and business values are not known by user: throughput and means are not judged of a split.
    let part = |requests, errors, latency, buckets, fresh_errors| Arm {
        requests,
        errors,
        latency,
        buckets,
        fresh_errors,
        ..Arm::default()
    };
    (
        part(requests, errors, mine, canary, fresh.map(|fresh| fresh.0)),
        part(rest, rest_errors, other, stable, fresh.map(|fresh| fresh.1)),
    )
}

#[derive(Default)]
struct Sum {
    requests: u64,
    errors: u64,
    users: u64,
}

impl Sum {
    fn of(buckets: &[Bucket]) -> Sum {
        buckets.iter().fold(Sum::default(), |sum, bucket| Sum {
            requests: sum.requests + bucket.requests,
            errors: sum.errors + bucket.errors,
            users: sum.users + bucket.affected_users,
        })
    }
}

/// The response times of `requests` of the arm's, and those of the others.
fn latencies(arm: &Arm, requests: u64, chance: &mut Chance) -> (Histogram, Histogram) {
    let (mut canary, mut stable) = (Histogram::new(), Histogram::new());
    let (mut places, mut all) = (requests, arm.requests);
    for (bucket, count) in arm.latency.iter() {
        let count = count.min(all);
        let ours = chance.hypergeometric(count, places, all);
        canary.add(bucket, ours);
        stable.add(bucket, count - ours);
        places -= ours;
        all -= count;
    }
    (canary, stable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm() -> Arm {
        let mut latency = Histogram::new();
        (0..900).for_each(|i| latency.record(1_000 + 37 * i));
        let buckets = (0..64).map(|i| Bucket { requests: 15, errors: i % 3, affected_users: (i % 3).min(1) }).collect();
        Arm { requests: 1_000, errors: 70, latency, buckets, fresh_errors: Some(20), ..Arm::default() }
    }

    fn whole(canary: &Arm, stable: &Arm) -> (u64, u64, u64) {
        let latency = canary.latency.total() + stable.latency.total();
        (canary.requests + stable.requests, canary.errors + stable.errors, latency)
    }

    #[test]
    fn nothing_is_lost_and_both_parts_can_be_true() {
        let order: Vec<usize> = (0..7).collect();
        for number in 0..200 {
            let mut chance = Chance::new(3, number);
            for (canary, stable) in
                [by_requests(&arm(), 0.1, &mut chance), by_buckets(&arm(), &order, 7.0 / 64.0, &mut chance)]
            {
                assert_eq!(whole(&canary, &stable), (1_000, 70, 900));
                assert_eq!((canary.check(), stable.check()), (Ok(()), Ok(())));
            }
        }
    }

    #[test]
    fn users_stay_together() {
        let order: Vec<usize> = (0..7).collect();
        let (canary, stable) = by_buckets(&arm(), &order, 0.1, &mut Chance::new(3, 0));
        assert_eq!(canary.buckets[..7], arm().buckets[..7]);
        assert!(stable.buckets[..7].iter().all(|bucket| *bucket == Bucket::default()));
        assert_eq!(stable.buckets[7..], arm().buckets[7..]);
    }

    #[test]
    fn every_arm_has_somebody() {
        assert_eq!((taken(8, 0.05), taken(8, 0.25), taken(8, 0.5), taken(8, 0.99)), (1, 2, 4, 7));
        assert_eq!((taken(64, 0.05), taken(2, 0.5)), (3, 1));
    }
}
