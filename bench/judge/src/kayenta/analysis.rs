//! A rollout judged by Kayenta: error rate (critical, 40 points), p50, p95 and p99 (40 points together) and requests per
//! minute (20 points), a point a minute. A score of at most 75 fails at once, one below 95 fails at the end of a phase.

use super::classifier::{Classifier, Direction};
use super::score::{Group, score};
use crate::minutes::{Minute, Tally};
use crate::rules::WARM_UP;

/// When it is asked, and what it lets pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Analysis {
    when: When,
    /// Errors and durations may grow by this factor before an increase counts.
    allowed_increase: f64,
}

/// When Kayenta is asked. It always looks at the whole phase so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Each time so many minutes were added, and at the end of the phase.
    EveryMinutes(usize),
    /// At the end of each phase.
    PhaseEnds,
}

const MARGINAL: f64 = 75.0;
const PASSING: f64 = 95.0;
/// Requests may fall to this before a decrease counts.
const ALLOWED_DECREASE: f64 = 0.9;
/// The unit of its error rate is percent: the solver's absolute tolerance makes fractions blind.
const PERCENT: f64 = 100.0;

/// The five metrics of an arm in a minute; what has no value has no point.
type Points = [Option<f64>; 5];

impl Analysis {
    /// Asked at these times, with this allowed increase.
    #[must_use]
    pub fn of(when: When, allowed_increase: f64) -> Analysis {
        Analysis { when, allowed_increase }
    }

    /// The number of the minute at whose end it takes the release back.
    #[must_use]
    pub fn takes_back(&self, minutes: &[Minute]) -> Option<usize> {
        let phases = minutes.last().map_or(0, |last| last.phase + 1);
        (0..phases).find_map(|phase| {
            let judged: Vec<usize> =
                (0..minutes.len()).filter(|&at| minutes[at].phase == phase && minutes[at].age >= WARM_UP).collect();
            self.of_phase(minutes, &judged)
        })
    }

    fn of_phase(&self, minutes: &[Minute], judged: &[usize]) -> Option<usize> {
        let canary: Vec<Points> = judged.iter().map(|&at| points(&minutes[at], Arm::Canary)).collect();
        let control: Vec<Points> = judged.iter().map(|&at| points(&minutes[at], Arm::Control)).collect();
        let mut looks: Vec<usize> = match self.when {
            When::EveryMinutes(every) => (every..judged.len()).step_by(every).collect(),
            When::PhaseEnds => Vec::new(),
        };
        looks.push(judged.len());
        looks.into_iter().find_map(|seen| {
            let score = self.score(&canary[..seen], &control[..seen]);
            let fails = score <= MARGINAL || (seen == judged.len() && score < PASSING);
            fails.then(|| judged.get(seen.checked_sub(1)?).copied()).flatten()
        })
    }

    fn score(&self, canary: &[Points], control: &[Points]) -> f64 {
        let of = |metric: usize, direction, counts, critical| {
            let series = |points: &[Points]| -> Vec<f64> { points.iter().filter_map(|point| point[metric]).collect() };
            Classifier::of_the_judge(direction, counts, critical).classify(&series(canary), &series(control))
        };
        let more = (1.0, self.allowed_increase);
        let errors = Group { weight: 40.0, metrics: vec![of(0, Direction::Increase, more, true)] };
        if score(std::slice::from_ref(&errors)) == 0.0 {
            return 0.0;
        }
        let durations = (1..=3).map(|metric| of(metric, Direction::Increase, more, false)).collect();
        let fewer = of(4, Direction::Decrease, (ALLOWED_DECREASE, 1.0), false);
        score(&[errors, Group { weight: 40.0, metrics: durations }, Group { weight: 20.0, metrics: vec![fewer] }])
    }
}

#[derive(Clone, Copy)]
enum Arm {
    Canary,
    Control,
}

fn points(minute: &Minute, arm: Arm) -> Points {
    let (tally, share): (&Tally, f64) = match arm {
        Arm::Canary => (&minute.canary, minute.share),
        Arm::Control => (&minute.control, minute.control_share()),
    };
    let milliseconds = |q| tally.quantile(q).map(|us| us / 1e3);
    let requests = (minute.covered > 0.0).then(|| tally.requests as f64 / share / minute.covered);
    let errors = tally.error_rate().map(|rate| PERCENT * rate);
    [errors, milliseconds(0.5), milliseconds(0.95), milliseconds(0.99), requests]
}
