//! A bug for each invariant, and after how many worlds it is found.

use crate::{Answer, story};
use sim::Planted;
use sim::campaign::{Campaign, Uncovered, events, uncover};
use std::io::{self, Write};
use std::process::ExitCode;

/// A world that shows a bug must be small enough to be read.
const READABLE: usize = 40;

/// Looks for every planted bug in the first `most` worlds.
pub(crate) fn uncover_all(most: u64, json: bool) -> Answer {
    let campaign = Campaign::new().map_err(|problems| problems.render(false))?;
    let mut well = true;
    for bug in Planted::ALL {
        let found = uncover(&campaign, bug, most)?;
        well &= found.as_ref().is_some_and(|found| size(found) < READABLE);
        let line = if json { as_json(bug, found.as_ref()) } else { in_words(bug, found.as_ref()) };
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What there is to read: what happens to the world, and what its journal says of it.
fn size(found: &Uncovered) -> usize {
    events(&found.world) + found.entries
}

fn in_words(bug: Planted, found: Option<&Uncovered>) -> String {
    let Some(found) = found else { return format!("{bug:?} was not found; it breaks: {}", bug.breaks()) };
    let (worlds, causes, size) = (found.seed + 1, events(&found.world), size(found));
    format!(
        "{bug:?} was found after {worlds} worlds and shrunk to {size} events, {causes} of them its causes; it breaks: {}\n{}",
        bug.breaks(),
        story::described(&found.world).lines().fold(String::new(), |all, line| all + "    " + line + "\n").trim_end()
    )
}

fn as_json(bug: Planted, found: Option<&Uncovered>) -> String {
    let invariant = bug.breaks();
    match found {
        None => format!("{{\"bug\":\"{bug:?}\",\"invariant\":\"{invariant}\",\"found\":false}}"),
        Some(found) => format!(
            "{{\"bug\":\"{bug:?}\",\"invariant\":\"{invariant}\",\"found\":true,\"seeds\":{},\"events\":{},\"causes\":{}}}",
            found.seed + 1,
            size(found),
            events(&found.world)
        ),
    }
}
