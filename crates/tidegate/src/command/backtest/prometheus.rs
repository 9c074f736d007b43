//! A recording out of a Prometheus server, by the selectors of the policy's own signal.

use super::plans::Planned;
use super::source::{Between, Named};
use super::{Args, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use adapters::{Past, Processes, Stretch};
use backtest::{Interval, Recording, Units};
use engine::{Millis, Timestamp};
use judge::{Arm, Side};
use policy::PrometheusSignal;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often the progress of a long read is told.
const EVERY: Duration = Duration::from_secs(5);

/// What is asked.
#[derive(Debug)]
pub(super) struct Question {
    wired: PrometheusSignal,
    stretch: Stretch,
    stable: String,
    canary: Option<String>,
}

impl Question {
    pub(super) fn of(args: &Args, url: &str, between: Between, plans: &[Planned]) -> Result<Question, Failure> {
        let Some((wired, interval)) =
            plans.iter().find_map(|planned| Some((planned.prometheus.clone()?, planned.plan.interval)))
        else {
            return Err(Failure::new(Exit::Usage, "TG-7060", "the service has no Prometheus signal")
                .because("the selectors of the policy say which counters are whose")
                .hint("add a signal of kind prometheus to the policy, or hand the measurements in with --csv"));
        };
        let (Some(from), Some(to)) = (between.from_ms, between.to_ms) else {
            return Err(Failure::new(Exit::Usage, "TG-7060", "--prometheus needs --from and --to")
                .hint("write times as in 2026-03-01T10:00:00Z"));
        };
        let asks_for_version = format!("{:?}", wired.arms).contains(policy::selector::VERSION);
        let stable = match &args.stable {
            Some(version) => version.clone(),
            None if !asks_for_version => String::new(),
            None => {
                return Err(Failure::new(Exit::Usage, "TG-7060", "the selectors of the policy ask for a version")
                    .because("they hold `$version`")
                    .hint("name the version that served in that time with --stable"));
            }
        };
        let every = args.step.map_or(interval, |seconds| Millis(seconds.saturating_mul(1_000)));
        let stretch = Stretch { from: Timestamp(from), to: Timestamp(to), every };
        let wired = PrometheusSignal { url: url.to_owned(), ..wired };
        Ok(Question { wired, stretch, stable, canary: args.canary.clone() })
    }
}

pub(super) async fn read(question: &Question, out: &Out) -> Result<Named, Failure> {
    let past = Past::new(&question.wired)?;
    let every = i64::try_from(question.stretch.every.0).unwrap_or(i64::MAX).max(1);
    let blocks = (question.stretch.to.0 - question.stretch.from.0) / every;
    let mut last = Instant::now();
    let mut tell = |done: i64| {
        if last.elapsed() >= EVERY {
            last = Instant::now();
            out.note(&format!("backtest: {done} of {blocks} blocks read"));
        }
    };
    let stable = past.read(Side::Stable, &question.stable, question.stretch, &mut tell).await?;
    let canary = match &question.canary {
        None => Processes::default(),
        Some(version) => past.read(Side::Canary, version, question.stretch, &mut tell).await?,
    };
    let recording = recording(stable, canary, every).map_err(told)?;
    let notes = match recording.units() {
        Units::Total => vec!["only one process was scraped".to_owned()],
        Units::Pods(_) | Units::UserBuckets => Vec::new(),
    };
    Ok(Named { recording, name: question.wired.url.clone(), notes })
}

fn recording(stable: Processes, canary: Processes, every: i64) -> Result<Recording, backtest::Problem> {
    let mut others: BTreeMap<i64, Arm> = BTreeMap::new();
    for (at, arms) in canary.blocks {
        if let Some(sum) = arms.into_iter().flatten().reduce(together) {
            others.insert(at.0, sum);
        }
    }
    let intervals = stable.blocks.into_iter().map(|(at, arms)| Interval {
        from_ms: at.0,
        to_ms: at.0 + every,
        stable: if arms.is_empty() { vec![None] } else { arms },
        canary: others.remove(&at.0),
    });
    let units = if stable.names.len() > 1 { Units::Pods(stable.names) } else { Units::Total };
    Recording::new(units, intervals.collect())
}

fn together(mut sum: Arm, more: Arm) -> Arm {
    sum.requests = sum.requests.saturating_add(more.requests);
    sum.errors = sum.errors.saturating_add(more.errors);
    sum.latency.merge(&more.latency);
    sum
}
