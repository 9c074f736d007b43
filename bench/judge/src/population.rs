//! Who asks: users with a hash each, some of whom ask far more often than others. The gate sends a user to the canary
//! by that hash, so the same people stay there while its share grows, and counts them in 64 buckets.

use judge::{Bucket, USER_BUCKETS};

use crate::chance::Chance;

/// The users of a service.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    users: Vec<User>,
    /// In which interval a user failed last.
    failed_in: Vec<u32>,
    /// In which interval a user was last counted as one who fails for the first time, in each arm.
    counted_in: [Vec<u32>; 2],
}

/// The counts of an arm by who asked.
#[derive(Clone, Debug)]
pub(crate) struct ByUser {
    pub(crate) buckets: Vec<Bucket>,
    /// Users who failed and had not for five minutes.
    pub(crate) fresh: u64,
}

/// The interval that is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    /// Above 0 and rising.
    pub(crate) interval: u32,
    /// After so many intervals somebody who failed counts as new.
    pub(crate) remembered: u32,
    /// 0 for stable, 1 for the canary.
    pub(crate) arm: usize,
}

#[derive(Clone, Copy, Debug)]
struct User {
    bucket: u8,
    /// On the canary when its share is above this.
    place: f64,
    activity: f64,
}

/// The users of one arm at one share, ready to be drawn from by how much they ask.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    /// The column of a user, the chance to stay in it, and who it is otherwise: Walker's alias method.
    columns: Vec<(u32, f64, u32)>,
    /// The share of the requests that belongs to each user bucket.
    shares: [f64; USER_BUCKETS],
}

impl Population {
    pub(crate) fn new(chance: &mut Chance, rate: f64) -> Population {
        let count = (rate * 200.0).clamp(1_000.0, 40_000.0) as usize;
        let users: Vec<User> = (0..count)
            .map(|_| User {
                bucket: chance.below(USER_BUCKETS) as u8,
                place: chance.uniform(),
                activity: libm::exp(ACTIVITY_SPREAD * chance.normal()),
            })
            .collect();
        let nobody = vec![0; users.len()];
        Population { failed_in: nobody.clone(), counted_in: [nobody.clone(), nobody], users }
    }

    /// Those of the canary at this share of the traffic.
    pub(crate) fn on_canary(&self, share: f64) -> Crowd {
        self.crowd(|user| user.place < share)
    }

    /// The others.
    pub(crate) fn on_stable(&self, share: f64) -> Crowd {
        self.crowd(|user| user.place >= share)
    }

    /// The counts of an arm by user bucket: the failed requests belong to `failed`, the others to anybody.
    /// People are counted once in each interval.
    pub(crate) fn buckets(
        &mut self,
        chance: &mut Chance,
        crowd: &Crowd,
        requests: u64,
        failed: &[u32],
        count: Count,
    ) -> ByUser {
        let mut fresh = 0;
        let mut buckets = vec![Bucket::default(); USER_BUCKETS];
        for &user in failed {
            let bucket = &mut buckets[usize::from(self.users[user as usize].bucket)];
            bucket.requests += 1;
            bucket.errors += 1;
            let last = &mut self.failed_in[user as usize];
            bucket.affected_users += u64::from(*last != count.interval);
            *last = count.interval;
            let counted = &mut self.counted_in[count.arm][user as usize];
            if *counted == 0 || count.interval - *counted >= count.remembered {
                fresh += 1;
                *counted = count.interval;
            }
        }
        let mut left = requests.saturating_sub(failed.len() as u64);
        if left < ONE_BY_ONE {
            for _ in 0..left {
                let user = crowd.draw(chance);
                buckets[usize::from(self.users[user as usize].bucket)].requests += 1;
            }
            return ByUser { buckets, fresh };
        }
        let mut share_left = 1.0;
        for (bucket, share) in buckets.iter_mut().zip(crowd.shares) {
            let here = if share >= share_left { left } else { chance.binomial(left, share / share_left) };
            bucket.requests += here;
            left -= here;
            share_left -= share;
        }
        ByUser { buckets, fresh }
    }

    fn crowd(&self, belongs: impl Fn(&User) -> bool) -> Crowd {
        let members: Vec<u32> = (0..self.users.len() as u32).filter(|&at| belongs(&self.users[at as usize])).collect();
        // A share so small that nobody has it still has requests: they are then anybody's.
        let members = if members.is_empty() { (0..self.users.len() as u32).collect() } else { members };
        let total: f64 = members.iter().map(|&at| self.users[at as usize].activity).sum();
        let mut shares = [0.0; USER_BUCKETS];
        let mut columns = Vec::with_capacity(members.len());
        let scale = members.len() as f64 / total;
        for &at in &members {
            let user = self.users[at as usize];
            shares[usize::from(user.bucket)] += user.activity / total;
            columns.push((at, user.activity * scale, at));
        }
        alias(&mut columns);
        Crowd { columns, shares }
    }
}

impl Crowd {
    /// Somebody, by how much they ask.
    pub(crate) fn draw(&self, chance: &mut Chance) -> u32 {
        let (own, stays, other) = self.columns[chance.below(self.columns.len())];
        if chance.uniform() < stays { own } else { other }
    }
}

/// Some ask every few seconds, others once an hour.
const ACTIVITY_SPREAD: f64 = 1.0;
/// Below so many requests a draw for each is quicker than a draw for each bucket.
const ONE_BY_ONE: u64 = 150;

/// Fills what columns lack from those that have too much; each ends with at most two users.
fn alias(columns: &mut [(u32, f64, u32)]) {
    let (mut lacking, mut rich): (Vec<usize>, Vec<usize>) = (0..columns.len()).partition(|&at| columns[at].1 < 1.0);
    while let (Some(poor), Some(&giver)) = (lacking.pop(), rich.last()) {
        columns[poor].2 = columns[giver].0;
        columns[giver].1 -= 1.0 - columns[poor].1;
        if columns[giver].1 < 1.0 {
            rich.pop();
            lacking.push(giver);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_drawn_by_how_much_they_ask() {
        let mut chance = Chance::new("population", 3);
        let people = Population::new(&mut chance, 1.0);
        let crowd = people.on_canary(0.25);
        let mut drawn = [0.0; USER_BUCKETS];
        for _ in 0..200_000 {
            let user = people.users[crowd.draw(&mut chance) as usize];
            assert!(user.place < 0.25);
            drawn[usize::from(user.bucket)] += 1.0 / 200_000.0;
        }
        for (drawn, share) in drawn.iter().zip(crowd.shares) {
            assert!((drawn - share).abs() < 5.0 * (share / 200_000.0_f64).sqrt() + 1e-4, "{drawn} {share}");
        }
    }

    #[test]
    fn buckets_add_up_and_count_people_once() {
        let mut chance = Chance::new("population", 4);
        let mut people = Population::new(&mut chance, 100.0);
        let crowd = people.on_stable(0.05);
        for (interval, requests) in [(1, 20), (2, 5_000)] {
            let count = Count { interval, remembered: 30, arm: 0 };
            let ByUser { buckets, fresh } = people.buckets(&mut chance, &crowd, requests, &[7, 7, 9], count);
            assert_eq!(fresh, if interval == 1 { 2 } else { 0 });
            assert_eq!(buckets.iter().map(|b| b.requests).sum::<u64>(), requests);
            assert_eq!(buckets.iter().map(|b| b.errors).sum::<u64>(), 3);
            assert_eq!(buckets.iter().map(|b| b.affected_users).sum::<u64>(), 2);
        }
    }
}
