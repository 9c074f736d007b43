//! The formulas against an independent implementation (`tests/plan_vectors.py`) and against the published tables.

use alloc::vec::Vec;

use serde::Deserialize;

use super::bet::{POWERS, Toward, by_ln, fastest, per_request};
use super::passage::{reached_by, units_for};
use super::{Chances, HarmPlan, Limit, PassPlan, Scatter, Weight};

#[derive(Deserialize)]
struct Case {
    base: f64,
    rise: f64,
    margin: f64,
    share: f64,
    alpha: f64,
    power: f64,
    phi: f64,
    per_second: f64,
    cell_seconds: f64,
    pass_requests: Option<f64>,
    harm_seconds: Option<f64>,
}

fn close(found: Option<f64>, expected: Option<f64>, what: &str) {
    match (found, expected) {
        (None, None) => {}
        (Some(found), Some(expected)) if (found / expected - 1.0).abs() < 1e-4 => {}
        _ => panic!("{what}: {found:?}, not {expected:?}"),
    }
}

#[test]
fn forecasts_are_those_of_another_implementation() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/plan_vectors.json")).unwrap();
    assert_eq!(cases.len(), 60);
    for (number, case) in cases.iter().enumerate() {
        let chances = Chances { canary: case.base, stable: case.base, margin: case.margin };
        let (share, alpha, phi) = (case.share, case.alpha, case.phi);
        let pass = PassPlan { chances, share, alpha, scatter: Scatter::Known(phi), before: &[] };
        close(pass.requests(case.power), case.pass_requests, &alloc::format!("pass {number}"));
        let harm = HarmPlan {
            chances: Chances { canary: case.base + case.rise, ..chances },
            per_second: case.per_second,
            share,
            alpha,
            weight: Weight::Errors,
            capital: 0.4,
            phi,
            limit: Limit::Cell(case.cell_seconds),
        };
        let seconds = harm.proof(case.power).map(|proof| proof.seconds);
        close(seconds, case.harm_seconds, &alloc::format!("harm {number}"));
    }
}

/// Minutes to exclude a rise of 0.1 points when nothing changed, at 100 requests per second, from the design's table 3.2. It
/// bets half of all capital, not half of what a phase start is given: `ln 20 + ln 2`.
#[test]
fn the_table_of_passes() {
    for (base, share, minutes) in [
        (0.0005, 0.05, 47.0),
        (0.0005, 0.25, 10.0),
        (0.0005, 0.5, 5.7),
        (0.001, 0.05, 72.0),
        (0.001, 0.25, 16.0),
        (0.001, 0.5, 9.8),
        (0.005, 0.05, 264.0),
        (0.005, 0.25, 64.0),
        (0.005, 0.5, 45.6),
    ] {
        let rho = share / (1.0 - share);
        let chances = Chances { canary: base, stable: base, margin: 0.001 };
        let best = fastest(Toward::Pass, |ratio| per_request(&chances, rho, ratio).growth);
        let level = libm::log(40.0);
        let chance = |n: f64| {
            let by = |power: f64| reached_by(n, per_request(&chances, rho, by_ln(best.ln * power)), level);
            POWERS.into_iter().map(by).fold(0.0, f64::max)
        };
        let found = units_for(0.9, 1.0, chance).unwrap() / (100.0 * share * 60.0);
        assert!((found / minutes - 1.0).abs() < 0.05, "{base} {share}: {found}, not {minutes}");
    }
}

/// Canary requests to prove more than 0.1 points, from the same table. There no cell limits what errors win, which is as
/// if cells were too short to hold two of them, and the best ratio is bet on; ours is the best of twelve, which costs up to a
/// fifth.
#[test]
fn the_table_of_proofs() {
    for (base, share, rise, requests) in [
        (0.0005, 0.05, 0.0015, 182_700.0),
        (0.001, 0.25, 0.003, 21_700.0),
        (0.001, 0.05, 0.01, 1_600.0),
        (0.005, 0.5, 0.01, 6_200.0),
        (0.001, 0.05, 0.05, 151.0),
    ] {
        let harm = HarmPlan {
            chances: Chances { canary: base + rise, stable: base, margin: 0.001 },
            per_second: 1.0,
            share,
            alpha: 0.01,
            weight: Weight::Errors,
            capital: 0.4,
            phi: 1.0,
            limit: Limit::Cell(1e-3),
        };
        let found = harm.proof(0.9).unwrap().requests;
        assert!((1.0..1.2).contains(&(found / requests)), "{base} {share} {rise}: {found}, not {requests}");
    }
}

/// Cells slow down the proof of a canary that fails in heaps, and leave one that fails now and then alone.
#[test]
fn a_cell_limits_what_many_errors_prove() {
    let seconds = |rise: f64, cell: f64| {
        let chances = Chances { canary: 0.001 + rise, stable: 0.001, margin: 0.001 };
        let (per_second, share, alpha, weight) = (100.0, 0.05, 0.01, Weight::Errors);
        let limit = Limit::Cell(cell);
        HarmPlan { chances, per_second, share, alpha, weight, capital: 0.4, phi: 1.0, limit }
            .proof(0.9)
            .unwrap()
            .seconds
    };
    assert!(seconds(0.5, 20.0) > 5.0 * seconds(0.5, 0.1));
    assert!(seconds(0.003, 20.0) < 1.5 * seconds(0.003, 0.1));
}
