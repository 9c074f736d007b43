//! Releases that change nothing: a random part of what one version did is called canary, so that every alarm is a false one.

use crate::chance::Chance;
use crate::problem::Problem;
use crate::recording::Recording;
use crate::split::Split;
use crate::walk::{Run, Stretch, compared, signed, walk};
use engine::{Plan, Share};
use judge::Judge;

/// Healthy rollouts of one plan over one recording, each with its own window and its own split.
#[derive(Clone, Debug)]
pub struct Healthy<'a> {
    recording: &'a Recording,
    plan: &'a Plan,
    judge: Judge,
    seed: u64,
    starts: usize,
}

/// How long the phases in which versions are compared last, if none of them is extended.
#[must_use]
pub fn length(plan: &Plan) -> i64 {
    let phases = plan.phases.iter().filter(|phase| phase.share < Share::ALL);
    phases.fold(0, |sum, phase| signed(phase.soak.0).saturating_add(sum))
}

/// Whether any phase of the plan has two versions to compare.
#[must_use]
pub fn to_compare(plan: &Plan) -> bool {
    compared(plan) > 0
}

impl<'a> Healthy<'a> {
    /// Rollouts that begin anywhere from where the plan still fits into the recording.
    ///
    /// # Errors
    /// `TG-7056`: the recording is shorter than the plan; `TG-7061`: the plan has nothing to compare or cannot be judged.
    pub fn new(recording: &'a Recording, plan: &'a Plan, seed: u64) -> Result<Healthy<'a>, Problem> {
        let judge = judge(plan)?;
        let needed = length(plan);
        let mut left = recording.measured_ms();
        if left < needed {
            return Err(Problem::new(
                "TG-7056",
                format!("the recording is shorter than the rollout `{}`", plan.name),
                format!("{} were measured, and its phases take {}", spoken(left), spoken(needed)),
                "record more, or replay a shorter rollout with --rollout",
            ));
        }
        let mut starts = 0;
        for interval in recording.intervals() {
            if left < needed {
                break;
            }
            starts += 1;
            left -= interval.span_ms();
        }
        Ok(Healthy { recording, plan, judge, seed, starts })
    }

    /// How many rollouts fit into the recording side by side: so much does it know, however many runs are made.
    #[must_use]
    pub fn side_by_side(&self) -> i64 {
        self.recording.measured_ms() / length(self.plan).max(1)
    }

    /// The run with this number. It is the same whenever it is asked for.
    #[must_use]
    pub fn run(&self, number: u64) -> Run {
        let mut chance = Chance::new(self.seed, number);
        let start = chance.below(self.starts);
        let intervals = self.recording.intervals().get(start..).unwrap_or_default();
        let Some(first) = intervals.first() else {
            return walk(self.plan, self.judge.clone(), |_| None);
        };
        let split = Split::draw(self.recording, first, &mut chance);
        let mut intervals = intervals.iter();
        walk(self.plan, self.judge.clone(), |share| {
            let interval = intervals.next()?;
            let arms = split.of(interval, share.fraction(), &mut chance);
            Some(Stretch { from_ms: interval.from_ms, to_ms: interval.to_ms, arms })
        })
    }
}

/// A judge of the plan that has something to do.
pub(crate) fn judge(plan: &Plan) -> Result<Judge, Problem> {
    let refused = |why: String| {
        Problem::new(
            "TG-7061",
            format!("the rollout `{}` cannot be replayed", plan.name),
            why,
            "replay a rollout that has a phase below 100 %",
        )
    };
    if !to_compare(plan) {
        return Err(refused("all of its phases move everybody: there is nobody to compare with".to_owned()));
    }
    plan.new_judge().map_err(|error| refused(error.to_string()))
}

pub(crate) fn spoken(ms: i64) -> String {
    engine::Millis(u64::try_from(ms).unwrap_or(0)).to_string()
}
