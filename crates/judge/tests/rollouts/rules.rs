//! Means and series: bounds at the margin, finds beyond it, and no verdict from what is no number.

use judge::{
    Absorbed, Allowed, Arm, Block, Cause, Direction, Impossible, Judge, Margins, Mean, MeanRule, Metric, Outcome,
    Reason, SeriesRule, Settings, Side, Subject,
};

use super::allowed;
use super::chance::Chance;
use super::plan::START_MS;
use super::service::BLOCK_MS;

fn mean_rule(required: bool) -> MeanRule {
    let (direction, allowed) = (Direction::HigherIsBetter, Allowed::Relative(0.1));
    MeanRule { name: "orders".into(), direction, allowed, required, winsorised: None }
}

fn series_rule(required: bool) -> SeriesRule {
    let (direction, allowed) = (Direction::LowerIsBetter, Allowed::Relative(0.1));
    SeriesRule { name: "heap".into(), direction, allowed, required }
}

fn judge(means: Vec<MeanRule>, series: Vec<SeriesRule>) -> Judge {
    let settings = Settings { means, series, warm_up_ms: 0, ..Settings::default() };
    let mut judge = Judge::new(settings).unwrap();
    judge.enter_phase(START_MS, &Margins { error_rate: 0.001, latency: 0.1, quantiles: Vec::new() });
    judge
}

fn block(number: i64) -> Block {
    let from_ms = START_MS + number * BLOCK_MS;
    let arm = Some(Arm { requests: 100, ..Arm::default() });
    Block { from_ms, to_ms: from_ms + BLOCK_MS, share: 0.25, stable: arm.clone(), canary: arm, ..Block::default() }
}

/// What visits bought: a fifth buys something, lognormal around 40, cut at 400.
fn bought(chance: &mut Chance, visits: u64, times: f64) -> Mean {
    let mut mean = Mean { count: visits, ..Mean::default() };
    for _ in 0..visits {
        if chance.uniform() < 0.2 {
            let value = times * (40.0 * (0.8 * chance.normal()).exp()).min(400.0);
            mean.sum += value;
            mean.sum_squares += value * value;
        }
    }
    mean
}

fn with_means(number: i64, canary: Mean, stable: Mean) -> Block {
    let mut block = block(number);
    for (arm, mean) in [(&mut block.canary, canary), (&mut block.stable, stable)] {
        arm.as_mut().unwrap().means = vec![mean];
    }
    block
}

fn evidence(judge: &Judge, metric: Metric) -> (f64, f64) {
    let found = judge.verdict().findings.into_iter().find(|found| found.metric == metric).unwrap();
    (found.harm_evidence, found.pass.unwrap().evidence)
}

/// A rollout whose canary sells so many times as much; (harm, ever passed).
fn sold(seed: u64, times: f64, blocks: i64) -> (bool, bool) {
    let (mut chance, mut judge) = (Chance::new(seed), judge(vec![mean_rule(true)], Vec::new()));
    let mut passed = false;
    for number in 0..blocks {
        // What both arms share comes and goes.
        let hour = 1.0 + 0.3 * (number as f64 / 40.0).sin();
        let canary = bought(&mut chance, 60, hour * times);
        let _ = judge.absorb(&with_means(number, canary, bought(&mut chance, 180, hour)));
        passed |= number % 10 == 0 && evidence(&judge, Metric::Mean(0)).1 >= 20.0;
    }
    (judge.outcome() == Outcome::Harm, passed)
}

#[test]
fn a_mean_at_the_margin_is_neither_harm_nor_passed() {
    let ends: Vec<(bool, bool)> = (0..150).map(|seed| sold(seed, 0.9, 600)).collect();
    let harmed = ends.iter().filter(|end| end.0).count();
    let passed = ends.iter().filter(|end| end.1).count();
    assert!(harmed <= allowed(0.01, ends.len()), "harm in {harmed} of {}", ends.len());
    assert!(passed <= allowed(0.05, ends.len()), "passed {passed} of {}", ends.len());
}

#[test]
fn a_canary_that_sells_a_third_less_is_harm_and_one_that_sells_as_much_passes() {
    for seed in 0..10 {
        assert_eq!(sold(1_000 + seed, 0.67, 600), (true, false));
    }
    let healthy: Vec<(bool, bool)> = (0..10).map(|seed| sold(2_000 + seed, 1.05, 1_200)).collect();
    assert!(healthy.iter().all(|end| !end.0));
    assert!(healthy.iter().filter(|end| end.1).count() >= 8, "{healthy:?}");
}

#[test]
fn the_verdict_of_a_mean_names_it_and_says_that_it_is_asymptotic() {
    let (mut chance, mut judge) = (Chance::new(5), judge(vec![mean_rule(false)], Vec::new()));
    for number in 0..400 {
        let canary = bought(&mut chance, 60, 0.5);
        let _ = judge.absorb(&with_means(number, canary, bought(&mut chance, 180, 1.0)));
    }
    let verdict = judge.verdict();
    assert_eq!(verdict.cause, Some(Cause::Mean(0)));
    let said = verdict.sentence();
    assert!(
        said.starts_with("harm: orders: ") && said.contains("(an asymptotic bound), which is worse than"),
        "{said}"
    );
    let read: judge::Verdict = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
    assert_eq!(read.sentence(), said);
}

#[test]
fn a_mean_says_nothing_before_enough_values_nor_from_what_is_no_number() {
    let mut chance = Chance::new(1);
    let mut few = judge(vec![mean_rule(true)], Vec::new());
    for number in 0..29 {
        let canary = bought(&mut chance, 600, 0.1);
        let _ = few.absorb(&with_means(number, canary, bought(&mut chance, 600, 1.0)));
    }
    assert_ne!(few.outcome(), Outcome::Harm);
    let odd = [
        Mean { count: 60, sum: f64::NAN, sum_squares: 1.0 },
        Mean { count: 60, sum: 1.0, sum_squares: f64::INFINITY },
        Mean { count: 60, sum: 1e200, sum_squares: 1e300 },
        Mean { count: 60, sum: 100.0, sum_squares: 1.0 },
        Mean { count: 0, sum: 1.0, sum_squares: 1.0 },
        Mean { count: 60, sum: 1.0, sum_squares: -1.0 },
    ];
    let mut judge = judge(vec![mean_rule(true)], Vec::new());
    for number in 0..600 {
        let stable = bought(&mut chance, 180, 1.0);
        let _ = judge.absorb(&with_means(number, odd[(number % 6) as usize], stable));
    }
    assert!(evidence(&judge, Metric::Mean(0)).0 <= 1.0 + 1e-12 && evidence(&few, Metric::Mean(0)).0 <= 1.0 + 1e-12);
    assert_ne!(judge.outcome(), Outcome::Pass, "a required mean that was never measured");
    let why = judge.verdict().not_judged.into_iter().find(|silent| silent.what == Subject::Metric(Metric::Mean(0)));
    assert!(why.is_some_and(|why| why.why.contains("orders") && why.why.contains("600 times they were no numbers")));
}

/// Heavy-tailed noise, each sample leaning on the one before.
struct Noise {
    chance: Chance,
    lean: f64,
    last: f64,
}

impl Noise {
    fn next(&mut self) -> f64 {
        let wild = if self.chance.uniform() < 0.05 { 3.0 } else { 1.0 };
        let fresh = 0.08 * wild * self.chance.normal();
        self.last = self.lean * self.last + (1.0 - self.lean * self.lean).sqrt() * fresh;
        self.last
    }
}

/// Half a minute each, two hours and a history of half an hour; (harm, ever passed, samples until harm).
fn sampled(seed: u64, lean: f64, times: f64) -> (bool, bool, i64) {
    let noise = |seed| Noise { chance: Chance::new(seed), lean, last: 0.0 };
    let (mut stable, mut canary) = (noise(2 * seed), noise(2 * seed + 1));
    let settings = Settings { series: vec![series_rule(true)], warm_up_ms: 0, ..Settings::default() };
    let mut judge = Judge::new(settings).unwrap();
    let mut passed = false;
    for number in -60..240_i64 {
        if number == 0 {
            judge.enter_phase(START_MS, &Margins { error_rate: 0.001, latency: 0.1, quantiles: Vec::new() });
        }
        let hour = 1.0 + 0.2 * (number as f64 / 60.0).sin();
        let sample = (1e9 * hour * stable.next().exp(), 1e9 * hour * times * canary.next().exp());
        let _ = judge.absorb(&Block { series: vec![Some(sample)], ..block(number) });
        if judge.outcome() == Outcome::Harm {
            return (true, passed, number + 1);
        }
        passed |= number > 0 && evidence(&judge, Metric::Series(0)).1 >= 20.0;
    }
    (false, passed, i64::MAX)
}

#[test]
fn a_series_at_the_margin_is_neither_harm_nor_passed() {
    for lean in [0.0, 0.3] {
        let ends: Vec<_> = (0..300).map(|seed| sampled(seed, lean, 1.1)).collect();
        let harmed = ends.iter().filter(|end| end.0).count();
        let passed = ends.iter().filter(|end| end.1).count();
        assert!(harmed <= allowed(0.01, ends.len()), "harm in {harmed} of {} at {lean}", ends.len());
        assert!(passed <= allowed(0.05, ends.len()), "passed {passed} of {} at {lean}", ends.len());
    }
}

#[test]
fn a_series_far_beyond_the_margin_is_harm_within_half_an_hour_and_one_within_it_passes() {
    let mut delays: Vec<i64> = (0..21).map(|seed| sampled(seed, 0.0, 1.6).2).collect();
    delays.sort_unstable();
    assert!(delays[20] <= 60, "{delays:?}");
    let healthy: Vec<_> = (0..21).map(|seed| sampled(seed, 0.0, 1.0)).collect();
    assert!(healthy.iter().all(|end| !end.0));
    assert!(healthy.iter().filter(|end| end.1).count() >= 18, "{healthy:?}");
}

#[test]
fn a_series_without_history_or_without_numbers_says_so_and_blames_nobody() {
    let mut judge = judge(Vec::new(), vec![series_rule(false)]);
    let odd = [
        (f64::NAN, 1.0),
        (1.0, f64::INFINITY),
        (1.0, -3.0),
        (0.0, 9.0),
        (f64::NAN, f64::NAN),
        (f64::NEG_INFINITY, 1.0),
    ];
    for number in 0..300 {
        let sample = odd[(number % 6) as usize];
        let _ = judge.absorb(&Block { series: vec![Some(sample)], ..block(number) });
    }
    assert_ne!(judge.outcome(), Outcome::Harm);
    let why = judge.verdict().not_judged.into_iter().find(|silent| silent.what == Subject::Metric(Metric::Series(0)));
    let why = why.unwrap().why;
    assert!(why.starts_with("heap: needs history") && why.contains("300 times they were no numbers"), "{why}");
}

#[test]
fn missing_samples_are_no_evidence() {
    let mut judge = judge(vec![mean_rule(false)], vec![series_rule(false)]);
    for number in 0..300 {
        let _ = judge.absorb(&Block { series: vec![None], ..block(number) });
    }
    for metric in [Metric::Mean(0), Metric::Series(0)] {
        assert!(evidence(&judge, metric).0 <= 1.0 + 1e-12);
    }
    assert_ne!(judge.outcome(), Outcome::Harm);
}

#[test]
fn rules_weigh_a_tenth_taken_from_errors() {
    let judge = judge(vec![mean_rule(false)], vec![series_rule(false)]);
    let weights: Vec<(Metric, f64)> =
        judge.verdict().findings.iter().map(|found| (found.metric, found.weight)).collect();
    assert!(weights.iter().any(|(metric, weight)| *metric == Metric::ErrorRate && (weight - 0.2).abs() < 1e-12));
    assert!(weights.iter().any(|(metric, weight)| *metric == Metric::Mean(0) && (weight - 0.05).abs() < 1e-12));
    assert!(weights.iter().map(|entry| entry.1).sum::<f64>() <= 1.0);
}

#[test]
fn more_means_or_series_than_rules_are_refused_and_fewer_are_missing() {
    let mut judge = judge(vec![mean_rule(false)], vec![series_rule(false)]);
    let mut chance = Chance::new(9);
    let mean = bought(&mut chance, 60, 1.0);
    let mut more = with_means(0, mean, mean);
    more.stable.as_mut().unwrap().means.push(mean);
    let refused = Absorbed::Skipped(Reason::Impossible(Side::Stable, Impossible::MoreMeansThanRules));
    assert_eq!(judge.absorb(&more), refused);
    let mut more = with_means(1, mean, mean);
    more.series = vec![None, Some((1.0, 1.0))];
    let absorbed = judge.absorb(&more);
    assert_eq!(absorbed, Absorbed::Skipped(Reason::Impossible(Side::Canary, Impossible::MoreSeriesThanRules)));
    let Absorbed::Skipped(reason) = absorbed else { unreachable!() };
    assert_eq!(reason.to_string(), "canary reports more series than there are rules");
    assert_eq!(judge.absorb(&block(2)), Absorbed::Counted);
    assert_eq!(judge.verdict().findings.iter().filter(|found| found.values.is_some()).count(), 2);
    assert!(judge.verdict().not_judged.iter().any(|silent| silent.what == Subject::Metric(Metric::Mean(0))));
}
