//! One rollout, block by block, as a gate would count it, with what no gate can know beside it.

use judge::{Arm, Block, Split};

use crate::chance::Chance;
use crate::clusters::{InClusters, PODS, Pending, Rate, Stretch};
use crate::latency::{Counts, Durations, Slowness};
use crate::noise::Wander;
use crate::population::{Count, Crowd, Population};
use crate::scenario::Scenario;
use crate::timetable::{InPhase, START_MS, Timetable};
use crate::weather::{Sky, Weather};

/// A rollout that is drawn as it is asked for.
#[derive(Clone, Debug)]
pub struct Rollout {
    scenario: Scenario,
    table: Timetable,
    chance: Chance,
    durations: &'static Durations,
    weather: Weather,
    people: Population,
    crowds: Crowds,
    /// Noise of the hosts of the canary, of a part of stable that is as large, and of the many others.
    hosts: [Wander; 3],
    pending: [Pending; 2],
    counts: Counts,
    failed: Vec<u32>,
    block: u32,
}

/// What happened in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// The phase that the block belongs to; none in the history.
    pub phase: Option<usize>,
    /// Whether it is the first of its phase.
    pub begins_phase: bool,
    /// Seconds since the phase began; 0 in the history.
    pub age_s: u32,
    /// What the judge is told: no canary in the history, and no arm at all when the measurement is lost.
    pub block: Block,
    /// A part of stable that is as large as the canary where stable has that many, for rules that want such a one. It has no
    /// user buckets.
    pub baseline: Option<Arm>,
    /// Attempts begun, whether they ended or not. Lost with the measurement.
    pub started: Option<Started>,
    /// Requests of the canary that failed or vanished beyond what stable would have failed. Known to nobody who
    /// measures, and never lost.
    pub harmed: f64,
}

/// Attempts begun in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// On stable.
    pub stable: u64,
    /// On the canary.
    pub canary: u64,
}

#[derive(Clone, Debug)]
struct Crowds {
    stable: Crowd,
    canary: Crowd,
}

/// What an arm, or a part of it, is like in a block.
#[derive(Clone, Copy, Debug)]
struct Nature {
    requests: f64,
    errors: f64,
    in_clusters: Rate,
    slowness: Slowness,
}

impl Rollout {
    /// The rollout of a scenario that belongs to a seed.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, table: &Timetable) -> Rollout {
        let mut chance = Chance::new(scenario.name, seed);
        let step_s = f64::from(table.block_s);
        let weather = Weather::new(&mut chance, scenario, table);
        let people = Population::new(&mut chance, scenario.rate);
        let crowds = Crowds { stable: people.on_stable(0.0), canary: people.on_canary(0.0) };
        let hosts = [0.03, 0.03, 0.01].map(|deviation| Wander::new(&mut chance, deviation, 20.0, step_s));
        Rollout {
            scenario: scenario.clone(),
            table: table.clone(),
            chance,
            durations: Durations::table(),
            weather,
            people,
            crowds,
            hosts,
            pending: <[Pending; 2]>::default(),
            counts: Counts::none(),
            failed: Vec::new(),
            block: 0,
        }
    }

    fn draw(&mut self, second: i64) -> Interval {
        let within = self.table.at(second);
        let begins_phase = within.is_some_and(|phase| phase.age_s < i64::from(self.table.block_s));
        let share = within.map_or(0.0, |phase| phase.share);
        if begins_phase {
            self.crowds = Crowds { stable: self.people.on_stable(share), canary: self.people.on_canary(share) };
        }
        let sky = self.weather.at(&mut self.chance, second as f64);
        let host: [f64; 3] = std::array::from_fn(|at| self.hosts[at].step(&mut self.chance));
        let requests = sky.rate * f64::from(self.table.block_s);
        let beside = if within.is_some() { share.min((1.0 - share) / 2.0) } else { AS_LARGE_AS_THE_FIRST };
        let usual = |requests, host: f64| self.usual(&sky, requests, host);
        let (part, rest) = (usual(requests * beside, host[1]), usual(requests * (1.0 - share - beside), host[2]));
        let canary = within.map(|phase| self.of_canary(&sky, requests * share, host[0], second, phase));
        let stretch = Stretch {
            from_ms: second as f64 * 1e3,
            to_ms: (second + i64::from(self.table.block_s)) as f64 * 1e3,
            requests: 0,
            pods: PODS,
        };

        self.counts.clear();
        let of_baseline = self.durations.draw(&mut self.chance, part.requests, part.slowness, &mut self.counts);
        let latency_of_baseline = self.counts.histogram();
        let of_rest = self.durations.draw(&mut self.chance, rest.requests, rest.slowness, &mut self.counts);
        let stretch_of_stable = Stretch { requests: of_baseline + of_rest, pods: pods(1.0 - share), ..stretch };
        let (mut stable, mut baseline) = self.stable(part, of_baseline, pods(beside), stretch_of_stable);
        baseline.latency = latency_of_baseline;
        stable.started = Some(stable.requests);
        let mut started = Started { stable: stable.requests, canary: 0 };
        let mut harmed = 0.0;
        let canary = canary.map(|(nature, vanish)| {
            let mut arm = self.canary(nature, Stretch { pods: pods(share), ..stretch });
            let vanished = self.chance.poisson(requests * share * vanish);
            started.canary = arm.requests + vanished;
            arm.started = Some(started.canary);
            harmed = arm.errors as f64 - arm.requests as f64 * sky.errors + vanished as f64 * (1.0 - sky.errors);
            arm
        });
        let from_ms = START_MS + second * 1_000;
        let to_ms = from_ms + i64::from(self.table.block_s) * 1_000;
        let (stable, canary) = if sky.lost { (None, None) } else { (Some(stable), canary) };
        Interval {
            phase: within.map(|phase| phase.number),
            begins_phase,
            age_s: within.map_or(0, |phase| phase.age_s as u32),
            block: Block { from_ms, to_ms, share, split: Split::ByUser, stable, canary, series: Vec::new() },
            baseline: (!sky.lost).then_some(baseline),
            started: (!sky.lost).then_some(started),
            harmed,
        }
    }

    fn usual(&self, sky: &Sky, requests: f64, host: f64) -> Nature {
        let clusters = self.scenario.clusters;
        let base = requests * self.scenario.base_errors;
        Nature {
            requests,
            errors: (sky.errors - self.scenario.base_errors * clusters.together()).clamp(0.0, MOST_ERRORS),
            in_clusters: Rate { within_users: base * clusters.within_users, within_pods: base * clusters.within_pods },
            slowness: Slowness { all: sky.slower + host, tail: 0.0 },
        }
    }

    /// What the canary is like, and which share of its requests vanishes.
    fn of_canary(&self, sky: &Sky, requests: f64, host: f64, second: i64, phase: InPhase) -> (Nature, f64) {
        let effect = self.scenario.canary;
        let since = second - i64::from(self.scenario.onset_s);
        let on = if since >= 0 { 1.0 } else { 0.0 };
        let mut more_errors = effect.errors * on;
        let mut slower = libm::log1p(effect.slower) * on;
        if effect.leak && since >= 0 {
            let minutes = since as f64 / 60.0;
            slower += libm::log1p(0.005 * minutes);
            more_errors += (minutes - 40.0).max(0.0) * 1e-4;
        }
        if self.scenario.cold_starts {
            let cold = coldness(phase.age_s as f64);
            slower += libm::log(2.5) * cold;
            more_errors += 0.005 * cold;
        }
        let vanish = effect.vanish * on;
        let mut nature = self.usual(sky, requests * (1.0 - vanish), host);
        let together = if effect.errors_in_clusters { self.scenario.clusters.together() } else { 0.0 };
        if together > 0.0 {
            let clusters = self.scenario.clusters;
            nature.in_clusters.within_users += nature.requests * more_errors * clusters.within_users;
            nature.in_clusters.within_pods += nature.requests * more_errors * clusters.within_pods;
        }
        nature.errors = (nature.errors + more_errors * (1.0 - together)).clamp(0.0, MOST_ERRORS);
        nature.slowness = Slowness { all: nature.slowness.all + slower, tail: effect.tail * on };
        (nature, vanish)
    }

    /// All of stable, and its first part without durations. The part is so many pods: a cluster within one of them is the part's
    /// or not, as a whole.
    fn stable(&mut self, part: Nature, of_part: u64, pods_of_part: u32, stretch: Stretch) -> (Arm, Arm) {
        let requests = stretch.requests as f64;
        let scale = if part.requests > 0.0 { requests / part.requests } else { 0.0 };
        let in_clusters = Rate {
            within_users: part.in_clusters.within_users * scale,
            within_pods: part.in_clusters.within_pods * scale,
        };
        let (arm, found) = self.fail(Side::Stable, Nature { requests, in_clusters, ..part }, stretch);
        let in_its_pods: u64 = found.of_pods.iter().take(pods_of_part as usize).sum();
        let alone = arm.errors - found.retries - found.of_pods.iter().sum::<u64>();
        let in_part = if requests > 0.0 { of_part as f64 / requests } else { 0.0 };
        let errors = (self.chance.binomial(alone, in_part) + in_its_pods).min(of_part);
        let retries = self.chance.binomial(found.retries, in_part);
        let part = Arm { requests: of_part + retries, errors: errors + retries, ..Arm::default() };
        (arm, part)
    }

    fn canary(&mut self, nature: Nature, stretch: Stretch) -> Arm {
        self.counts.clear();
        let requests = self.durations.draw(&mut self.chance, nature.requests, nature.slowness, &mut self.counts);
        self.fail(Side::Canary, nature, Stretch { requests, ..stretch }).0
    }

    /// Makes some of the requests fail, finds out whose they are, and puts the arm together.
    fn fail(&mut self, side: Side, nature: Nature, stretch: Stretch) -> (Arm, InClusters) {
        let (crowd, pending, arm) = match side {
            Side::Stable => (&self.crowds.stable, &mut self.pending[0], 0),
            Side::Canary => (&self.crowds.canary, &mut self.pending[1], 1),
        };
        self.failed.clear();
        for _ in 0..self.chance.binomial(stretch.requests, nature.errors) {
            self.failed.push(crowd.draw(&mut self.chance));
        }
        let found = pending.errors(&mut self.chance, crowd, nature.in_clusters, stretch, &mut self.failed);
        let requests = stretch.requests + found.retries;
        let count = Count { interval: self.block + 1, remembered: REMEMBERED_S / self.table.block_s.max(1), arm };
        let by_user = self.people.buckets(&mut self.chance, crowd, requests, &self.failed, count);
        let (errors, latency) = (self.failed.len() as u64, self.counts.histogram());
        let mut arm = Arm { requests, errors, latency, ..Arm::default() };
        arm.buckets = by_user.buckets;
        arm.fresh_errors = Some(by_user.fresh);
        (arm, found)
    }
}

impl Iterator for Rollout {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        if self.block >= self.table.blocks() {
            return None;
        }
        let second = i64::from(self.block) * i64::from(self.table.block_s) - i64::from(self.table.history_s);
        let interval = self.draw(second);
        self.block += 1;
        Some(interval)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.table.blocks() - self.block) as usize;
        (left, Some(left))
    }
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Stable,
    Canary,
}

/// Of stable's traffic, before there is a canary to be as large as.
const AS_LARGE_AS_THE_FIRST: f64 = 0.05;
/// As long as the gate remembers who failed.
const REMEMBERED_S: u32 = 300;
/// Something always answers.
const MOST_ERRORS: f64 = 0.999;

fn pods(share: f64) -> u32 {
    ((share * f64::from(PODS)).round() as u32).clamp(1, PODS)
}

/// How cold the caches are: wholly for two minutes, then less and less.
fn coldness(age_s: f64) -> f64 {
    match age_s {
        age if age < 120.0 => 1.0,
        age if age < 600.0 => libm::exp(-(age - 120.0) / 30.0),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clusters, Effect, scenario};

    fn whole(scenario: &Scenario, seed: u64) -> Vec<Interval> {
        Rollout::new(scenario, seed, &Timetable::standard()).collect()
    }

    fn sum(intervals: &[Interval], of: impl Fn(&Interval) -> Option<u64>) -> f64 {
        intervals.iter().filter_map(of).sum::<u64>() as f64
    }

    /// Variance over mean of the errors of stable, block by block.
    fn dispersion(scenario: &Scenario) -> f64 {
        let counts: Vec<f64> = (0..4)
            .flat_map(|seed| whole(scenario, seed))
            .filter_map(|interval| interval.block.stable.map(|arm| arm.errors as f64))
            .collect();
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / counts.len() as f64 / mean
    }

    #[test]
    fn a_seed_is_a_rollout() {
        let calm = Scenario::healthy("calm");
        assert_eq!(whole(&calm, 3), whole(&calm, 3));
        assert_ne!(whole(&calm, 3), whole(&calm, 4));
    }

    /// Figures of two commits can be compared only while a seed means the same rollout in both. Who changes what is drawn
    /// changes this, and measures anew.
    #[test]
    fn a_seed_stays_the_rollout_that_it_was() {
        let intervals = whole(&scenario("aa_bursty_r10").unwrap(), 1);
        let stable = || intervals.iter().filter_map(|interval| interval.block.stable.as_ref());
        let (requests, errors) = stable().fold((0, 0), |sum, arm| (sum.0 + arm.requests, sum.1 + arm.errors));
        let slowest = stable().filter_map(|arm| arm.latency.iter().next_back()).map(|last| last.0).max();
        assert_eq!((requests, errors, slowest), (118_229, 490, Some(761)));
    }

    #[test]
    fn the_arms_have_their_shares_and_the_counts_can_be_true() {
        for name in ["aa_r1", "aa_r100", "aa_users_r10", "aa_pods_r1000", "err50_r10", "aa_bursty_r1"] {
            let intervals = whole(&scenario(name).unwrap(), 1);
            assert_eq!(intervals.len(), 1_620);
            assert_eq!(intervals.iter().filter(|interval| interval.begins_phase).count(), 3);
            for interval in &intervals {
                let stable = interval.block.stable.as_ref().unwrap();
                assert_eq!(interval.phase.is_some(), interval.block.canary.is_some());
                for arm in [Some(stable), interval.block.canary.as_ref()].into_iter().flatten() {
                    assert_eq!(arm.check(), Ok(()));
                    assert_eq!(arm.buckets.iter().map(|bucket| bucket.requests).sum::<u64>(), arm.requests);
                    assert_eq!(arm.buckets.iter().map(|bucket| bucket.errors).sum::<u64>(), arm.errors);
                }
                let baseline = interval.baseline.as_ref().unwrap();
                assert!(baseline.requests <= stable.requests && baseline.errors <= stable.errors);
                assert_eq!(baseline.check(), Ok(()));
            }
            let last: Vec<Interval> = intervals.into_iter().filter(|interval| interval.phase == Some(1)).collect();
            let canary = sum(&last, |interval| interval.block.canary.as_ref().map(|arm| arm.requests));
            let baseline = sum(&last, |interval| interval.baseline.as_ref().map(|arm| arm.requests));
            let stable = sum(&last, |interval| interval.block.stable.as_ref().map(|arm| arm.requests));
            assert!((canary / (canary + stable) - 0.25).abs() < 0.02, "{name}: {canary} {stable}");
            assert!((baseline / canary - 1.0).abs() < 0.1, "{name}: {canary} {baseline}");
        }
    }

    #[test]
    fn the_canary_fails_as_often_as_stable_however_few_requests_it_has() {
        let clusters = Clusters { within_users: 1.0, within_pods: 0.0 };
        let rare = Scenario { clusters, rate: 2.0, base_errors: 0.02, ..Scenario::healthy("rare") };
        let intervals: Vec<Interval> = (0..20).flat_map(|seed| whole(&rare, seed)).collect();
        let rate = |arm: fn(&Block) -> Option<&Arm>| {
            let requests = sum(&intervals, |interval| arm(&interval.block).map(|arm| arm.requests));
            sum(&intervals, |interval| arm(&interval.block).map(|arm| arm.errors)) / requests
        };
        let (stable, canary) = (rate(|block| block.stable.as_ref()), rate(|block| block.canary.as_ref()));
        assert!((stable / 0.02 - 1.0).abs() < 0.1 && (canary / stable - 1.0).abs() < 0.15, "{stable} {canary}");
    }

    #[test]
    fn errors_scatter_as_their_clusters_say_and_are_as_many() {
        let calm = Scenario::healthy("calm");
        let users = Scenario { clusters: Clusters { within_users: 1.0, within_pods: 0.0 }, ..calm.clone() };
        let pods = Scenario { clusters: Clusters { within_users: 0.0, within_pods: 1.0 }, ..calm.clone() };
        assert!((0.95..1.25).contains(&dispersion(&calm)), "{}", dispersion(&calm));
        for clustered in [users, pods] {
            assert!(dispersion(&clustered) > 4.0, "{}", dispersion(&clustered));
            let intervals = whole(&clustered, 1);
            let requests = sum(&intervals, |interval| interval.block.stable.as_ref().map(|arm| arm.requests));
            let errors = sum(&intervals, |interval| interval.block.stable.as_ref().map(|arm| arm.errors));
            assert!((errors / requests / 0.001 - 1.0).abs() < 0.25, "{errors} of {requests}");
        }
    }

    #[test]
    fn a_cluster_within_a_user_stays_in_one_bucket_and_counts_one_person() {
        let clusters = Clusters { within_users: 1.0, within_pods: 0.0 };
        let intervals = whole(&Scenario { clusters, ..Scenario::healthy("of users") }, 2);
        let buckets =
            || intervals.iter().filter_map(|interval| interval.block.stable.as_ref()).flat_map(|arm| &arm.buckets);
        let errors: u64 = buckets().map(|bucket| bucket.errors).sum();
        let people: u64 = buckets().map(|bucket| bucket.affected_users).sum();
        assert!(people * 2 < errors, "{people} people, {errors} errors");
    }

    #[test]
    fn what_vanishes_was_begun_and_harms() {
        let canary = Effect { vanish: 0.4, ..Effect::default() };
        let intervals = whole(&Scenario::harmful("silent", canary), 1);
        let begun = sum(&intervals, |interval| interval.started.map(|started| started.canary));
        let ended = sum(&intervals, |interval| interval.block.canary.as_ref().map(|arm| arm.requests));
        assert!((ended / begun - 0.6).abs() < 0.01, "{ended} of {begun}");
        let harmed: f64 = intervals.iter().map(|interval| interval.harmed).sum();
        assert!((harmed / (begun - ended) - 1.0).abs() < 0.05, "{harmed}");
    }

    #[test]
    fn what_is_lost_is_no_measurement_but_harms_all_the_same() {
        let canary = Effect { errors: 0.05, ..Effect::default() };
        let intervals = whole(&Scenario { gaps: true, ..Scenario::harmful("lost", canary) }, 1);
        let lost: Vec<&Interval> = intervals.iter().filter(|interval| interval.block.stable.is_none()).collect();
        assert!((200..400).contains(&lost.len()), "{}", lost.len());
        assert!(lost.iter().all(|interval| interval.block.canary.is_none() && interval.baseline.is_none()));
        assert!(lost.iter().map(|interval| interval.harmed).sum::<f64>() > 0.0);
    }

    #[test]
    fn shorter_blocks_are_the_same_traffic() {
        let calm = Scenario::healthy("calm");
        let short: Vec<Interval> = Rollout::new(&calm, 1, &Timetable::standard().in_blocks_of(5)).collect();
        assert_eq!(short.len(), 3_240);
        let requests =
            |intervals: &[Interval]| sum(intervals, |interval| interval.block.stable.as_ref().map(|a| a.requests));
        assert!((requests(&short) / requests(&whole(&calm, 1)) - 1.0).abs() < 0.05);
    }
}
