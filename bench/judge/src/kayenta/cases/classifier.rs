//! Tests of the Mann-Whitney classifier: two arrays, its settings, the label that must come out.

use super::scala::{Test, named, pair};
use super::{Agreement, expect, together};
use crate::kayenta::classifier::{Classification, Classifier, Direction, Effect, Label};

pub(super) fn hold(test: &Test<'_>) -> Agreement {
    let Some(settings) = test.arguments("new MannWhitneyClassifier") else {
        return Agreement::LeftOut("another classifier, which the judge does not use".to_string());
    };
    let understood = classifier(settings, test.arguments("classifier.classify").unwrap_or(""));
    let (Some(experiment), Some(control), Some(classifier)) =
        (test.array(&["experimentData"]), test.array(&["controlData"]), understood)
    else {
        return Agreement::LeftOut("its data or settings were not understood".to_string());
    };
    let found = classifier.classify(&experiment, &control);
    let mut asserted: Vec<Agreement> = test.each("assert").iter().map(|assertion| held(assertion, found)).collect();
    if test.says("result.reason should") {
        asserted.push(Agreement::LeftOut("about the reason in words".to_string()));
    }
    together(asserted)
}

fn classifier(settings: &str, call: &str) -> Option<Classifier> {
    let number = |name: &str| named(settings, name).and_then(|value| value.parse().ok());
    let direction = match call {
        call if call.contains("MetricDirection.Increase") => Direction::Increase,
        call if call.contains("MetricDirection.Decrease") => Direction::Decrease,
        _ => Direction::Either,
    };
    let thresholds = |name| match named(settings, name) {
        Some(value) => pair(value),
        None => Some((1.0, 1.0)),
    };
    Some(Classifier {
        tolerance: number("tolerance")?,
        confidence: number("confLevel")?,
        measure: if settings.contains("\"cles\"") { Effect::CommonLanguage } else { Effect::MeanRatio },
        counts: thresholds("effectSizeThresholds")?,
        fails_critical: thresholds("criticalThresholds")?,
        direction,
        critical: named(call, "isCriticalMetric") == Some("true"),
        missing_is_zero: call.contains("NaNStrategy.Replace"),
    })
}

fn held(assertion: &str, found: Classification) -> Agreement {
    match assertion.trim() {
        "result.critical" => expect("critical", true, found.critical),
        "!result.critical" => expect("critical", false, found.critical),
        "result.deviation.isNaN" => expect("no deviation", true, found.deviation.is_nan()),
        "result.deviation == 1.0" => expect("deviation", 1.0, found.deviation),
        other => match other.strip_prefix("result.classification == ").and_then(label) {
            Some(label) => expect("label", label, found.label),
            None => Agreement::LeftOut(format!("not understood: {other}")),
        },
    }
}

pub(super) fn label(name: &str) -> Option<Label> {
    match name {
        "Pass" => Some(Label::Pass),
        "High" => Some(Label::High),
        "Low" => Some(Label::Low),
        "Nodata" => Some(Label::NoData),
        "Error" => Some(Label::Error),
        _ => None,
    }
}
