//! `tidegate backtest`: what a policy's judge would have said about measurements of the past. Nothing is changed anywhere.

mod plans;
mod prometheus;
mod report;
mod source;
mod store;
mod work;

use self::source::Source;
use self::work::{Rollout, Work};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::runtime;
use crate::serve::read_policy;
use backtest::{Incident, Problem, Replay, Summary, read_incidents, svg};
use clap::ArgGroup;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(clap::Args, Debug)]
#[command(group(ArgGroup::new("source").required(true).args(["csv", "prometheus", "data"])))]
pub(crate) struct Args {
    /// The policy
    #[arg(long, value_name = "FILE", default_value = "tidegate.yaml")]
    policy: PathBuf,
    /// A table with the columns time, requests, errors, and if known arm, pod, le_0.1 …
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    csv: Option<PathBuf>,
    /// The numbers of the table are running totals
    #[arg(long, requires = "csv", help_heading = "Source")]
    totals: bool,
    /// A Prometheus server, asked by the selectors of the policy
    #[arg(long, value_name = "URL", requires = "from", requires = "to", help_heading = "Source")]
    prometheus: Option<String>,
    /// Begin, as in 2026-03-01T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "csv", help_heading = "Source")]
    from: Option<i64>,
    /// End
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "csv", help_heading = "Source")]
    to: Option<i64>,
    /// The version that served, where the selectors ask for one
    #[arg(long, value_name = "VERSION", requires = "prometheus", help_heading = "Source")]
    stable: Option<String>,
    /// The version that was its canary, if there was one
    #[arg(long, value_name = "VERSION", requires = "prometheus", help_heading = "Source")]
    canary: Option<String>,
    /// Length of a block in seconds; without it, the interval of the rollout
    #[arg(long, value_name = "SECONDS", requires = "prometheus", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Source")]
    step: Option<u64>,
    /// The data directory of a server, whether it runs or not
    #[arg(long, value_name = "DIR", help_heading = "Source")]
    data: Option<PathBuf>,
    /// The service, if the policy has several
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Replay this rollout only
    #[arg(long, value_name = "NAME")]
    rollout: Option<String>,
    /// How many releases that change nothing
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    runs: u64,
    /// Where chance begins; the same seed draws the same windows and splits
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Something that went wrong: FROM..TO, @pod,pod if only these were hit, :name
    #[arg(long = "incident", value_name = "FROM..TO[@PODS][:NAME]", value_parser = Incident::read)]
    incident: Vec<Incident>,
    /// A file with one incident a line
    #[arg(long, value_name = "FILE")]
    incidents: Option<PathBuf>,
    /// Write a picture of the evidence over time
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub(crate) async fn run(args: Args, out: &Out) -> Result<Exit, Failure> {
    let mut stop = pin!(runtime::told_to_stop()?);
    let policy = read_policy(&args.policy)?;
    let service = plans::service(&policy, args.service.as_deref())?;
    let plans = plans::of(&policy, &service, args.rollout.as_deref())?;
    let incidents = incidents(&args)?;
    let source = Source::of(&args, &plans)?;
    let recording = tokio::select! {
        recording = source.read(&service, out) => recording?,
        () = &mut stop => return Err(nothing_yet()),
    };
    let stopped = Arc::new(AtomicBool::new(false));
    let work = Work { recording, plans, incidents, runs: args.runs, seed: args.seed };
    let (seen, notes) = (Arc::clone(&stopped), *out);
    let mut working = tokio::task::spawn_blocking(move || work.run(&seen, &notes));
    let done = tokio::select! {
        done = &mut working => done,
        () = &mut stop => {
            stopped.store(true, Ordering::Relaxed);
            working.await
        }
    };
    let done = done
        .map_err(|error| Failure::new(Exit::Failed, "TG-7064", "the replay broke off").because(error.to_string()))??;
    if let Some(path) = &args.svg {
        draw(path, &done.rollouts)?;
    }
    report::tell(&done, &service, &args.policy, out)?;
    Ok(if done.partial { Exit::Interrupted } else { Exit::Done })
}

/// From the command line and from the file.
fn incidents(args: &Args) -> Result<Vec<Incident>, Failure> {
    let mut all = args.incident.clone();
    if let Some(path) = &args.incidents {
        all.extend(read_incidents(&text(path)?, &path.display().to_string()).map_err(told)?);
    }
    Ok(all)
}

/// A file that somebody named.
fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::new(Exit::Failed, "TG-7050", format!("{} cannot be read", path.display()))
            .because(error.to_string())
            .hint("name a file of text that this user may read")
    })
}

fn draw(path: &Path, rollouts: &[Rollout]) -> Result<(), Failure> {
    let nothing = Summary::default();
    let replays: Vec<Vec<Replay>> =
        rollouts.iter().map(|rollout| rollout.replays.iter().flatten().cloned().collect()).collect();
    let panels: Vec<_> = rollouts
        .iter()
        .zip(&replays)
        .map(|(rollout, replays)| {
            let healthy = rollout.healthy.as_ref().map_or(&nothing, |(summary, _)| summary);
            (&rollout.planned.plan, healthy, replays.as_slice())
        })
        .collect();
    std::fs::write(path, svg(&panels)).map_err(|error| {
        Failure::new(Exit::Failed, "TG-7062", format!("{} cannot be written", path.display()))
            .because(error.to_string())
            .hint("name another file with --svg")
    })
}

fn nothing_yet() -> Failure {
    Failure::new(Exit::Interrupted, "TG-7063", "stopped before anything was computed")
        .hint("run it again; with a shorter time it reads less")
}

/// What the replay says of why not.
fn told(problem: Problem) -> Failure {
    Failure::new(Exit::Failed, problem.code, problem.what).because(problem.why).hint(problem.hint)
}

fn moment(text: &str) -> Result<i64, String> {
    crate::render::time::read(text).ok_or_else(|| "write it as in 2026-03-01T10:00:00Z".to_owned())
}
