//! Any input at all: no panic, numbers that stay numbers, harm that stays harm.

use judge::{
    Allowed, Arm, Block, Bucket, Direction, Histogram, Judge, Margins, Mean, MeanRule, Outcome, Quantile, SeriesRule,
    Settings, Split,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000u64, Just(0), Just(u64::MAX), any::<u64>()]
}

fn time() -> impl Strategy<Value = i64> {
    prop_oneof![-100_000..2_000_000i64, Just(i64::MIN), Just(i64::MAX), any::<i64>()]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..1.0f64, Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(0.0), Just(1.0), any::<f64>()]
}

fn histogram() -> impl Strategy<Value = Histogram> {
    vec((any::<u16>(), count()), 0..6).prop_map(|cells| {
        let mut histogram = Histogram::new();
        cells.into_iter().for_each(|(bucket, count)| histogram.add(bucket, count));
        histogram
    })
}

fn arm() -> impl Strategy<Value = Arm> {
    let bucket = || (count(), count(), count()).prop_map(Bucket::from);
    let possible = (0..5_000u64, 0..=100u64, 0..=100u64).prop_map(|(requests, errors, latencies)| {
        let mut latency = Histogram::new();
        latency.add((latencies * 11) as u16, requests * latencies / 100);
        Arm { requests, errors: requests * errors / 100, latency, ..Arm::default() }
    });
    let any_at_all = (count(), count(), histogram(), prop_oneof![vec(bucket(), 0..3), vec(bucket(), 64)])
        .prop_map(|(requests, errors, latency, buckets)| Arm { requests, errors, latency, buckets, ..Arm::default() });
    let huge = Just(Arm { requests: u64::MAX, errors: u64::MAX, ..Arm::default() });
    let started = prop::option::weighted(0.7, count());
    let mean = (count(), number(), number()).prop_map(|(count, sum, sum_squares)| Mean { count, sum, sum_squares });
    (prop_oneof![4 => possible, 2 => any_at_all, 1 => huge], started, vec(mean, 0..3))
        .prop_map(|(arm, started, means)| Arm { started, means, ..arm })
}

fn series() -> impl Strategy<Value = Vec<Option<(f64, f64)>>> {
    let value = || prop_oneof![5 => 1.0..9.0f64, 1 => number()];
    vec(prop::option::weighted(0.9, (value(), value())), 0..3)
}

fn split() -> impl Strategy<Value = Split> {
    prop_oneof![Just(Split::Unknown), Just(Split::ByRequest), Just(Split::ByUser)]
}

/// Both kinds of rules, to be met by whatever comes.
fn with_rules() -> Settings {
    let (name, required) = (String::from("orders"), false);
    let (direction, allowed) = (Direction::HigherIsBetter, Allowed::Relative(0.1));
    let mean = MeanRule { name: name.clone(), direction, allowed, required, winsorised: None };
    let ratio = SeriesRule { name: name.clone(), direction, allowed, required };
    let difference =
        SeriesRule { name, direction: Direction::LowerIsBetter, allowed: Allowed::Absolute(0.0), required };
    Settings { means: vec![mean], series: vec![ratio, difference], ..Settings::default() }
}

#[derive(Clone, Debug)]
enum Step {
    Block(Block),
    /// A block right after the last one, so that most are admitted.
    Next(Block),
    Phase(i64, Margins),
}

fn step() -> impl Strategy<Value = Step> {
    let arm = || prop::option::weighted(0.9, arm());
    let block = (time(), time(), number(), arm(), arm()).prop_map(|(from_ms, to_ms, share, stable, canary)| {
        Step::Block(Block { from_ms, to_ms, share, stable, canary, ..Block::default() })
    });
    let next = (arm(), arm(), 0.0..=1.0f64, series(), split()).prop_map(|(stable, canary, share, series, split)| {
        Step::Next(Block { stable, canary, share, series, split, ..Block::default() })
    });
    let phase = (time(), number(), number()).prop_map(|(at_ms, error_rate, latency)| {
        Step::Phase(at_ms, Margins { error_rate, latency, quantiles: Quantile::ALL.to_vec() })
    });
    prop_oneof![1 => block, 6 => next, 1 => phase]
}

fn is_a_number(judge: &Judge) -> Result<(), TestCaseError> {
    let verdict = judge.verdict();
    prop_assert!(verdict.harm_evidence.is_finite());
    prop_assert!(verdict.dispersion.phi.is_finite() && verdict.dispersion.phi >= 1.0);
    for finding in &verdict.findings {
        prop_assert!(finding.harm_evidence.is_finite() && finding.harm_evidence >= 0.0);
        prop_assert!(finding.pass.is_none_or(|pass| pass.evidence.is_finite()));
        let difference = finding.difference;
        prop_assert!((-1.0..=1.0).contains(&difference.low) && (-1.0..=1.0).contains(&difference.high));
        prop_assert!(!finding.sentence().contains("NaN"));
    }
    prop_assert!(!verdict.sentence().contains("NaN"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_is_a_panic(steps in vec(step(), 1..60)) {
        let mut judge = Judge::new(with_rules()).unwrap();
        let mut now_ms = 0;
        for step in steps {
            let before = judge.outcome();
            match step {
                Step::Block(block) => _ = judge.absorb(&block),
                Step::Next(block) => {
                    now_ms += 60_000;
                    _ = judge.absorb(&Block { from_ms: now_ms - 60_000, to_ms: now_ms, ..block });
                }
                Step::Phase(at_ms, margins) => judge.enter_phase(at_ms, &margins),
            }
            prop_assert!(before != Outcome::Harm || judge.outcome() == Outcome::Harm);
            prop_assert_eq!(&judge.clone(), &judge);
        }
        is_a_number(&judge)?;
    }

    #[test]
    fn any_settings_are_refused_or_judged_by(alpha in number(), margin in number(), ms in time(), floor in count()) {
        let settings = Settings {
            alpha_harm: alpha,
            warm_up_ms: ms,
            horizon_ms: ms,
            incident_ms: ms,
            latency_floor_us: floor,
            harm_margins: Margins { error_rate: margin, latency: margin, quantiles: Vec::new() },
            ..Settings::default()
        };
        if let Ok(mut judge) = Judge::new(settings.clone()) {
            judge.enter_phase(ms, &settings.harm_margins);
            let mut latency = Histogram::new();
            latency.add(500, 900);
            let arm = Some(Arm { requests: 1_000, errors: 10, latency, ..Arm::default() });
            for number in 0..30 {
                let from_ms = number * 10_000;
                _ = judge.absorb(&Block { from_ms, to_ms: from_ms + 10_000, share: 0.5, stable: arm.clone(), canary: arm.clone(), ..Block::default() });
            }
            is_a_number(&judge)?;
        }
    }

    #[test]
    fn what_is_read_is_a_histogram_or_refused(cells in vec((any::<u16>(), count()), 0..8)) {
        let text = serde_json::to_string(&cells).unwrap();
        if let Ok(histogram) = serde_json::from_str::<Histogram>(&text) {
            let rising = histogram.iter().zip(histogram.iter().skip(1)).all(|(a, b)| a.0 < b.0);
            prop_assert!(rising);
            let sum: u64 = histogram.iter().map(|cell| cell.1).sum();
            prop_assert_eq!(sum, histogram.total());
        }
    }
}
