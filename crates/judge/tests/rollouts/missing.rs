//! Measurements that are lost, late, doubled or impossible: never evidence against anybody.

use judge::{Absorbed, Arm, Block, Impossible, Judge, Outcome, Reason, Settings, Side, Split};

use super::chance::Chance;
use super::plan::{START_MS, release_margins};
use super::service::{BLOCK_MS, Latency, Service};

fn judge() -> Judge {
    let mut judge = Judge::new(Settings::default()).unwrap();
    judge.enter_phase(START_MS, &release_margins());
    judge
}

/// A healthy rollout at 25 %, each block passed through `spoil`.
fn spoiled(seed: u64, spoil: impl Fn(&mut Chance, usize, Block) -> Vec<Block>) -> Judge {
    let (latency, service) = (Latency::new(), Service::healthy());
    let mut chance = Chance::new(seed);
    let mut judge = judge();
    for number in 0..720 {
        let block = service.block(&mut chance, &latency, START_MS + number as i64 * BLOCK_MS, 0.25);
        for block in spoil(&mut chance, number, block) {
            let _ = judge.absorb(&block);
        }
    }
    judge
}

#[test]
fn a_fifth_of_the_blocks_lost_and_a_gap_of_five_minutes() {
    for seed in 0..10 {
        let judge = spoiled(seed, |chance, number, mut block| {
            if (300..330).contains(&number) {
                return Vec::new();
            }
            match chance.below(15) {
                0 => block.canary = None,
                1 => block.stable = None,
                2 => (block.canary, block.stable) = (None, None),
                _ => {}
            }
            vec![block]
        });
        assert_ne!(judge.outcome(), Outcome::Harm);
        assert!(judge.verdict().skipped > 50);
    }
}

#[test]
fn doubled_and_late_blocks_change_nothing() {
    let clean = spoiled(3, |_, _, block| vec![block]);
    let doubled = spoiled(3, |_, _, block| vec![block.clone(), block]);
    assert_eq!(doubled.verdict().skipped, 720);
    assert_eq!(doubled.verdict().findings, clean.verdict().findings);
}

#[test]
fn a_counter_that_was_reset_is_impossible_and_skipped() {
    let clean = spoiled(5, |_, number, block| if number == 400 { Vec::new() } else { vec![block] });
    let reset = spoiled(5, |_, number, mut block| {
        if number == 400
            && let Some(canary) = &mut block.canary
        {
            canary.errors = canary.requests + 1;
        }
        vec![block]
    });
    assert_eq!(reset.verdict().skipped, 1);
    assert_eq!(reset.verdict().findings, clean.verdict().findings);
}

/// Counts say nothing of who they belong to. Where chance deals requests, the wrong share of them gives it away.
#[test]
fn swapped_arms_never_pass_and_are_told_as_a_wrong_share() {
    let judge = spoiled(6, |_, _, mut block| {
        std::mem::swap(&mut block.canary, &mut block.stable);
        vec![Block { split: Split::ByRequest, ..block }]
    });
    let mismatch = judge.verdict().routing_mismatch.unwrap();
    assert!((mismatch.asked - 0.25).abs() < 1e-9 && (mismatch.got - 0.75).abs() < 0.01, "{mismatch:?}");
    assert_eq!(judge.outcome(), Outcome::Undecided);
}

/// A difference of running totals after a restart in between is huge, not negative: both arms hold more than was begun.
#[test]
fn counters_that_go_backwards_are_refused_where_they_contradict_themselves() {
    let backwards = |now: u64, before: u64| now.wrapping_sub(before);
    let clean = spoiled(7, |_, number, block| if number == 400 { Vec::new() } else { vec![block] });
    let reset = spoiled(7, |_, number, mut block| {
        if number == 400
            && let Some(canary) = &mut block.canary
        {
            (canary.requests, canary.errors) = (3, backwards(0, 41));
            canary.latency = judge::Histogram::new();
        }
        vec![block]
    });
    assert_eq!(reset.verdict().skipped, 1);
    assert_eq!(reset.outcome(), clean.outcome());
    assert_eq!(reset.harm_evidence(), clean.harm_evidence());
}

#[test]
fn each_reason_has_its_name() {
    let arm = |requests, errors| Some(Arm { requests, errors, ..Arm::default() });
    let block = |from_ms, stable, canary| Block {
        from_ms,
        to_ms: from_ms + BLOCK_MS,
        share: 0.5,
        stable,
        canary,
        ..Block::default()
    };
    let good = block(0, arm(10, 0), arm(10, 0));
    let mut judge = judge();
    let mut after = |block: Block| judge.absorb(&block);
    assert_eq!(after(good.clone()), Absorbed::Counted);
    assert_eq!(after(good), Absorbed::Skipped(Reason::Backwards));
    assert_eq!(after(block(10_000, None, arm(1, 0))), Absorbed::Skipped(Reason::Missing(Side::Stable)));
    assert_eq!(after(block(20_000, arm(1, 0), None)), Absorbed::Skipped(Reason::Missing(Side::Canary)));
    assert_eq!(after(block(30_000, None, None)), Absorbed::Skipped(Reason::BothMissing));
    let impossible = Reason::Impossible(Side::Canary, Impossible::MoreErrorsThanRequests);
    assert_eq!(after(block(40_000, arm(1, 0), arm(1, 2))), Absorbed::Skipped(impossible));
    let share = Block { share: f64::NAN, ..block(50_000, arm(1, 0), arm(1, 0)) };
    assert_eq!(after(share), Absorbed::Skipped(Reason::ImpossibleShare));
    let empty = Block { to_ms: 60_000, ..block(60_000, arm(1, 0), arm(1, 0)) };
    assert_eq!(after(empty), Absorbed::Skipped(Reason::EmptySpan));
    let day = Block { to_ms: 86_460_000, ..block(60_000, arm(1, 0), arm(1, 0)) };
    assert_eq!(after(day), Absorbed::Skipped(Reason::TooLong));
    assert_eq!(after(block(60_000, arm(1, 0), arm(1, 0))), Absorbed::Counted);
}

#[test]
fn a_stable_arm_that_was_measured_alone_teaches_what_is_normal() {
    let (latency, service) = (Latency::new(), Service::healthy());
    let mut chance = Chance::new(1);
    let mut judge = judge();
    for number in 0..30 {
        let block = service.block(&mut chance, &latency, START_MS + number * BLOCK_MS, 0.25);
        let _ = judge.absorb(&Block { canary: None, ..block });
    }
    let verdict = judge.verdict();
    assert!(verdict.findings.iter().filter(|finding| finding.latency.is_some()).count() == 4);
    assert_eq!((verdict.canary_requests, verdict.skipped), (0, 30));
}
