//! How often a release that changes nothing is taken back, and how often one exactly at a margin is passed: the two promises of
//! the judge, measured. Everything the judge needs to know it learns from the blocks, as in life; it looks every 5 seconds.
//!
//!     false_alarms [--runs 20000] [--first-seed 1] [--threads 2] [--list] [CLASS...]
//!
//! A line of JSON for each class, with the upper 99 % bound of the rate (Clopper and Pearson), and every 1,000 rollouts where it
//! stands. A run can be stopped at any time and gone on with from another first seed: the counts of disjoint seeds add up.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program is its output")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bench_judge::{Clusters, Effect, Ours, Rollout, Scenario, Timetable, upper_bound};
use serde_json::json;

const LOOK_EVERY_S: u32 = 5;

struct Asked {
    runs: u64,
    first_seed: u64,
    threads: usize,
    classes: Vec<Class>,
}

/// One kind of traffic, and what is promised for it.
struct Class {
    scenario: Scenario,
    wrong: Wrong,
    at_most: f64,
}

/// What must be rare.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    /// To take a release back that is no worse than the margins.
    TakenBack,
    /// To pass the last phase exactly at a margin.
    Passed,
}

#[derive(Default)]
struct Tally {
    runs: u64,
    wrong: u64,
    causes: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        classes().iter().for_each(|class| println!("{}: {}", class.scenario.name, class.scenario.about));
        return ExitCode::SUCCESS;
    }
    let kept = asked(&arguments).and_then(|asked| {
        asked.classes.iter().try_fold(true, |kept, class| Ok::<bool, String>(measure(class, &asked)? && kept))
    });
    match kept {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("false_alarms: a promise is not kept");
            ExitCode::FAILURE
        }
        Err(problem) => {
            eprintln!("false_alarms: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// The classes of the promise: 1 % where errors are independent, 1.5 % where they come in clusters, 5 % for a pass.
fn classes() -> Vec<Class> {
    let mut all = Vec::new();
    for (rate, names) in [
        (1.0, ["independent_r1", "users_r1", "pods_r1", "bursts_r1"]),
        (10.0, ["independent_r10", "users_r10", "pods_r10", "bursts_r10"]),
        (100.0, ["independent_r100", "users_r100", "pods_r100", "bursts_r100"]),
        (1_000.0, ["independent_r1000", "users_r1000", "pods_r1000", "bursts_r1000"]),
    ] {
        let of = |name, about, within_users, within_pods, shared_bursts| Scenario {
            about,
            rate,
            clusters: Clusters { within_users, within_pods },
            shared_bursts,
            ..Scenario::healthy(name)
        };
        let [independent, users, pods, bursts] = names;
        let healthy = |scenario, at_most| Class { scenario, wrong: Wrong::TakenBack, at_most };
        all.push(healthy(of(independent, "each error on its own", 0.0, 0.0, false), 0.01));
        all.push(healthy(of(users, "all errors in clusters within users", 1.0, 0.0, false), 0.015));
        all.push(healthy(of(pods, "all errors in clusters within pods", 0.0, 1.0, false), 0.015));
        let about = "bursts that both arms share, 30 % of the other errors in clusters within users, 30 % within pods";
        all.push(healthy(of(bursts, about, 0.3, 0.3, true), 0.015));
    }
    let at_margin = |name, about, rate, canary, clusters| Class {
        scenario: Scenario { about, rate, canary, clusters, ..Scenario::healthy(name) },
        wrong: Wrong::Passed,
        at_most: 0.05,
    };
    let alone = Clusters::default();
    let more = Effect { errors: 0.001, errors_in_clusters: true, ..Effect::default() };
    let slower = Effect { slower: 0.1, ..Effect::default() };
    let in_users = Clusters { within_users: 1.0, within_pods: 0.0 };
    let in_pods = Clusters { within_users: 0.0, within_pods: 1.0 };
    all.push(at_margin("margin_errors_r100", "0.1 points more errors exactly", 100.0, more, alone));
    all.push(at_margin("margin_errors_r1000", "0.1 points more errors exactly", 1_000.0, more, alone));
    all.push(at_margin("margin_errors_users_r100", "the same, all in clusters within users", 100.0, more, in_users));
    all.push(at_margin("margin_errors_users_r1000", "the same, all in clusters within users", 1_000.0, more, in_users));
    all.push(at_margin("margin_errors_pods_r100", "the same, all in clusters within pods", 100.0, more, in_pods));
    all.push(at_margin("margin_errors_pods_r1000", "the same, all in clusters within pods", 1_000.0, more, in_pods));
    all.push(at_margin("margin_latency_r100", "10 % slower exactly", 100.0, slower, alone));
    all.push(at_margin("margin_latency_r1000", "10 % slower exactly", 1_000.0, slower, alone));
    all
}

/// Whether the promise is kept, as far as so many runs can tell.
fn measure(class: &Class, asked: &Asked) -> Result<bool, String> {
    let (table, next) = (Timetable::standard().in_blocks_of(LOOK_EVERY_S), AtomicU64::new(0));
    let tally = Mutex::new(Tally::default());
    let work = || -> Result<(), String> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= asked.runs {
                return Ok(());
            }
            let cause = wrong(class, asked.first_seed + number, &table)?;
            let mut tally = tally.lock().map_err(|_| "a thread ended early".to_string())?;
            tally.runs += 1;
            if let Some(cause) = cause {
                tally.wrong += 1;
                tally.causes.push(cause);
            }
            if tally.runs.is_multiple_of(1_000) {
                eprintln!("{}: {} of {}, {} wrong", class.scenario.name, tally.runs, asked.runs, tally.wrong);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..asked.threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread ended early".to_string())?)
    })?;
    let mut tally = tally.into_inner().map_err(|_| "a thread ended early".to_string())?;
    tally.causes.sort();
    let upper = upper_bound(tally.wrong, tally.runs, 0.99);
    let line = json!({
        "class": class.scenario.name,
        "about": class.scenario.about,
        "what": if class.wrong == Wrong::TakenBack { "healthy, taken back" } else { "at the margin, passed" },
        "first_seed": asked.first_seed,
        "runs": tally.runs,
        "wrong": tally.wrong,
        "rate": tally.wrong as f64 / tally.runs as f64,
        "upper_99": upper,
        "promised": class.at_most,
        "kept": upper <= class.at_most,
        "causes": tally.causes,
    });
    println!("{line}");
    Ok(upper <= class.at_most)
}

/// What went wrong in the rollout of this seed, if it did.
fn wrong(class: &Class, seed: u64, table: &Timetable) -> Result<Option<String>, String> {
    let mut ours = Ours::new().map_err(|problem| problem.to_string())?;
    for interval in Rollout::new(&class.scenario, seed, table) {
        ours.push(&interval);
        if ours.harm_s.is_some() {
            break;
        }
    }
    ours.end();
    Ok(match class.wrong {
        Wrong::TakenBack => ours.harm_s.map(|second| format!("{:?} at {second} s, seed {seed}", ours.cause)),
        Wrong::Passed => (ours.passed.len() == 3 && ours.passed.last() == Some(&true)).then(|| format!("seed {seed}")),
    })
}

fn asked(arguments: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { runs: 20_000, first_seed: 1, threads: 2, classes: Vec::new() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || -> Result<u64, String> {
            let value = rest.next().ok_or(format!("{argument} needs a number"))?;
            value.replace('_', "").parse().map_err(|_| format!("{argument} needs a number, not {value:?}"))
        };
        match argument.as_str() {
            "--runs" => asked.runs = number()?.max(1),
            "--first-seed" => asked.first_seed = number()?,
            "--threads" => asked.threads = (number()? as usize).max(1),
            option if option.starts_with("--") => return Err(format!("unknown option {option}")),
            name => {
                let known = classes().into_iter().find(|class| class.scenario.name == name);
                asked.classes.push(known.ok_or(format!("no class {name:?}; --list names them"))?);
            }
        }
    }
    if asked.classes.is_empty() {
        asked.classes = classes();
    }
    Ok(asked)
}
