//! One rollout, and when each method would have taken it back.

use judge::{Cause, Unsound};

use crate::minutes::Minutes;
use crate::ours::Ours;
use crate::rollout::Rollout;
use crate::rules::Rule;
use crate::scenario::Scenario;
use crate::timetable::Timetable;

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Our judge.
    Ours,
    /// A rule of the field.
    Of(Rule),
}

impl Method {
    /// Ours, then the others.
    pub fn all() -> impl Iterator<Item = Method> {
        std::iter::once(Method::Ours).chain(Rule::ALL.map(Method::Of))
    }

    /// As the results name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Ours => "tidegate",
            Method::Of(rule) => rule.name(),
        }
    }
}

/// How a rollout ended by one method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// Seconds from the start to the moment it was taken back.
    pub taken_back_s: Option<f64>,
    /// Requests that failed or vanished until then beyond what stable would have failed.
    pub harmed: f64,
}

/// How a rollout ended, by all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// In the order of [`Method::all`].
    pub ends: Vec<End>,
    /// Whether ours passed each phase at its end, as far as it came.
    pub passed: Vec<bool>,
    /// What proved harm to ours.
    pub cause: Option<Cause>,
}

impl Run {
    /// Draws the rollout and asks everybody.
    ///
    /// # Errors
    /// When the judge's own default settings are not sound.
    pub fn of(scenario: &Scenario, seed: u64, table: &Timetable) -> Result<Run, Unsound> {
        let (mut ours, mut minutes) = (Ours::new()?, Minutes::default());
        let mut harmed = Harmed { block_s: f64::from(table.block_s), ..Harmed::default() };
        for interval in Rollout::new(scenario, seed, table) {
            ours.push(&interval);
            minutes.push(&interval);
            if interval.phase.is_some() {
                harmed.push(interval.harmed);
            }
        }
        ours.end();
        let ends = Method::all()
            .map(|method| {
                let taken_back_s = match method {
                    Method::Ours => ours.harm_s,
                    Method::Of(rule) => rule.takes_back(minutes.all()).map(|minute| (minute + 1) as f64 * 60.0),
                };
                End { taken_back_s, harmed: harmed.until(taken_back_s) }
            })
            .collect();
        Ok(Run { ends, passed: ours.passed, cause: ours.cause })
    }
}

/// Running sum of the harm, block by block.
#[derive(Default)]
struct Harmed {
    block_s: f64,
    sums: Vec<f64>,
}

impl Harmed {
    fn push(&mut self, harmed: f64) {
        self.sums.push(self.sums.last().copied().unwrap_or(0.0) + harmed);
    }

    fn until(&self, second: Option<f64>) -> f64 {
        let blocks = second.map_or(self.sums.len(), |second| (second / self.block_s) as usize);
        let last = blocks.min(self.sums.len()).checked_sub(1);
        last.and_then(|last| self.sums.get(last)).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    fn run(name: &str) -> Run {
        Run::of(&scenario(name).unwrap(), 1, &Timetable::standard()).unwrap()
    }

    #[test]
    fn half_of_all_failing_is_found_by_everybody_and_first_by_ours() {
        let run = run("err50_r10");
        let ours = run.ends[0].taken_back_s.unwrap();
        for (end, method) in run.ends.iter().zip(Method::all()) {
            assert!(end.taken_back_s.is_some_and(|second| second >= ours), "{method:?}: {end:?}");
        }
        assert!(run.cause.is_some() && run.passed.is_empty());
    }

    #[test]
    fn harm_grows_until_the_release_is_taken_back() {
        let run = run("err+5pp_r100");
        let mut ends: Vec<End> = run.ends.clone();
        ends.sort_by(|a, b| a.taken_back_s.partial_cmp(&b.taken_back_s).unwrap());
        assert!(ends.windows(2).all(|pair| pair[0].harmed <= pair[1].harmed), "{ends:?}");
        assert!(ends[0].harmed > 0.0);
    }

    #[test]
    fn an_ordinary_release_at_a_thousand_requests_a_second_passes_its_last_phase() {
        let run = run("aa_r1000");
        assert_eq!((run.ends[0].taken_back_s, run.passed.last()), (None, Some(&true)));
    }
}
