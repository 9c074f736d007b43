//! How a world is run and read in these tests.

use sim::{Outcome, Rules, Scenario, run};

/// A short rollout of 1.1 in a world without faults.
pub(crate) fn quick(seed: u64) -> Scenario {
    Scenario::good(seed, Rules::quick().policy().unwrap())
}

/// A short rollout under other rules.
pub(crate) fn under(seed: u64, rules: &Rules) -> Scenario {
    Scenario::good(seed, rules.policy().unwrap_or_else(|problems| panic!("{}", problems.render(false))))
}

/// Runs it twice, to the same end, with no invariant broken.
pub(crate) fn live(scenario: &Scenario) -> Outcome {
    let (first, second) = (run(scenario).unwrap(), run(scenario).unwrap());
    assert_eq!(first.head, second.head, "the same seed makes the same journal");
    assert_eq!(first.timeline, second.timeline);
    assert!(first.broken.is_empty(), "{}", story(&first));
    first
}

/// Everything that is needed to understand a failure.
pub(crate) fn story(outcome: &Outcome) -> String {
    let broken: Vec<String> = outcome.broken.iter().map(ToString::to_string).collect();
    format!("{}\n{}\n{:?}", broken.join("\n"), outcome.timeline.join("\n"), outcome.told())
}

/// The kinds of the entries, without their details and without what only says that all is going on.
pub(crate) fn kinds(outcome: &Outcome) -> Vec<String> {
    outcome.timeline.iter().filter_map(|line| line.split(' ').nth(2)).map(str::to_string).collect()
}

/// The line of the first entry of a kind.
pub(crate) fn line<'a>(outcome: &'a Outcome, kind: &str) -> &'a str {
    let found = outcome.timeline.iter().find(|line| line.split(' ').nth(2) == Some(kind));
    found.unwrap_or_else(|| panic!("no {kind} in:\n{}", story(outcome)))
}

/// How many entries of a kind there are.
pub(crate) fn count(outcome: &Outcome, kind: &str) -> usize {
    kinds(outcome).iter().filter(|one| *one == kind).count()
}

/// Milliseconds since the beginning at which the first entry of a kind was written.
pub(crate) fn at_ms(outcome: &Outcome, kind: &str) -> u64 {
    let line = line(outcome, kind);
    let numbers: Vec<u64> = line[..12].split([':', '.']).map(|part| part.parse().unwrap()).collect();
    ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * 1_000 + numbers[3]
}
