//! Rehearsals: the real engine, control and judge live a rollout in virtual time, in worlds that are described in YAML, so
//! that a policy can be tried and tested before users meet it.

mod ending;
mod library;
mod report;
mod story;
mod value;
mod world;

pub(crate) use ending::{Ending, Verdict, judged};
pub(crate) use library::{built_in, find};
pub(crate) use report::report;
pub(crate) use value::value;
pub(crate) use world::{OLD, Stage, world};

use engine::Millis;
use policy::Scenario;
use sim::Rehearsal;

/// A scenario, lived once or more.
#[derive(Debug)]
pub(crate) struct Rehearsed {
    pub(crate) scenario: Scenario,
    pub(crate) runs: Vec<Run>,
}

/// A world that was lived.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) rehearsal: Rehearsal,
    pub(crate) ending: Ending,
}

impl Rehearsed {
    /// How many runs ended as expected.
    #[must_use]
    pub(crate) fn met_runs(&self) -> usize {
        self.runs.iter().filter(|run| run.ending.unmet.is_none()).count()
    }

    /// Whether enough of them did.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "at most 10,000 runs")]
    pub(crate) fn met(&self) -> bool {
        // Fractions of percents come as decimals: 0.95 of 20 runs are 19 of them.
        self.met_runs() as f64 + 1e-9 >= self.scenario.expect.in_runs * self.runs.len() as f64
    }

    /// The run that is worth a closer look: the first one that did not end as expected, or the first.
    #[must_use]
    pub(crate) fn telling(&self) -> Option<&Run> {
        self.runs.iter().find(|run| run.ending.unmet.is_some()).or_else(|| self.runs.first())
    }

    /// How long after the fault rollbacks were decided, shortest first.
    #[must_use]
    pub(crate) fn delays(&self) -> Vec<Millis> {
        let back = self.runs.iter().filter(|run| run.ending.verdict == Verdict::RolledBack);
        let mut delays: Vec<Millis> = back.filter_map(|run| run.ending.after_fault()).collect();
        delays.sort_unstable();
        delays
    }
}
