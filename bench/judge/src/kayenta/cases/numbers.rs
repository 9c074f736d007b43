//! Tests of numbers: the Mann-Whitney statistic with its interval and estimate, and the sizes of effects.

use super::scala::{Test, named};
use super::{Agreement, expect, expect_near, together};
use crate::kayenta::classifier::{common_language, mean_ratio};
use crate::kayenta::rank::{Ranked, normal_quantile};

/// The tolerance that the suite names `E`.
const E: f64 = 1e-6;

/// A test of `MannWhitneySuite`: `assertEquals(theirs, expression, tolerance)`.
pub(super) fn hold_test(test: &Test<'_>) -> Agreement {
    let arrays = (test.array(&["experimentData", "experiment", "x"]), test.array(&["controlData", "control", "y"]));
    let data = match arrays {
        (Some(experiment), Some(control)) => Some(Data::of(test, experiment, control)),
        _ => None,
    };
    let asserted = test.each("assertEquals");
    together(asserted.iter().map(|assertion| {
        let Some((theirs, expression, tolerance)) = in_three(assertion) else {
            return Agreement::LeftOut(format!("not understood: {assertion}"));
        };
        let number = |text: &str| if text == "E" { Some(E) } else { text.parse().ok().or_else(|| test.number(text)) };
        let ours = match &data {
            Some(data) => data.value(expression),
            None => (expression == "zQuant").then(|| normal_quantile(0.02 / 2.0)),
        };
        match (number(theirs), ours, number(tolerance)) {
            (Some(theirs), Some(ours), Some(tolerance)) => expect_near(expression, theirs, ours, tolerance),
            _ => Agreement::LeftOut(format!("not understood: {assertion}")),
        }
    }))
}

/// A test of an effect's size in `StatisticSuite`.
pub(super) fn hold_effect(test: &Test<'_>) -> Agreement {
    let size: fn(&[f64], &[f64]) -> f64 = if test.says("EffectSizes.cles") {
        common_language
    } else if test.says("EffectSizes.meanRatio") {
        mean_ratio
    } else {
        return Agreement::LeftOut("about a statistic that the label does not rest on".to_string());
    };
    let (Some(experiment), Some(control)) = (test.array(&["experimentData"]), test.array(&["controlData"])) else {
        return Agreement::LeftOut("its data were not understood".to_string());
    };
    let ours = size(&experiment, &control);
    together(test.each("assert").iter().map(|assertion| {
        if assertion.contains("result.isNaN") {
            return expect("no size", true, ours.is_nan());
        }
        let value = assertion.rsplit_once("==").map_or("", |parts| parts.1).trim().trim_matches(['(', ')', '=']);
        let (theirs, tolerance) = value.split_once("+-").unwrap_or((value, "1e-12"));
        match (theirs.trim().parse(), tolerance.trim().parse()) {
            (Ok(theirs), Ok(tolerance)) => expect_near("size", theirs, ours, tolerance),
            _ => Agreement::LeftOut(format!("not understood: {assertion}")),
        }
    }))
}

struct Data {
    ranked: Ranked,
    low: f64,
    high: f64,
    confidence: f64,
}

impl Data {
    fn of(test: &Test<'_>, experiment: Vec<f64>, control: Vec<f64>) -> Data {
        let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let call = test.arguments("mannWhitneyUTest").unwrap_or("");
        let confidence = named(call, "confidenceLevel").and_then(|value| value.parse().ok());
        Data {
            low: least(&experiment) - most(&control),
            high: most(&experiment) - least(&control),
            ranked: Ranked::new(&experiment, &control),
            confidence: confidence.unwrap_or(0.95),
        }
    }

    /// The value of an expression that the suite asserts on, by its name there.
    fn value(&self, expression: &str) -> Option<f64> {
        let quantile = normal_quantile((1.0 - self.confidence) / 2.0);
        let shift = || self.ranked.shift(self.confidence);
        match expression {
            "result.confidenceInterval.head" | "ciLower" => Some(shift()?.low),
            "result.confidenceInterval.last" | "ciUpper" => Some(shift()?.high),
            "result.estimate" | "estimate" => Some(shift()?.estimate),
            "muMin" => Some(self.low),
            "muMax" => Some(self.high),
            "zqLower" => Some(-quantile),
            "zqUpper" => Some(quantile),
            "fLower1" => self.ranked.deviate(self.low, -quantile),
            "fUpper1" => self.ranked.deviate(self.high, -quantile),
            "fLower2" => self.ranked.deviate(self.low, quantile),
            "fUpper2" => self.ranked.deviate(self.high, quantile),
            other => {
                let call = other.strip_prefix("mannWhitney.wilcoxonDiff(")?;
                let mut numbers = call.split(',').map(str::trim);
                self.ranked.deviate(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?)
            }
        }
    }
}

/// Three arguments, the middle one of which may hold commas itself.
fn in_three(arguments: &str) -> Option<(&str, &str, &str)> {
    let (first, rest) = arguments.split_once(',')?;
    let (middle, last) = rest.rsplit_once(',')?;
    Some((first.trim(), middle.trim(), last.trim()))
}
