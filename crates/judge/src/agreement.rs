//! Agreement with the formulas written out in another language: log-wealths of 200 random block sequences, harm and
//! pass, to 1e-9. `tests/e1_vectors.py` writes the vectors.

use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::e1::{Pair, Tilt};
use crate::grid::{HARM_ERRORS, PASS_ERRORS};
use crate::pass::PassTest;
use crate::settings::Margins;
use crate::wealth::{Dripped, Reserve, Temper};

fn cases() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../tests/e1_vectors.json")).unwrap();
    assert_eq!(cases.len(), 200);
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
