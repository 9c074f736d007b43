//! The time that the rollout of the process takes, which nobody can wait for.

use crate::Answer;
use engine::Millis;
use sim::{Scenario, Traffic, run, standard};
use std::io::{self, Write};
use std::process::ExitCode;

/// Requests per second, without another word.
pub(crate) const TRAFFIC: f64 = 600.0;

/// Lives the rollout of the process so many times, with so many requests per second.
pub(crate) fn time(times: usize, per_second: f64) -> Answer {
    let mut scenario = Scenario::good(3, standard().map_err(|problems| problems.render(false))?);
    scenario.traffic = Traffic { per_second, daily_swing: 0.3, by_user: false, pushed: false };
    // Phases of 3.5 hours, and what comes before and after them; the watch is not counted.
    scenario.until = Millis::minutes(210) + Millis::seconds(10);
    let (mut lived, mut checked) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..times {
        let outcome = run(&scenario)?;
        lived.push(outcome.wall);
        checked.push(outcome.checked);
        last = Some(outcome);
    }
    let outcome = last.ok_or("no run")?;
    let (word, lasted, awaits) = (outcome.word(), outcome.lasted, outcome.points);
    writeln!(io::stdout(), "{word} {lasted} of virtual time, {per_second} requests per second, {awaits} awaits")?;
    for (what, mut walls) in [("lived", lived), ("checked against every invariant", checked)] {
        walls.sort_unstable();
        let (best, middle) = (walls.first().ok_or("no run")?, walls.get(times / 2).ok_or("no run")?);
        writeln!(io::stdout(), "{what} in: best {best:?}, median {middle:?} of {times}")?;
    }
    Ok(if outcome.word() == "watching" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
