//! Random worlds by seed, on every core, until one breaks an invariant.

use crate::{Answer, story};
use sim::campaign::{Campaign, examine};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a campaign has seen so far, over all its threads.
struct Progress {
    next: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
    failures: Mutex<Vec<(u64, String)>>,
    ends: Mutex<BTreeMap<&'static str, u64>>,
}

/// Lives `n` worlds from seed `from` on.
pub(crate) fn live(from: u64, n: u64, json: bool) -> Answer {
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
    let failures = progress.failures.into_inner().unwrap_or_default();
    if json {
        let seconds = began.elapsed().as_secs_f64();
        let done = progress.done.load(Ordering::Relaxed);
        let ends: Vec<String> = ends.iter().map(|(end, n)| format!("\"{end}\":{n}")).collect();
        let broken: Vec<String> = failures
            .iter()
            .map(|(seed, what)| {
                format!("{{\"seed\":{seed},\"invariant\":\"{what}\"}}", what = what.lines().next().unwrap_or_default())
            })
            .collect();
        writeln!(
            io::stdout(),
            "{{\"from\":{from},\"seeds\":{done},\"seconds\":{seconds:.3},\"seeds_per_second\":{rate:.1},\"threads\":{threads},\"ends\":{{{ends}}},\"broken\":[{broken}]}}",
            rate = rate(done, began),
            ends = ends.join(","),
            broken = broken.join(",")
        )?;
    } else {
        writeln!(io::stderr(), "{}", ends.iter().map(|(end, n)| format!("{end} {n}")).collect::<Vec<_>>().join(", "))?;
        failures.iter().try_for_each(|(_, failure)| writeln!(io::stdout(), "{failure}"))?;
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
                broken.first().map(|first| story::shrunk(seed, &scenario, &outcome, first.invariant))
            }
            Some((Err(error), _)) => Some(format!("seed {seed}: {error}")),
            None => Some(format!("seed {seed} makes no world")),
        };
        progress.done.fetch_add(1, Ordering::Relaxed);
        if let (Some(failure), Ok(mut failures)) = (failure, progress.failures.lock()) {
            progress.stop.store(true, Ordering::Relaxed);
            failures.push((seed, failure));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(done: u64, began: Instant) -> f64 {
    done as f64 / began.elapsed().as_secs_f64().max(1e-3)
}

fn tell(progress: &Progress, began: Instant) {
    let done = progress.done.load(Ordering::Relaxed);
    // Nobody is left to be told when the terminal is gone.
    let _ = writeln!(io::stderr(), "{done} seeds, {:.0} seeds/s", rate(done, began));
}
