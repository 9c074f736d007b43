//! The methods against the same formulas written down once more in Python: see `vectors.py`.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its vectors must fail")]

use experiments::conversion::{Converted, Dealt};
use experiments::ratio::{self, Came};
use experiments::{Interval, Moments, mean};
use serde_json::Value;

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let list = all[name].as_array().unwrap().clone();
    assert_eq!(list.len(), 40);
    list
}

fn close(found: f64, expected: &Value, scale: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= scale * (1.0 + expected.abs()), "{found} for {expected}");
}

#[test]
fn rates() {
    for one in vectors("conversion") {
        let of = |arm: &Value| Converted { users: arm[0].as_u64().unwrap(), converted: arm[1].as_u64().unwrap() };
        let dealt =
            Dealt { control: of(&one["control"]), variant: of(&one["variant"]), theta: one["theta"].as_f64().unwrap() };
        let Interval { low, high } = dealt.difference(one["side"].as_f64().unwrap(), 1);
        close(low, &one["low"], 1e-9);
        close(high, &one["high"], 1e-9);
    }
}

#[test]
fn means() {
    for one in vectors("mean") {
        let of = |arm: &Value| Moments {
            users: arm[0].as_u64().unwrap(),
            sum: arm[1].as_f64().unwrap(),
            sum_squares: arm[2].as_f64().unwrap(),
        };
        let found = mean::difference(&of(&one["arms"][0]), &of(&one["arms"][1]), 0.025, 1).unwrap();
        close(found.low, &one["low"], 1e-7);
        close(found.high, &one["high"], 1e-7);
    }
}

#[test]
fn ratios() {
    for one in vectors("ratio") {
        let (weights, counts) = (one["weights"].as_array().unwrap(), one["counts"].as_array().unwrap());
        let came: Vec<Came> = weights
            .iter()
            .zip(counts)
            .map(|(weight, users)| Came { weight: weight.as_f64().unwrap(), users: users.as_u64().unwrap() })
            .collect();
        close(ratio::log_evidence(&came, 1), &one["log"], 1e-6);
    }
}
