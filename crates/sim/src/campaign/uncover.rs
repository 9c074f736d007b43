//! Planted bugs: after how many worlds the observers find one, and how small the world is that shows it.

use super::{Campaign, examine, shrink};
use crate::planted::Planted;
use crate::scenario::Scenario;
use std::io;

/// A planted bug that was found.
#[derive(Clone, Debug)]
pub struct Uncovered {
    /// The first seed whose world showed it.
    pub seed: u64,
    /// That world, shrunk.
    pub world: Scenario,
    /// How many entries its journal has.
    pub entries: usize,
}

/// Lives worlds with this bug in them until its invariant is broken; `None` when none of the first `most` shows it.
///
/// # Errors
/// The system does not give the runtime what it needs.
pub fn uncover(campaign: &Campaign, bug: Planted, most: u64) -> io::Result<Option<Uncovered>> {
    let shows = |world: &Scenario| Ok(examine(world)?.1.iter().any(|broken| broken.invariant == bug.breaks()));
    for seed in 0..most {
        let Some(world) = campaign.scenario(seed) else { continue };
        let world = Scenario { planted: Some(bug), ..world };
        if shows(&world)? {
            let world = shrink(&world, shows)?;
            let entries = examine(&world)?.0.timeline.len();
            return Ok(Some(Uncovered { seed, world, entries }));
        }
    }
    Ok(None)
}
