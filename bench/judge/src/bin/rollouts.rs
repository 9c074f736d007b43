//! Draws rollouts of the scenarios named, asks every method about each, and prints a line of JSON for each scenario as soon as
//! it is done. `bench/run judge` starts it and makes the page; see bench/README.md.
//!
//!     rollouts [--runs 2000] [--first-seed 1] [--threads 2] [--block 10] [--list] [NAME...]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program is its output")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use bench_judge::{Run, Scenario, Table, Timetable, scenarios};

struct Asked {
    runs: usize,
    first_seed: u64,
    threads: usize,
    block_s: u32,
    scenarios: Vec<Scenario>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        scenarios().iter().for_each(|scenario| println!("{}", scenario.name));
        return ExitCode::SUCCESS;
    }
    let done = asked(&arguments).and_then(|asked| asked.scenarios.iter().try_for_each(|one| measure(one, &asked)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("rollouts: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn measure(scenario: &Scenario, asked: &Asked) -> Result<(), String> {
    let runs = drawn(scenario, asked)?;
    let table = Table::of(scenario, &runs, asked.first_seed);
    println!("{}", serde_json::to_string(&table).map_err(|problem| problem.to_string())?);
    Ok(())
}

/// All rollouts of a scenario, in the order of their seeds.
fn drawn(scenario: &Scenario, asked: &Asked) -> Result<Vec<Run>, String> {
    let (table, next) = (Timetable::standard().in_blocks_of(asked.block_s), AtomicUsize::new(0));
    let work = || -> Result<Vec<(usize, Run)>, String> {
        let mut own = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= asked.runs {
                return Ok(own);
            }
            let seed = asked.first_seed + number as u64;
            own.push((number, Run::of(scenario, seed, &table).map_err(|problem| problem.to_string())?));
            if number % 100 == 99 {
                eprintln!("{}: {} of {}", scenario.name, number + 1, asked.runs);
            }
        }
    };
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..asked.threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread ended early".to_string())).collect()
    });
    let mut all = Vec::new();
    for part in parts {
        all.extend(part??);
    }
    all.sort_by_key(|entry| entry.0);
    Ok(all.into_iter().map(|entry| entry.1).collect())
}

fn asked(arguments: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { runs: 2_000, first_seed: 1, threads: 2, block_s: 10, scenarios: Vec::new() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || -> Result<u64, String> {
            let value = rest.next().ok_or(format!("{argument} needs a number"))?;
            value.replace('_', "").parse().map_err(|_| format!("{argument} needs a number, not {value:?}"))
        };
        match argument.as_str() {
            "--runs" => asked.runs = number()? as usize,
            "--first-seed" => asked.first_seed = number()?,
            "--threads" => asked.threads = number()? as usize,
            "--block" => asked.block_s = u32::try_from(number()?).map_err(|_| "--block is too long".to_string())?,
            option if option.starts_with("--") => return Err(format!("unknown option {option}")),
            name => {
                let known = bench_judge::scenario(name);
                asked.scenarios.push(known.ok_or(format!("no scenario {name:?}; --list names them"))?);
            }
        }
    }
    if asked.runs == 0 || asked.threads == 0 {
        return Err("at least one run on one thread".to_string());
    }
    if asked.block_s == 0 || 60 % asked.block_s != 0 {
        return Err(format!("--block {}: a minute must be a whole number of blocks", asked.block_s));
    }
    if asked.scenarios.is_empty() {
        asked.scenarios = scenarios();
    }
    Ok(asked)
}
