//! The replay itself: incidents first, as they are few, then one healthy run of each rollout in turn. Whoever stops in the middle has
//! all incidents, and as many runs of one rollout as of another.

use super::plans::Planned;
use super::source::Named;
use super::{Failure, told};
use crate::out::Out;
use backtest::{Healthy, Incident, Problem, Replay, Summary, replay};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the progress of a long replay is told.
const EVERY: Duration = Duration::from_secs(5);

/// What is to be done.
pub(super) struct Work {
    pub(super) recording: Named,
    pub(super) plans: Vec<Planned>,
    pub(super) incidents: Vec<Incident>,
    pub(super) runs: u64,
    pub(super) seed: u64,
}

/// What was found.
pub(super) struct Done {
    pub(super) recording: Named,
    pub(super) rollouts: Vec<Rollout>,
    pub(super) runs_asked: u64,
    pub(super) seed: u64,
    /// Somebody stopped it.
    pub(super) partial: bool,
}

/// What was found for one rollout.
pub(super) struct Rollout {
    pub(super) planned: Planned,
    /// With how many such rollouts fit into the recording side by side.
    pub(super) healthy: Result<(Summary, i64), Problem>,
    pub(super) replays: Vec<Result<Replay, Problem>>,
}

impl Work {
    /// Works until all is done or `stopped`.
    pub(super) fn run(self, stopped: &AtomicBool, out: &Out) -> Result<Done, Failure> {
        let Work { recording: named, plans, incidents, runs, seed } = self;
        let recording = &named.recording;
        let mut progress = Progress { last: Instant::now(), out };
        let mut partial = false;
        let mut replays: Vec<Vec<Result<Replay, Problem>>> = Vec::new();
        for planned in &plans {
            let mut of_plan = Vec::new();
            for incident in &incidents {
                partial |= stopped.load(Ordering::Relaxed);
                if partial {
                    break;
                }
                of_plan.push(replay(recording, &planned.plan, incident, seed));
                progress.tell(|| format!("{} incidents under {}", of_plan.len(), planned.plan.name));
            }
            replays.push(of_plan);
        }
        let calm = recording.without(&incidents);
        let healthy: Vec<_> = plans
            .iter()
            .map(|planned| Healthy::new(calm.as_ref().map_err(Problem::clone)?, &planned.plan, seed))
            .collect();
        let mut summaries: Vec<Summary> = plans.iter().map(|_| Summary::default()).collect();
        'runs: for number in 0..runs {
            for (healthy, summary) in healthy.iter().zip(&mut summaries) {
                partial |= stopped.load(Ordering::Relaxed);
                if partial {
                    break 'runs;
                }
                if let Ok(healthy) = healthy {
                    summary.add(healthy.run(number));
                }
            }
            progress.tell(|| {
                let alarms: u64 = summaries.iter().map(|summary| summary.false_alarms.count).sum();
                format!("{} of {runs} runs, {alarms} alarms", number + 1)
            });
        }
        let healthy: Vec<_> =
            healthy.into_iter().map(|healthy| healthy.map(|healthy| healthy.side_by_side())).collect();
        let rollouts = plans.into_iter().zip(healthy).zip(summaries).zip(replays);
        let rollouts: Vec<Rollout> = rollouts
            .map(|(((planned, healthy), summary), replays)| Rollout {
                planned,
                healthy: healthy.map(|side_by_side| (summary, side_by_side)),
                replays,
            })
            .collect();
        useless(&rollouts)?;
        Ok(Done { recording: named, rollouts, runs_asked: runs, seed, partial })
    }
}

/// If nothing could be replayed, the reason is the answer.
fn useless(rollouts: &[Rollout]) -> Result<(), Failure> {
    let any = rollouts.iter().any(|rollout| rollout.healthy.is_ok() || rollout.replays.iter().any(Result::is_ok));
    let first = rollouts.iter().find_map(|rollout| {
        let of_incidents = rollout.replays.iter().find_map(|replay| replay.as_ref().err());
        of_incidents.or(rollout.healthy.as_ref().err())
    });
    match first {
        Some(problem) if !any => Err(told(problem.clone())),
        Some(_) | None => Ok(()),
    }
}

struct Progress<'a> {
    last: Instant,
    out: &'a Out,
}

impl Progress<'_> {
    fn tell(&mut self, how_far: impl FnOnce() -> String) {
        if self.last.elapsed() >= EVERY {
            self.last = Instant::now();
            self.out.note(&format!("backtest: {}", how_far()));
        }
    }
}
