//! Errors that come together. A user whose account is broken tries again and again; a pod that lost its database
//! fails whoever it serves for some seconds. Both are no fault of a release, and both look like one to a rule that
//! takes errors for independent.

use crate::chance::Chance;
use crate::population::Crowd;

/// How many errors a cluster has on average; their number is geometric.
pub const MEAN_CLUSTER: f64 = 5.0;
/// How many pods serve all of the traffic: each has 5 % of it, and an arm has as many as its share asks for.
pub const PODS: u32 = 20;

/// Which share of the errors of normal times comes in clusters, 0 to 1 together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clusters {
    /// Within a user, over 10 to 20 seconds.
    pub within_users: f64,
    /// Within a pod, over 10 seconds, whoever asks it.
    pub within_pods: f64,
}

impl Clusters {
    /// The share of errors that are not alone.
    #[must_use]
    pub fn together(self) -> f64 {
        self.within_users + self.within_pods
    }
}

/// Errors of an arm that are still to come, as their clusters began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    /// When, in milliseconds from the start, and who, if it is always the same person.
    errors: Vec<(f64, Culprit)>,
    due: Vec<Culprit>,
}

#[derive(Clone, Copy, Debug)]
enum Culprit {
    User(u32),
    Pod(u32),
}

/// How many errors in clusters an arm is to have on average in an interval, by kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    pub(crate) within_users: f64,
    pub(crate) within_pods: f64,
}

/// Errors in clusters within a stretch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct InClusters {
    /// Within users: each is a request more.
    pub(crate) retries: u64,
    /// Within each pod.
    pub(crate) of_pods: [u64; PODS as usize],
}

/// The stretch of time that errors are drawn for, and who serves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    pub(crate) requests: u64,
    pub(crate) pods: u32,
}

/// A user asks again after so long.
const RETRY_MS: f64 = 7_000.0;
/// So long a pod is unwell.
const UNWELL_MS: f64 = 10_000.0;

impl Pending {
    /// Begins the clusters of this stretch, adds the user of each error in it to `failed`, and says how many they are. A pod cannot
    /// fail more requests than it serves; a user who fails asks again, so that what fails within users comes on top.
    pub(crate) fn errors(
        &mut self,
        chance: &mut Chance,
        crowd: &Crowd,
        rate: Rate,
        stretch: Stretch,
        failed: &mut Vec<u32>,
    ) -> InClusters {
        for _ in 0..chance.poisson(rate.within_users / MEAN_CLUSTER) {
            let begins = chance.between(stretch.from_ms, stretch.to_ms);
            let user = crowd.draw(chance);
            for _ in 0..chance.geometric(MEAN_CLUSTER) {
                self.errors.push((begins + chance.exponential(RETRY_MS), Culprit::User(user)));
            }
        }
        for _ in 0..chance.poisson(rate.within_pods / MEAN_CLUSTER) {
            let begins = chance.between(stretch.from_ms, stretch.to_ms);
            let pod = chance.below(stretch.pods as usize) as u32;
            for _ in 0..chance.geometric(MEAN_CLUSTER) {
                self.errors.push((begins + chance.between(0.0, UNWELL_MS), Culprit::Pod(pod)));
            }
        }
        self.due.clear();
        let (due, to_ms) = (&mut self.due, stretch.to_ms);
        self.errors.retain(|&(at_ms, culprit)| {
            let later = at_ms >= to_ms;
            if !later {
                due.push(culprit);
            }
            later
        });
        let mut left = stretch.requests.saturating_sub(failed.len() as u64);
        let mut found = InClusters::default();
        let most_of_a_pod = stretch.requests.div_ceil(u64::from(stretch.pods.max(1)));
        for &culprit in &self.due {
            match culprit {
                Culprit::User(user) => {
                    found.retries += 1;
                    failed.push(user);
                }
                Culprit::Pod(pod) => {
                    let of_pod = &mut found.of_pods[(pod % PODS) as usize];
                    if *of_pod < most_of_a_pod && left > 0 {
                        *of_pod += 1;
                        left -= 1;
                        failed.push(crowd.draw(chance));
                    }
                }
            }
        }
        found
    }
}
