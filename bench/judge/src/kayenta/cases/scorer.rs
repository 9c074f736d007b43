//! Tests of the score: metrics with their labels and groups, the weights of the groups, the number that must come out.

use super::classifier::label;
use super::scala::Test;
use super::{Agreement, expect, together};
use crate::kayenta::classifier::Classification;
use crate::kayenta::score::{Group, score};

pub(super) fn hold(test: &Test<'_>) -> Agreement {
    let (Some(weights), Some(metrics)) = (weights(test), metrics(test)) else {
        return Agreement::LeftOut("its metrics or weights were not understood".to_string());
    };
    let found = score(&grouped(&weights, &metrics));
    let asserted = test.each("assert");
    let scores = asserted.iter().filter_map(|assertion| {
        let (what, value) = assertion.split_once("==")?;
        let theirs = value.trim_start_matches('=').trim().parse().ok()?;
        (what.trim() == "scores.summaryScore").then(|| expect("score", theirs, found))
    });
    together(scores)
}

/// `"name" -> 75.0` of the weights; an empty map has none.
fn weights(test: &Test<'_>) -> Option<Vec<(String, f64)>> {
    let pairs = test.arguments("Map[String, Double]")?;
    pairs
        .split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (name, weight) = pair.split_once("->")?;
            Some((name.trim().trim_matches('"').to_string(), weight.trim().parse().ok()?))
        })
        .collect()
}

fn metrics(test: &Test<'_>) -> Option<Vec<(String, Classification)>> {
    let metrics: Option<Vec<_>> = test
        .values_of("CanaryAnalysisResult.builder()")
        .into_iter()
        .map(|(_, value)| {
            let label = label(value.split_once(".classification(")?.1.split_once(".toString")?.0)?;
            let group = value.split_once("List[String](\"")?.1.split_once('"')?.0.to_string();
            let critical = value.contains(".critical(true)");
            Some((group, Classification { label, critical, deviation: 1.0 }))
        })
        .collect();
    metrics.filter(|metrics| !metrics.is_empty())
}

/// Groups without a weight share what the others leave.
fn grouped(weights: &[(String, f64)], metrics: &[(String, Classification)]) -> Vec<Group> {
    let mut names: Vec<&String> = metrics.iter().map(|metric| &metric.0).collect();
    names.sort();
    names.dedup();
    let weight_of = |name: &String| weights.iter().find(|weight| weight.0 == *name).map(|weight| weight.1);
    let without = names.iter().filter(|name| weight_of(name).is_none()).count();
    let left = 100.0 - weights.iter().map(|weight| weight.1).sum::<f64>();
    names
        .into_iter()
        .map(|name| Group {
            weight: weight_of(name).unwrap_or(left / without.max(1) as f64),
            metrics: metrics.iter().filter(|metric| metric.0 == *name).map(|metric| metric.1).collect(),
        })
        .collect()
}
