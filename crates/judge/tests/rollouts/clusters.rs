//! Errors that come in clusters: how the dispersion is read, and that the canary has no say in it.

use judge::{Block, DispersionSource, Judge, Settings};

use super::chance::Chance;
use super::plan::{START_MS, release_margins};
use super::service::{BLOCK_MS, Latency, Nature, Service};

fn after_two_hours(service: &Service, seed: u64) -> Judge {
    after_blocks(service, seed, 720)
}

fn after_blocks(service: &Service, seed: u64, blocks: i64) -> Judge {
    let latency = Latency::new();
    let mut chance = Chance::new(seed);
    let mut judge = Judge::new(Settings::default()).unwrap();
    judge.enter_phase(START_MS, &release_margins());
    for number in 0..blocks {
        let _ = judge.absorb(&service.block(&mut chance, &latency, START_MS + number * BLOCK_MS, 0.25));
    }
    judge
}

fn counted(service: Service) -> Service {
    Service { measured: false, ..service }
}

#[test]
fn independent_errors_are_known_to_be_independent() {
    for seed in 0..20 {
        let dispersion = after_two_hours(&counted(Service::healthy()), seed).verdict().dispersion;
        assert!(dispersion.known && dispersion.source == DispersionSource::UserBuckets);
        assert!((1.0..=1.25).contains(&dispersion.phi), "{dispersion:?}");
    }
}

/// Geometric clusters of mean 5 scatter 9 times as much as independent errors.
#[test]
fn clusters_within_users_are_found() {
    for seed in 0..20 {
        let service = counted(Service { cluster: 5.0, ..Service::healthy() });
        let dispersion = after_two_hours(&service, seed).verdict().dispersion;
        assert!((6.0..=18.0).contains(&dispersion.phi), "{dispersion:?}");
    }
}

#[test]
fn without_user_buckets_successive_blocks_are_compared() {
    for seed in 0..10 {
        let plain = counted(Service { users: false, ..Service::healthy() });
        let dispersion = after_two_hours(&plain, seed).verdict().dispersion;
        assert_eq!(dispersion.source, DispersionSource::SuccessiveBlocks);
        assert!((1.0..=1.9).contains(&dispersion.phi), "{dispersion:?}");
        let clustered = after_two_hours(&Service { cluster: 5.0, ..plain }, seed).verdict().dispersion;
        assert!(clustered.phi > 4.0, "{clustered:?}");
    }
}

#[test]
fn with_few_errors_it_is_not_yet_known() {
    let verdict = after_two_hours(&counted(Service { rate: 5.0, ..Service::healthy() }), 1).verdict();
    assert!(!verdict.dispersion.known);
    let young = after_blocks(&counted(Service::healthy()), 1, 90).verdict();
    assert!(young.sentence().contains("how errors cluster is not yet known"), "{}", young.sentence());
}

#[test]
fn the_canary_has_no_say() {
    let (latency, service) = (Latency::new(), counted(Service::healthy()));
    let worse = Service { cluster: 8.0, canary: Nature { errors: 0.05, slower_by: 0 }, ..service.clone() };
    let mut chance = Chance::new(9);
    let mut judges = [(); 2].map(|()| Judge::new(Settings::default()).unwrap());
    for number in 0..300 {
        let from_ms = START_MS + number * BLOCK_MS;
        let good = service.block(&mut chance, &latency, from_ms, 0.25);
        let bad = worse.block(&mut chance, &latency, from_ms, 0.25);
        let _ = judges[0].absorb(&Block { canary: bad.canary, ..good.clone() });
        let _ = judges[1].absorb(&good);
    }
    let [bad, good] = judges.map(|judge| judge.verdict().dispersion);
    assert_eq!(bad, good);
}

/// A thousand requests of which 5 % are slow, and `caught` more that waited for a process that stood still.
fn with_stall(block: u64, caught: u64) -> judge::Arm {
    let slow = 40 + block * 7 % 21 + caught;
    let mut arm = judge::Arm { requests: 1_000, ..judge::Arm::default() };
    arm.latency.add(judge::sketch::bucket_of(5_000), 1_000 - slow);
    arm.latency.add(judge::sketch::bucket_of(40_000), slow);
    arm
}

/// Two hours at half of the traffic; the canary stands still in every `every`-th block, stable in every 17th.
fn stalled(every: u64) -> Judge {
    let mut judge = Judge::new(Settings::default()).unwrap();
    judge.enter_phase(START_MS, &release_margins());
    for number in 0..720_u64 {
        let caught = |every| if number % every == every - 1 { 300 } else { 0 };
        let from_ms = START_MS + i64::try_from(number).unwrap() * BLOCK_MS;
        let (stable, canary) = (Some(with_stall(number, caught(17))), Some(with_stall(number + 3, caught(every))));
        let block = Block { from_ms, to_ms: from_ms + BLOCK_MS, share: 0.5, stable, canary, ..Block::default() };
        assert_eq!(judge.absorb(&block), judge::Absorbed::Counted);
    }
    judge
}

#[test]
fn a_process_that_stands_still_now_and_then_is_no_harm() {
    let judge = stalled(19);
    assert_ne!(judge.outcome(), judge::Outcome::Harm, "{}", judge.verdict().sentence());
}

#[test]
fn a_canary_that_stands_still_far_more_often_is() {
    let judge = stalled(2);
    assert_eq!(judge.outcome(), judge::Outcome::Harm, "{}", judge.verdict().sentence());
}
