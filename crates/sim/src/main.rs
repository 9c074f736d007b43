//! The simulator's command line: random worlds by seed until one breaks an invariant, one world in words, or the time that
//! the rollout of the process takes.

use control::ReleaseId;
use engine::{Millis, State};
use sim::campaign::{Campaign, examine, shrink};
use sim::{Outcome, Scenario, Traffic, run, standard};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const USAGE: &str = "\
sim --seeds N [--from S]   lives N random worlds, each twice; 1 when an invariant is broken
sim --seed S               lives one of them and tells its story
sim --rollout [N]          times the phases of the process: 5 %, 25 % and 50 %, 3.5 hours
";

/// The simulator is measured with the allocator that the binary has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Answer = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    match asked(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to be told when the terminal is gone.
            let _ = writeln!(io::stderr(), "sim: {error}");
            ExitCode::from(2)
        }
    }
}

fn asked(arguments: &[String]) -> Answer {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--seeds", n] => many(0, n.parse()?),
        ["--seeds", n, "--from", from] | ["--from", from, "--seeds", n] => many(from.parse()?, n.parse()?),
        ["--seed", seed] => one(seed.parse()?),
        ["--rollout"] => rollout(30),
        ["--rollout", times] => rollout(times.parse()?),
        _ => {
            write!(io::stderr(), "{USAGE}")?;
            Ok(ExitCode::from(2))
        }
    }
}

/// What a campaign has seen so far, over all its threads.
struct Progress {
    next: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
    failures: Mutex<Vec<String>>,
    ends: Mutex<BTreeMap<&'static str, u64>>,
}

fn many(from: u64, n: u64) -> Answer {
    let campaign = Campaign::new().map_err(|problems| problems.render(false))?;
    let progress = Progress {
        next: AtomicU64::new(from),
        done: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        failures: Mutex::default(),
        ends: Mutex::default(),
    };
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&campaign, &progress, from + n))).collect();
        let mut told = Instant::now();
        while workers.iter().any(|worker| !worker.is_finished()) {
            std::thread::sleep(Duration::from_millis(50));
            if told.elapsed() >= Duration::from_secs(1) {
                told = Instant::now();
                tell(&progress, began);
            }
        }
    });
    tell(&progress, began);
    let ends = progress.ends.into_inner().unwrap_or_default();
    writeln!(io::stderr(), "{}", ends.iter().map(|(end, n)| format!("{end} {n}")).collect::<Vec<_>>().join(", "))?;
    let failures = progress.failures.into_inner().unwrap_or_default();
    for failure in &failures {
        writeln!(io::stdout(), "{failure}")?;
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn work(campaign: &Campaign, progress: &Progress, end: u64) {
    while !progress.stop.load(Ordering::Relaxed) {
        let seed = progress.next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return;
        }
        let failure = match campaign.scenario(seed).map(|scenario| (examine(&scenario), scenario)) {
            Some((Ok((outcome, broken)), scenario)) => {
                if let Ok(mut ends) = progress.ends.lock() {
                    outcome.words().into_iter().for_each(|word| *ends.entry(word).or_default() += 1);
                }
                broken.first().map(|first| story(seed, &scenario, &outcome, first.invariant))
            }
            Some((Err(error), _)) => Some(format!("seed {seed}: {error}")),
            None => Some(format!("seed {seed} makes no world")),
        };
        progress.done.fetch_add(1, Ordering::Relaxed);
        if let (Some(failure), Ok(mut failures)) = (failure, progress.failures.lock()) {
            progress.stop.store(true, Ordering::Relaxed);
            failures.push(failure);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn tell(progress: &Progress, began: Instant) {
    let done = progress.done.load(Ordering::Relaxed);
    let rate = done as f64 / began.elapsed().as_secs_f64().max(1e-3);
    // Nobody is left to be told when the terminal is gone.
    let _ = writeln!(io::stderr(), "{done} seeds, {rate:.0} seeds/s");
}

/// A failing seed, shrunk, with everything that is needed to understand it.
fn story(seed: u64, scenario: &Scenario, outcome: &Outcome, invariant: &str) -> String {
    let fails = |scenario: &Scenario| Ok(examine(scenario)?.1.iter().any(|broken| broken.invariant == invariant));
    let small = shrink(scenario, fails).unwrap_or_else(|_| scenario.clone());
    let shrunk = examine(&small);
    let (outcome, broken) = shrunk.unwrap_or_else(|_| (outcome.clone(), outcome.broken.clone()));
    let mut text = format!("seed {seed} breaks: {invariant}\n\n{}", described(&small));
    text += &outcome.timeline.iter().fold(String::new(), |all, line| all + "  " + line + "\n");
    text += &broken.iter().fold(String::new(), |all, broken| all + &broken.to_string() + "\n");
    text + &format!("again: cargo run --release -p sim -- --seed {seed}\n")
}

fn described(scenario: &Scenario) -> String {
    let mut text = format!(
        "replicas {}, ports take {} ms, versions start in {}, crashes at {:?}, restart after {}\n",
        scenario.replicas, scenario.port_ms, scenario.start, scenario.crashes, scenario.restart_after
    );
    for fault in &scenario.faults {
        text += &format!("from {} to {}: {:?}\n", fault.during.from, fault.during.to, fault.what);
    }
    for (at, act) in &scenario.people {
        text += &format!("after {at}: {act:?}\n");
    }
    text
}

fn one(seed: u64) -> Answer {
    let campaign = Campaign::new().map_err(|problems| problems.render(false))?;
    let scenario = campaign.scenario(seed).ok_or("this seed makes no world")?;
    let (outcome, broken) = examine(&scenario)?;
    let mut out = io::stdout().lock();
    write!(out, "{}", described(&scenario))?;
    outcome.timeline.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    outcome.told().iter().try_for_each(|line| writeln!(out, "  told {line}"))?;
    outcome.troubles.iter().try_for_each(|trouble| writeln!(out, "  trouble {trouble}"))?;
    let line = |(id, state): (&ReleaseId, &State)| format!("{id} {}", state.headline().line);
    outcome.releases.iter().try_for_each(|release| writeln!(out, "{}", line(release)))?;
    broken.iter().try_for_each(|broken| writeln!(out, "{broken}"))?;
    writeln!(out, "{} in {:?}, journal {}", outcome.lasted, outcome.wall, outcome.head)?;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rollout(times: usize) -> Answer {
    let mut scenario = Scenario::good(3, standard().map_err(|problems| problems.render(false))?);
    scenario.traffic = Traffic { per_second: 600.0, daily_swing: 0.3, by_user: false };
    // Phases of 3.5 hours, and what comes before and after them; the watch is not counted.
    scenario.until = Millis::minutes(210) + Millis::seconds(10);
    let mut walls = Vec::new();
    let mut last = None;
    for _ in 0..times {
        let outcome = run(&scenario)?;
        walls.push(outcome.wall);
        last = Some(outcome);
    }
    walls.sort_unstable();
    let outcome = last.ok_or("no run")?;
    let (best, middle) = (walls.first().ok_or("no run")?, walls.get(times / 2).ok_or("no run")?);
    writeln!(
        io::stdout(),
        "{} {} of virtual time, {} awaits: best {best:?}, median {middle:?} of {}",
        outcome.word(),
        outcome.lasted,
        outcome.points,
        walls.len()
    )?;
    Ok(if outcome.word() == "watching" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
