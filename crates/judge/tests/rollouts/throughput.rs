//! Requests that vanish: hung canaries are found soon, and slow, bursty or wrongly routed ones are not blamed.

use judge::{Arm, Block, Cause, Histogram, Judge, Margins, Metric, Outcome, Settings, Split, Subject};

use super::allowed;
use super::chance::Chance;
use super::plan::START_MS;
use super::service::BLOCK_MS;

/// One arm, request by request.
#[derive(Clone, Copy)]
struct Nature {
    /// Part of the requests that is never answered.
    hangs: f64,
    /// Seconds that a request takes, evenly between these.
    takes: (f64, f64),
}

const QUICK: Nature = Nature { hangs: 0.0, takes: (0.01, 0.5) };

struct Traffic {
    chance: Chance,
    now_ms: i64,
    /// Answers that come in the next blocks, by arm.
    coming: [Vec<u64>; 2],
}

impl Traffic {
    fn new(seed: u64) -> Traffic {
        Traffic { chance: Chance::new(seed), now_ms: START_MS, coming: [Vec::new(), Vec::new()] }
    }

    fn arm(&mut self, which: usize, rate: f64, nature: Nature) -> Arm {
        let started = self.chance.poisson(rate * 10.0);
        for _ in 0..started {
            if self.chance.uniform() < nature.hangs {
                continue;
            }
            let (from, to) = nature.takes;
            let ends = self.chance.uniform() * 10.0 + from + (to - from) * self.chance.uniform();
            let after = (ends / 10.0) as usize;
            let coming = &mut self.coming[which];
            coming.resize(coming.len().max(after + 1), 0);
            coming[after] += 1;
        }
        let coming = &mut self.coming[which];
        let requests = if coming.is_empty() { 0 } else { coming.remove(0) };
        Arm { requests, started: Some(started), ..Arm::default() }
    }

    fn block(&mut self, rate: f64, share: f64, stable: Nature, canary: Nature) -> Block {
        let stable = Some(self.arm(0, rate * (1.0 - share), stable));
        let canary = Some(self.arm(1, rate * share, canary));
        let from_ms = self.now_ms;
        self.now_ms += BLOCK_MS;
        Block { from_ms, to_ms: self.now_ms, share, stable, canary, ..Block::default() }
    }
}

fn judge() -> Judge {
    let mut judge = Judge::new(Settings::default()).unwrap();
    judge.enter_phase(START_MS, &Margins { error_rate: 0.001, latency: 0.1, quantiles: Vec::new() });
    judge
}

/// Without what only the ingress knows: answers alone, dealt by chance.
fn answers_alone(mut block: Block) -> Block {
    for arm in [&mut block.stable, &mut block.canary].into_iter().flatten() {
        arm.started = None;
    }
    Block { split: Split::ByRequest, ..block }
}

fn throughput_evidence(judge: &Judge) -> f64 {
    let of = |verdict: judge::Verdict| verdict.findings.into_iter().find(|found| found.metric == Metric::Throughput);
    of(judge.verdict()).map_or(0.0, |found| found.harm_evidence)
}

/// Seconds until harm, for each seed.
fn delays(canary: Nature, seen: impl Fn(Block) -> Block) -> Vec<i64> {
    let delay = |seed| {
        let (mut traffic, mut judge) = (Traffic::new(seed), judge());
        let healthy_blocks = 12;
        for number in 0..120 {
            let nature = if number < healthy_blocks { QUICK } else { canary };
            let _ = judge.absorb(&seen(traffic.block(100.0, 0.05, QUICK, nature)));
            if judge.outcome() == Outcome::Harm {
                assert_eq!(judge.verdict().cause, Some(Cause::Throughput));
                return (number + 1 - healthy_blocks) * 10;
            }
        }
        i64::MAX
    };
    let mut delays: Vec<i64> = (0..21).map(delay).collect();
    delays.sort_unstable();
    delays
}

#[test]
fn a_canary_that_hangs_from_the_start_is_found_within_a_minute() {
    for seed in 0..21 {
        let (mut traffic, mut judge) = (Traffic::new(seed), judge());
        let hung = Nature { hangs: 1.0, ..QUICK };
        for _ in 0..6 {
            let _ = judge.absorb(&traffic.block(100.0, 0.05, QUICK, hung));
        }
        assert_eq!(judge.outcome(), Outcome::Harm);
        let said = judge.verdict().sentence();
        assert!(said.starts_with("harm: throughput: 100 % of "), "{said}");
    }
}

#[test]
fn a_canary_that_begins_to_hang_is_found_within_a_minute() {
    let delays = delays(Nature { hangs: 1.0, ..QUICK }, |block| block);
    assert!(delays[20] <= 60, "{delays:?}");
}

#[test]
fn a_canary_that_loses_two_of_five_is_found_within_three_minutes() {
    let delays = delays(Nature { hangs: 0.4, ..QUICK }, |block| block);
    assert!(delays[10] <= 180 && delays[20] <= 240, "{delays:?}");
}

#[test]
fn by_its_share_alone_a_hung_canary_is_found_within_a_minute_and_a_lossy_one_in_minutes() {
    let hung = delays(Nature { hangs: 1.0, ..QUICK }, answers_alone);
    assert!(hung[20] <= 60, "{hung:?}");
    let lossy = delays(Nature { hangs: 0.4, ..QUICK }, answers_alone);
    assert!(lossy[10] <= 480 && lossy[20] <= 720, "{lossy:?}");
}

/// Requests of 1 to 10 seconds are under way over every border; the share and the traffic change all the time.
#[test]
fn slow_and_healthy_never_loses_a_request() {
    let slow = Nature { hangs: 0.0, takes: (1.0, 10.0) };
    for seed in 0..20 {
        let (mut traffic, mut judge) = (Traffic::new(seed), judge());
        for number in 0..500_u32 {
            let rate = [100.0, 3.0, 0.0, 40.0, 0.2][(number / 23) as usize % 5];
            let share = [0.05, 0.25, 0.5, 0.05][(number / 60) as usize % 4];
            let _ = judge.absorb(&traffic.block(rate, share, slow, slow));
        }
        let found = judge.verdict().findings.into_iter().find(|found| found.metric == Metric::Throughput).unwrap();
        assert_eq!((found.canary.bad, found.stable.bad), (0, 0));
        assert!(found.canary.requests > 3_000);
        assert!(found.pass.unwrap().reached());
    }
}

/// Long polls of a minute: a canary that has just begun owes what stable answers from before.
#[test]
fn requests_slower_than_patience_blame_nobody_and_the_verdict_says_so() {
    let (mut traffic, mut judge) = (Traffic::new(2), judge());
    let long = Nature { hangs: 0.0, takes: (55.0, 65.0) };
    for _ in 0..30 {
        let _ = traffic.block(100.0, 0.0, long, long);
    }
    let mut latency = Histogram::new();
    latency.record(60_000_000);
    for _ in 0..60 {
        let mut block = traffic.block(100.0, 0.05, long, long);
        block.stable.as_mut().unwrap().latency = latency.clone();
        let from_ms = block.from_ms - 30 * BLOCK_MS;
        let _ = judge.absorb(&Block { from_ms, to_ms: from_ms + BLOCK_MS, ..block });
    }
    let verdict = judge.verdict();
    assert_ne!(verdict.outcome, Outcome::Harm);
    assert!(
        verdict
            .not_judged
            .iter()
            .any(|silent| silent.what == Subject::Throughput && silent.why.contains("take longer"))
    );
}

#[test]
fn gaps_and_uncounted_blocks_lose_nothing() {
    let slow = Nature { hangs: 0.0, takes: (1.0, 10.0) };
    for seed in 0..20 {
        let (mut traffic, mut judge) = (Traffic::new(seed), judge());
        for _ in 0..600 {
            let mut block = traffic.block(50.0, 0.25, slow, slow);
            match traffic.chance.below(12) {
                0 => continue,
                1 => block.canary = None,
                2 => block.stable.as_mut().unwrap().started = None,
                _ => {}
            }
            let _ = judge.absorb(&block);
        }
        assert_ne!(judge.outcome(), Outcome::Harm);
        let found = judge.verdict().findings.into_iter().find(|found| found.metric == Metric::Throughput).unwrap();
        assert_eq!((found.canary.bad, found.stable.bad), (0, 0));
    }
}

/// A canary exactly at the margin: a tenth of its requests is lost, and none of stable's.
#[test]
fn at_the_margin_of_lost_requests() {
    let runs = 300;
    let at_margin = Nature { hangs: 0.1, ..QUICK };
    let (mut harmed, mut passed) = (0, 0);
    for seed in 0..runs {
        let (mut traffic, mut judge) = (Traffic::new(seed), judge());
        let mut ever_passed = false;
        for number in 0..400 {
            let _ = judge.absorb(&traffic.block(40.0, 0.25, QUICK, at_margin));
            if number % 5 > 0 {
                continue;
            }
            let verdict = judge.verdict();
            ever_passed |= verdict
                .findings
                .iter()
                .any(|found| found.metric == Metric::Throughput && found.pass.is_some_and(|pass| pass.reached()));
        }
        harmed += usize::from(judge.outcome() == Outcome::Harm);
        passed += usize::from(ever_passed);
    }
    assert!(harmed <= allowed(0.01, runs as usize), "harm in {harmed} of {runs}");
    assert!(passed <= allowed(0.05, runs as usize), "passed {passed} of {runs}");
}

/// Answers dealt by chance, in clumps: each clump goes to one arm.
fn dealt(chance: &mut Chance, number: i64, share: f64, clump: f64) -> Block {
    let mut arms = [Arm::default(), Arm::default()];
    // A burst in two of a hundred blocks, which both arms share.
    let rate = if chance.below(50) == 0 { 6_000.0 } else { 1_000.0 };
    for _ in 0..chance.poisson(rate / clump) {
        let size = if clump > 1.0 { chance.geometric(clump) } else { 1 };
        arms[usize::from(chance.uniform() < share)].requests += size;
    }
    let [stable, canary] = arms;
    let from_ms = START_MS + number * BLOCK_MS;
    let split = Split::ByRequest;
    let (stable, canary) = (Some(stable), Some(canary));
    Block { from_ms, to_ms: from_ms + BLOCK_MS, share, stable, canary, split, ..Block::default() }
}

fn harmed_by_share(clump: f64, answers: f64, runs: u64) -> usize {
    let harmed = |seed: &u64| {
        let (mut chance, mut judge) = (Chance::new(1_000 + seed), judge());
        for number in 0..600 {
            let mut block = dealt(&mut chance, number, if number < 180 { 0.05 } else { 0.25 }, clump);
            if answers < 1.0
                && let Some(canary) = &mut block.canary
            {
                canary.requests = (0..canary.requests).map(|_| u64::from(chance.uniform() < answers)).sum();
            }
            let _ = judge.absorb(&block);
        }
        judge.outcome() == Outcome::Harm
    };
    (0..runs).filter(harmed).count()
}

#[test]
fn an_unchanged_canary_is_not_blamed_for_its_share() {
    assert_eq!(harmed_by_share(1.0, 1.0, 200), 0);
    assert!(harmed_by_share(5.0, 1.0, 200) <= allowed(0.01, 200));
}

#[test]
fn at_the_margin_of_the_share() {
    let harmed = harmed_by_share(1.0, 0.8, 300);
    assert!(harmed <= allowed(0.01, 300), "{harmed} of 300");
    let in_clumps = harmed_by_share(3.0, 0.8, 300);
    assert!(in_clumps <= allowed(0.01, 300), "{in_clumps} of 300, in clumps");
}

#[test]
fn sticky_users_are_not_judged_by_their_share_and_the_verdict_says_so() {
    let mut chance = Chance::new(1);
    for (split, said) in [(Split::ByUser, "heavy users prove nothing"), (Split::Unknown, "it is not known that")] {
        let mut judge = judge();
        for number in 0..200 {
            let mut block = Block { split, ..dealt(&mut chance, number, 0.25, 1.0) };
            if let Some(canary) = &mut block.canary {
                canary.requests /= 10;
            }
            let _ = judge.absorb(&block);
        }
        let verdict = judge.verdict();
        assert_ne!(verdict.outcome, Outcome::Harm);
        assert!(verdict.findings.iter().all(|found| found.metric != Metric::Throughput));
        let why = verdict.not_judged.iter().find(|silent| silent.what == Subject::Throughput).unwrap();
        assert!(why.why.contains(said), "{}", why.why);
    }
}

#[test]
fn a_canary_that_gets_far_too_much_is_a_matter_of_routing() {
    let (mut chance, mut judge) = (Chance::new(1), judge());
    for number in 0..60 {
        let _ = judge.absorb(&Block { share: 0.05, ..dealt(&mut chance, number, 0.3, 1.0) });
    }
    let verdict = judge.verdict();
    assert_eq!(verdict.outcome, Outcome::Undecided, "neither its fault nor a pass");
    assert!(verdict.routing_mismatch.is_some_and(|shares| shares.got > 0.25));
    let sentence = verdict.sentence();
    assert!(
        sentence.contains("routing mismatch: the canary gives 29.7 %") && sentence.contains("to have 5 %"),
        "{sentence}"
    );
}

/// The arms swapped: stable hangs. That is no fault of the canary, and it may pass.
#[test]
fn a_stable_arm_that_hangs_blames_nobody() {
    let (mut traffic, mut judge) = (Traffic::new(4), judge());
    for _ in 0..200 {
        let _ = judge.absorb(&traffic.block(100.0, 0.25, Nature { hangs: 0.5, ..QUICK }, QUICK));
    }
    assert_ne!(judge.outcome(), Outcome::Harm);
    assert!(throughput_evidence(&judge) < 1.0);
}
