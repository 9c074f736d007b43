//! An incident as if it had been a release: the bad version begins with it, and the question is how soon the judge says so.
//!
//! What stable did is taken from the same time if the recording can tell, since only then do both arms share the weather of
//! that hour. If everybody was hit, it is what was measured a day or a week before, and the report says so.

use crate::chance::Chance;
use crate::healthy::{judge, spoken};
use crate::incident::Incident;
use crate::problem::Problem;
use crate::recording::{Interval, Recording, Units, moment};
use crate::split::{Arms, Split};
use crate::walk::{Alarm, Run, Stretch, walk};
use engine::{Plan, Share};
use judge::Judge;
use serde::Serialize;

/// So often is a split drawn by chance; one that was measured is there once.
const DRAWS: u64 = 20;
const DAY_MS: i64 = 86_400_000;
/// So much of the incident's time must have been measured in what it is compared with.
const ENOUGH: f64 = 0.8;

/// What the canary was held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The other version, measured at the same time.
    OtherArm,
    /// The other pods, at the same time.
    OtherPods,
    /// What the same service did a day before. Not concurrent.
    DayBefore,
    /// What it did a week before. Not concurrent.
    WeekBefore,
}

/// What became of an incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replay {
    /// The incident.
    pub incident: Incident,
    /// What the canary was held against.
    pub against: Against,
    /// How much of it was measured, or is left once the plan ends: nothing can be found later.
    pub replayed_ms: i64,
    /// How long it took to find it, for each split; `None` if it was not found.
    pub delays_ms: Vec<Option<i64>>,
    /// The first alarm of the first split that has one.
    pub alarm: Option<Alarm>,
    /// Evidence over time, one for each split.
    #[serde(skip)]
    pub paths: Vec<Vec<(i64, f64)>>,
}

impl Replay {
    /// The middle delay, if the incident was found in more than half of the splits.
    #[must_use]
    pub fn median_ms(&self) -> Option<i64> {
        let mut delays: Vec<i64> = self.delays_ms.iter().map(|delay| delay.unwrap_or(i64::MAX)).collect();
        delays.sort_unstable();
        delays.get(delays.len() / 2).copied().filter(|delay| *delay < i64::MAX)
    }

    /// In how many splits it was found.
    #[must_use]
    pub fn found(&self) -> usize {
        self.delays_ms.iter().flatten().count()
    }
}

/// Lets the incident happen to a release under this plan.
///
/// # Errors
/// `TG-7059`: it was not measured, or there is nothing to hold it against; `TG-7061`: a plan with nothing to compare.
pub fn replay(recording: &Recording, plan: &Plan, incident: &Incident, seed: u64) -> Result<Replay, Problem> {
    let judge = judge(plan)?;
    let during = between(recording, incident.from_ms, incident.to_ms);
    if during.is_empty() {
        let (from, to) = recording.bounds_ms();
        return Err(refused(
            incident,
            format!("nothing was measured then; the recording goes from {} to {}", moment(from), moment(to)),
            "correct the times, or take a recording that holds the incident",
        ));
    }
    let source = Source::find(recording, incident, during)?;
    let draws = if source.by_chance() { DRAWS } else { 1 };
    let runs: Vec<Run> = (0..draws).map(|number| source.run(plan, &judge, Chance::new(!seed, number))).collect();
    Ok(Replay {
        incident: incident.clone(),
        against: source.against,
        replayed_ms: runs.iter().map(|run| run.judged_ms).max().unwrap_or(0),
        delays_ms: runs.iter().map(|run| run.alarm.as_ref().map(|alarm| alarm.after_ms)).collect(),
        alarm: runs.iter().find_map(|run| run.alarm.clone()),
        paths: runs.into_iter().map(|run| run.path).collect(),
    })
}

/// Where canary and stable come from.
struct Source<'a> {
    recording: &'a Recording,
    during: &'a [Interval],
    against: Against,
    /// Of the marked pods.
    pods: Vec<usize>,
    /// How long before, for what is not concurrent.
    before_ms: i64,
}

impl<'a> Source<'a> {
    fn find(recording: &'a Recording, incident: &Incident, during: &'a [Interval]) -> Result<Source<'a>, Problem> {
        let source = |against, pods, before_ms| Ok(Source { recording, during, against, pods, before_ms });
        if !incident.pods.is_empty() {
            return source(Against::OtherPods, marked(recording, incident)?, 0);
        }
        if during.iter().any(|interval| interval.canary.is_some()) {
            return source(Against::OtherArm, Vec::new(), 0);
        }
        for (against, days) in [(Against::DayBefore, 1), (Against::WeekBefore, 7)] {
            let before_ms = days * DAY_MS;
            let then = during.iter().filter(|interval| at(recording, interval.from_ms - before_ms).is_some()).count();
            if then as f64 >= ENOUGH * during.len() as f64 {
                return source(against, Vec::new(), before_ms);
            }
        }
        Err(refused(
            incident,
            "it hit everybody, and neither the day nor the week before was measured".to_owned(),
            "name the pods that it hit after `@`, record the arms apart, or take a recording that is a day longer",
        ))
    }

    /// Whether two runs can differ.
    fn by_chance(&self) -> bool {
        match self.against {
            Against::DayBefore | Against::WeekBefore => true,
            Against::OtherArm | Against::OtherPods => false,
        }
    }

    fn run(&self, plan: &Plan, judge: &Judge, mut chance: Chance) -> Run {
        let split = self.during.first().map(|first| Split::draw(self.recording, first, &mut chance));
        let mut intervals = self.during.iter();
        walk(plan, judge.clone(), |share| {
            let interval = intervals.next()?;
            let arms = match (self.against, &split) {
                (Against::OtherArm, _) => measured(interval.canary.clone(), interval.together(|_| true), share),
                (Against::OtherPods, _) => measured(
                    interval.together(|pod| self.pods.contains(&pod)),
                    interval.together(|pod| !self.pods.contains(&pod)),
                    share,
                ),
                (Against::DayBefore | Against::WeekBefore, Some(split)) => {
                    let now = split.of(interval, share.fraction(), &mut chance);
                    let then = at(self.recording, interval.from_ms - self.before_ms);
                    let stable = then.and_then(|then| split.of(then, share.fraction(), &mut chance).stable);
                    Arms { stable, ..now }
                }
                (Against::DayBefore | Against::WeekBefore, None) => return None,
            };
            Some(Stretch { from_ms: interval.from_ms, to_ms: interval.to_ms, arms })
        })
    }
}

/// Arms as they were measured, whatever the plan would have asked for.
fn measured(canary: Option<judge::Arm>, stable: Option<judge::Arm>, asked: Share) -> Arms {
    let requests = |arm: &Option<judge::Arm>| arm.as_ref().map_or(0, |arm| arm.requests) as f64;
    let all = requests(&canary) + requests(&stable);
    let share = if all > 0.0 { requests(&canary) / all } else { asked.fraction() };
    Arms { share, canary, stable }
}

fn between(recording: &Recording, from_ms: i64, to_ms: i64) -> &[Interval] {
    let (begin, end) = (recording.index_from(from_ms), recording.index_from(to_ms));
    recording.intervals().get(begin..end).unwrap_or_default()
}

/// The interval that begins about then.
fn at(recording: &Recording, from_ms: i64) -> Option<&Interval> {
    let near = recording.step_ms() / 2;
    let found = recording.intervals().get(recording.index_from(from_ms.saturating_sub(near)))?;
    (found.from_ms <= from_ms.saturating_add(near)).then_some(found)
}

fn marked(recording: &Recording, incident: &Incident) -> Result<Vec<usize>, Problem> {
    let Units::Pods(known) = recording.units() else {
        return Err(refused(
            incident,
            "it names pods, and the recording does not know pods".to_owned(),
            "leave out what stands after `@`, or record each pod",
        ));
    };
    let mut pods = Vec::new();
    for name in &incident.pods {
        let Some(pod) = known.iter().position(|pod| pod == name) else {
            return Err(refused(
                incident,
                format!("there is no pod `{name}`; there are {}", shown(known)),
                "name pods as the recording does",
            ));
        };
        pods.push(pod);
    }
    if pods.len() >= known.len() {
        return Err(refused(
            incident,
            "it names all pods, so that nobody is left to compare with".to_owned(),
            "leave out what stands after `@`: it is then held against the day before",
        ));
    }
    Ok(pods)
}

/// A few of them.
fn shown(pods: &[String]) -> String {
    const MOST: usize = 5;
    let mut names = pods.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if pods.len() > MOST {
        names.push_str(&format!(" and {} more", pods.len() - MOST));
    }
    names
}

fn refused(incident: &Incident, why: String, hint: &str) -> Problem {
    let length = spoken(incident.length_ms());
    Problem::new("TG-7059", format!("the incident `{}` ({length}) cannot be replayed", incident.name), why, hint)
}
