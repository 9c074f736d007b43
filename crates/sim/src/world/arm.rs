//! What one version does with the requests that reach it in one block. Whatever a world does not have is not drawn, so that a
//! world is not changed by what others can have.

use super::Served;
use super::gate::Installation;
use crate::chance::Chance;
use crate::scenario::Clusters;
use crate::weather::{Health, Weather};
use engine::Millis;
use judge::{Arm, Bucket, Histogram, USER_BUCKETS};

/// Requests that a version is asked in a block.
pub(super) struct Asked<'a> {
    pub(super) installed: &'a Installation,
    pub(super) requests: u64,
    /// When the block began.
    pub(super) at: Millis,
    /// When the version's share rose last.
    pub(super) risen: Option<Millis>,
}

/// Errors of clusters that began in one block and come in the next.
#[derive(Debug, Default)]
pub(super) struct Late {
    pub(super) stable: u64,
    pub(super) canary: u64,
}

/// The part of a cluster within one process that falls into the block in which it begins.
const AT_ONCE: f64 = 0.6;

impl Served {
    pub(super) fn answer(&mut self, weather: &Weather, asked: &Asked<'_>, late: &mut u64, chance: &mut Chance) -> Arm {
        let version = &asked.installed.version;
        let health = weather.health(version, asked.at, asked.risen);
        let vanished = if health.swallowed > 0.0 { chance.binomial(asked.requests, health.swallowed) } else { 0 };
        let requests = asked.requests - vanished;
        if !asked.installed.alive || !health.answers {
            // Connections that fail have no latency.
            let started = Some(asked.requests);
            return Arm { requests, errors: requests, started, ..Arm::default() };
        }
        let timed_out = if health.timed_out > 0.0 { chance.binomial(requests, health.timed_out) } else { 0 };
        let answered = requests - timed_out;
        let alone = chance.binomial(answered, health.error_rate);
        let clusters: Vec<Cluster> =
            health.clusters.iter().flat_map(|clusters| begun(clusters, answered, chance)).collect();
        let together: u64 = clusters.iter().map(|cluster| cluster.errors).sum::<u64>() + std::mem::take(late);
        let errors = timed_out + (alone + together).min(answered);
        for cluster in &clusters {
            *late += cluster.later;
        }
        let latency = self.latencies(weather, &health, asked, answered, chance);
        let buckets = match weather.users() {
            Some(users) => by_users(chance, requests, errors, &clusters, users),
            None if weather.by_user() => by_user(chance, requests, errors),
            None => Vec::new(),
        };
        Arm { requests, errors, started: Some(asked.requests), latency, buckets, ..Arm::default() }
    }

    fn latencies(
        &mut self,
        weather: &Weather,
        health: &Health,
        asked: &Asked<'_>,
        requests: u64,
        chance: &mut Chance,
    ) -> Histogram {
        let slower = health.slower * weather.breath(&asked.installed.version, asked.at);
        let Some((part, factor)) = health.tail else { return self.speed(weather, slower).draw(chance, requests) };
        let slow = chance.binomial(requests, part);
        let mut drawn = self.speed(weather, slower).draw(chance, requests - slow);
        drawn.merge(&self.speed(weather, slower * factor).draw(chance, slow));
        drawn
    }
}

/// Errors that come together: in this block, and in the next.
struct Cluster {
    errors: u64,
    later: u64,
    by_user: bool,
}

/// The clusters that begin in a block.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn begun(clusters: &Clusters, requests: u64, chance: &mut Chance) -> Vec<Cluster> {
    let size = f64::from(clusters.size.max(1));
    let n = chance.poisson(requests as f64 * clusters.more / size);
    (0..n)
        .map(|_| {
            let errors = geometric(chance, size);
            let later = if clusters.by_user { 0 } else { chance.binomial(errors, 1.0 - AT_ONCE) };
            Cluster { errors: errors - later, later, by_user: clusters.by_user }
        })
        .collect()
}

/// At least 1, and `mean` on average.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and far below 2^53")]
fn geometric(chance: &mut Chance, mean: f64) -> u64 {
    if mean <= 1.0 {
        return 1;
    }
    1 + (libm::log(1.0 - chance.unit()) / libm::log(1.0 - 1.0 / mean)) as u64
}

/// The same counts by groups of users, each as likely as the others.
#[expect(clippy::cast_precision_loss, reason = "64 groups")]
fn by_user(chance: &mut Chance, requests: u64, errors: u64) -> Vec<Bucket> {
    let mut left = (requests, errors);
    (0..USER_BUCKETS)
        .map(|group| {
            let here = 1.0 / (USER_BUCKETS - group) as f64;
            let failed = chance.binomial(left.1, here);
            let asked = chance.binomial(left.0 - left.1, here) + failed;
            left = (left.0 - asked, left.1 - failed);
            Bucket { requests: asked, errors: failed, affected_users: failed }
        })
        .collect()
}

/// Likewise, with so many users: a cluster of one user's falls into one group and affects one user.
fn by_users(chance: &mut Chance, requests: u64, errors: u64, clusters: &[Cluster], users: u64) -> Vec<Bucket> {
    let mut left = errors;
    let mut theirs: Vec<(usize, u64)> = Vec::new();
    for cluster in clusters.iter().filter(|cluster| cluster.by_user) {
        let errors = cluster.errors.min(left);
        left -= errors;
        theirs.push((usize::try_from(chance.below(USER_BUCKETS as u64)).unwrap_or(0), errors));
    }
    let mut buckets = by_user(chance, requests - (errors - left), left);
    let in_group = (users / USER_BUCKETS as u64).max(1);
    for bucket in &mut buckets {
        bucket.affected_users = bucket.errors.min(in_group);
    }
    for (group, errors) in theirs.into_iter().filter(|(_, errors)| *errors > 0) {
        if let Some(bucket) = buckets.get_mut(group) {
            bucket.requests += errors;
            bucket.errors += errors;
            bucket.affected_users += 1;
        }
    }
    buckets
}
