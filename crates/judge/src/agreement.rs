//! Agreement with the formulas written out in another language: log-wealths of 1,000 random block sequences, harm and
//! pass, to 1e-9. `tests/e1_vectors.py` writes the vectors.

use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::counts::Mean;
use crate::courses::log_mixture;
use crate::e1::{Pair, Tilt};
use crate::grid::{HARM_ERRORS, PASS_ERRORS};
use crate::pass::PassTest;
use crate::settings::Margins;
use crate::wealth::{Dripped, Reserve, Temper};

fn cases() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../tests/e1_vectors.json")).unwrap();
    assert_eq!(cases.len(), 1_000);
    cases
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn blocks(case: &Value) -> Vec<Pair> {
    let pair = |block: &Value| Pair {
        canary_bad: number(&block[0]),
        canary: number(&block[1]),
        stable_bad: number(&block[2]),
        stable: number(&block[3]),
    };
    case["blocks"].as_array().unwrap().iter().map(pair).collect()
}

fn starts_a_phase(case: &Value, block: usize) -> bool {
    case["phase_starts"].as_array().unwrap().iter().any(|start| start.as_u64() == Some(block as u64))
}

fn agree(found: &[f64], expected: &Value, what: &str) {
    let expected: Vec<f64> = expected.as_array().unwrap().iter().map(number).collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{what}: {found}, expected {expected}");
    }
}

#[test]
fn harm_wealth_agrees() {
    for case in cases() {
        let (delta, phi) = (number(&case["delta"]), number(&case["phi"]));
        let mut reserve = Reserve::full();
        let mut wealth = Dripped::<9>::none();
        for (at, pair) in blocks(&case).iter().enumerate() {
            let share = match at {
                0 => 0.4,
                _ if starts_a_phase(&case, at) => 0.2,
                _ => 10.0 / 10_800.0,
            };
            wealth.fund(reserve.release(share).unwrap());
            if let Some(rho) = pair.ratio() {
                wealth.settle(&Tilt::each(&HARM_ERRORS, rho), pair, delta, Temper::by(phi));
            }
        }
        agree(wealth.logs(), &case["harm"]["log_wealth"], "harm");
        agree(&[reserve.left()], &vec![case["harm"]["reserve"].clone()].into(), "reserve");
    }
}

#[test]
fn pass_wealth_agrees() {
    for case in cases() {
        let (delta, phi) = (number(&case["delta"]), number(&case["phi"]));
        let mut test = PassTest::new(&Margins { error_rate: delta, latency: 0.1, quantiles: vec![] });
        let mut past = (0.0, 0.0);
        for (at, pair) in blocks(&case).iter().enumerate() {
            if starts_a_phase(&case, at) {
                test.begin_phase();
            }
            if let Some(rho) = pair.ratio() {
                let grid = Tilt::each(&PASS_ERRORS, rho);
                test.take_errors(pair, &grid, (past.0 + 1.0) / (past.1 + 1_000.0), phi);
            }
            past = (past.0 + pair.stable_bad, past.1 + pair.stable);
        }
        agree(test.errors().logs(), &case["pass"]["log_wealth"], "pass");
    }
}

#[derive(serde::Deserialize)]
struct Others {
    splits: Vec<SplitCase>,
    mixtures: Vec<MixtureCase>,
    means: Vec<MeanCase>,
}

#[derive(serde::Deserialize)]
struct SplitCase {
    share: f64,
    canary: u64,
    stable: u64,
    log_e: Vec<f64>,
}

#[derive(serde::Deserialize)]
struct MixtureCase {
    sum: f64,
    variance: f64,
    rho: f64,
    log: f64,
}

#[derive(serde::Deserialize)]
struct MeanCase {
    sums: (u64, f64, f64),
    mean: f64,
    variance: f64,
}

#[test]
fn shares_means_and_series_agree() {
    let others: Others = serde_json::from_str(include_str!("../tests/other_vectors.json")).unwrap();
    let close = |found: f64, expected: f64, within: f64| {
        assert!((found - expected).abs() <= within * expected.abs().max(1.0), "{found}, expected {expected}");
    };
    assert_eq!((others.splits.len(), others.mixtures.len(), others.means.len()), (200, 200, 200));
    for case in others.splits {
        let found = crate::throughput::log_bets(case.share, case.canary, case.stable);
        assert_eq!(found.len(), case.log_e.len());
        found.into_iter().zip(case.log_e).for_each(|(found, expected)| close(found, expected, 1e-9));
    }
    for case in others.mixtures {
        close(log_mixture(case.sum, case.variance, case.rho), case.log, 1e-9);
    }
    for case in others.means {
        let mean = Mean { count: case.sums.0, sum: case.sums.1, sum_squares: case.sums.2 };
        close(mean.mean().unwrap(), case.mean, 1e-9);
        // A difference of two large sums.
        close(mean.variance(), case.variance, 1e-8);
    }
}
