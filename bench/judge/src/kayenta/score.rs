//! From metrics to a score of 0 to 100: each group is worth its weight times the share of its metrics that pass.

use super::classifier::{Classification, Label};

/// Metrics that share a weight.
#[derive(Clone, Debug)]
pub struct Group {
    /// Points of a hundred.
    pub weight: f64,
    /// What was found of them.
    pub metrics: Vec<Classification>,
}

/// From so many percent of metrics without data on the canary fails.
const TOO_MANY_WITHOUT_DATA: f64 = 50.0;

/// A critical metric that does not pass, or half of the metrics without data, is a score of 0.
#[must_use]
pub fn score(groups: &[Group]) -> f64 {
    let all = || groups.iter().flat_map(|group| &group.metrics);
    if all().any(|metric| metric.critical && metric.label != Label::Pass) {
        return 0.0;
    }
    let without_data = all().filter(|metric| metric.label == Label::NoData).count();
    if without_data as f64 / all().count() as f64 * 100.0 >= TOO_MANY_WITHOUT_DATA {
        return 0.0;
    }
    let points: f64 = groups.iter().map(|group| group.weight * passing(&group.metrics)).sum();
    (points * 100.0).round() / 100.0
}

/// The share of metrics with data that pass; a group without any is not held against the canary.
fn passing(metrics: &[Classification]) -> f64 {
    let counted = |labels: &[Label]| metrics.iter().filter(|metric| labels.contains(&metric.label)).count();
    let with_data = counted(&[Label::Pass, Label::High, Label::Low]);
    if with_data == 0 { 1.0 } else { counted(&[Label::Pass]) as f64 / with_data as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(label: Label, critical: bool) -> Classification {
        Classification { label, critical, deviation: 1.0 }
    }

    fn group(weight: f64, labels: &[Label]) -> Group {
        Group { weight, metrics: labels.iter().map(|&label| found(label, false)).collect() }
    }

    #[test]
    fn groups_weigh_what_they_weigh() {
        use Label::{High, Low, NoData, Pass};
        assert_eq!(score(&[group(100.0, &[Pass, High, Low])]), 33.33);
        assert_eq!(score(&[group(75.0, &[Pass, Pass]), group(25.0, &[High])]), 75.0);
        assert_eq!(score(&[group(50.0, &[Pass, Pass]), group(50.0, &[NoData])]), 100.0);
        assert_eq!(score(&[group(50.0, &[Pass, NoData]), group(50.0, &[High])]), 50.0);
        assert_eq!(score(&[group(15.0, &[High, Low, Pass]), group(85.0, &[High])]), 5.0);
        assert_eq!(score(&[group(100.0, &[NoData])]), 0.0);
    }

    #[test]
    fn a_critical_metric_that_does_not_pass_fails_all() {
        let metrics = |label| vec![found(Label::Pass, false), found(label, true)];
        assert_eq!(score(&[Group { weight: 100.0, metrics: metrics(Label::High) }]), 0.0);
        assert_eq!(score(&[Group { weight: 100.0, metrics: metrics(Label::NoData) }]), 0.0);
    }
}
