//! Many rollouts of a scenario as a row of the table. A release that was never taken back has a delay without end, so that
//! a median is one of all rollouts and not of those that a method happened to find.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::run::{Method, Run};
use crate::scenario::Scenario;

/// A scenario and what each method did with it.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// What happens in it.
    pub about: &'static str,
    /// Whether the release is good enough.
    pub healthy: bool,
    /// Requests per second.
    pub rate: f64,
    /// When the harm begins, seconds from the start.
    pub onset_s: u32,
    /// Points of requests that fail more.
    pub errors: f64,
    /// How much slower, relative.
    pub slower: f64,
    /// Share of requests that vanish.
    pub vanish: f64,
    /// How many rollouts there were.
    pub runs: usize,
    /// Their seeds begin here.
    pub first_seed: u64,
    /// Ours first.
    pub methods: Vec<Row>,
    /// What people saw of ours meanwhile.
    pub ours: Found,
}

/// What one method did.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The name of the method.
    pub method: &'static str,
    /// How many it took back.
    pub taken_back: usize,
    /// Of these, before the harm began.
    pub early: usize,
    /// Median of the seconds from the onset, over all that were not taken back early; none when half were never taken back.
    pub delay_median_s: Option<f64>,
    /// The same for 95 %.
    pub delay_95_s: Option<f64>,
    /// Mean of the requests harmed until the release was taken back or the rollout was over.
    pub harmed_mean: f64,
    /// Median of the same.
    pub harmed_median: f64,
}

/// What our judge says while a rollout goes on.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// For each phase, rollouts that were there at its end.
    pub reached_end: Vec<usize>,
    /// Of these, the ones that passed it; the others are held.
    pub passed: Vec<usize>,
    /// What proved harm, and how often.
    pub causes: BTreeMap<String, usize>,
}

impl Table {
    /// Puts the rollouts of a scenario together.
    #[must_use]
    pub fn of(scenario: &Scenario, runs: &[Run], first_seed: u64) -> Table {
        let methods = Method::all().enumerate().map(|(at, method)| row(method, at, scenario, runs)).collect();
        Table {
            scenario: scenario.name,
            about: scenario.about,
            healthy: scenario.healthy,
            rate: scenario.rate,
            onset_s: scenario.onset_s,
            errors: scenario.canary.errors,
            slower: scenario.canary.slower,
            vanish: scenario.canary.vanish,
            runs: runs.len(),
            first_seed,
            methods,
            ours: found(runs),
        }
    }
}

fn row(method: Method, at: usize, scenario: &Scenario, runs: &[Run]) -> Row {
    let onset_s = f64::from(scenario.onset_s);
    let ends: Vec<_> = runs.iter().filter_map(|run| run.ends.get(at)).collect();
    let taken_back = ends.iter().filter(|end| end.taken_back_s.is_some()).count();
    let is_early = |second: f64| !scenario.healthy && second <= onset_s;
    let delays: Vec<f64> = ends
        .iter()
        .filter(|end| !end.taken_back_s.is_some_and(is_early))
        .map(|end| end.taken_back_s.map_or(f64::INFINITY, |second| second - onset_s))
        .collect();
    let harmed: Vec<f64> = ends.iter().map(|end| end.harmed).collect();
    Row {
        method: method.name(),
        taken_back,
        early: ends.len() - delays.len(),
        delay_median_s: at_share(&delays, 0.5),
        delay_95_s: at_share(&delays, 0.95),
        harmed_mean: harmed.iter().sum::<f64>() / harmed.len().max(1) as f64,
        harmed_median: at_share(&harmed, 0.5).unwrap_or(0.0),
    }
}

fn found(runs: &[Run]) -> Found {
    let phases = runs.iter().map(|run| run.passed.len()).max().unwrap_or(0);
    let count = |phase: usize, passed: Option<bool>| {
        let ends = runs.iter().filter_map(|run| run.passed.get(phase));
        ends.filter(|end| passed.is_none_or(|passed| passed == **end)).count()
    };
    let mut causes = BTreeMap::new();
    for cause in runs.iter().filter_map(|run| run.cause) {
        *causes.entry(format!("{cause:?}")).or_insert(0) += 1;
    }
    Found {
        reached_end: (0..phases).map(|phase| count(phase, None)).collect(),
        passed: (0..phases).map(|phase| count(phase, Some(true))).collect(),
        causes,
    }
}

/// The smallest value that a share of all is not above, if it is not without end.
fn at_share(values: &[f64], share: f64) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = (share * values.len() as f64).ceil() as usize;
    values.get(at.checked_sub(1)?).copied().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_counts_those_that_were_never_found() {
        let never = f64::INFINITY;
        assert_eq!(at_share(&[3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(at_share(&[1.0, never, 2.0, 3.0], 0.5), Some(2.0));
        assert_eq!(at_share(&[1.0, never, never], 0.5), None);
        assert_eq!(at_share(&[1.0, 2.0, 3.0, never], 0.95), None);
        assert_eq!(at_share(&[], 0.5), None);
    }
}
