//! One world in words.

use crate::Answer;
use control::ReleaseId;
use engine::State;
use sim::campaign::{Campaign, examine, shrink};
use sim::{Outcome, Scenario};
use std::io::{self, Write};
use std::process::ExitCode;

/// Lives one world and tells everything of it.
pub(crate) fn tell(seed: u64) -> Answer {
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
    writeln!(out, "{} in {:?} and {:?}, journal {}", outcome.lasted, outcome.wall, outcome.checked, outcome.head)?;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A failing seed, shrunk, with everything that is needed to understand it.
pub(crate) fn shrunk(seed: u64, scenario: &Scenario, outcome: &Outcome, invariant: &str) -> String {
    let fails = |scenario: &Scenario| Ok(examine(scenario)?.1.iter().any(|broken| broken.invariant == invariant));
    let small = shrink(scenario, fails).unwrap_or_else(|_| scenario.clone());
    let shrunk = examine(&small);
    let (outcome, broken) = shrunk.unwrap_or_else(|_| (outcome.clone(), outcome.broken.clone()));
    let mut text = format!("seed {seed} breaks: {invariant}\n\n{}", described(&small));
    text += &outcome.timeline.iter().fold(String::new(), |all, line| all + "  " + line + "\n");
    text += &broken.iter().fold(String::new(), |all, broken| all + &broken.to_string() + "\n");
    text + &format!("again: cargo run --release -p sim -- --seed {seed}\n")
}

pub(crate) fn described(scenario: &Scenario) -> String {
    let mut text = format!(
        "replicas {}, ports take {} ms, versions start in {}, crashes at {:?}, restart after {}, until {}{}{}\n",
        scenario.replicas,
        scenario.port_ms,
        scenario.start,
        scenario.crashes,
        scenario.restart_after,
        scenario.until,
        if scenario.hasty { ", people are hasty" } else { "" },
        if scenario.traffic.pushed { ", counts are pushed" } else { "" },
    );
    for fault in &scenario.faults {
        text += &format!("from {} to {}: {:?}\n", fault.during.from, fault.during.to, fault.what);
    }
    for (at, act) in &scenario.people {
        text += &format!("after {at}: {act:?}\n");
    }
    text
}
