//! Worlds come to rest.

use super::{Observer, Step, View};
use crate::world::Event;
use engine::Millis;

/// What is neither over nor waiting for a person must go on: nothing may be stuck without a word.
#[derive(Default)]
pub(super) struct ComesToRest {
    last: Millis,
}

/// After the last trouble and the last word of a person, every phase has time for all its extensions.
const ENOUGH: Millis = Millis::minutes(40);

impl Observer for ComesToRest {
    fn invariant(&self) -> &'static str {
        super::COMES_TO_REST
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        if let Step::Seen(Event::Answered { .. } | Event::Crashed { .. }) = step {
            self.last = view.at;
        }
        Ok(())
    }

    fn end(&mut self, view: &View<'_>) -> Result<(), String> {
        let faults = view.scenario.faults.iter().map(|fault| match fault.what {
            // A clock is stepped at once.
            crate::scenario::Trouble::ClockStep { .. } => fault.during.from,
            _ => fault.during.to,
        });
        let troubled = faults.fold(self.last, Millis::max);
        if view.at < troubled + ENOUGH {
            return Ok(());
        }
        let stuck = view.states.iter().find(|(_, state)| !state.is_over() && !state.headline().waits_for_person);
        match stuck {
            // It waits its turn behind one that waits for a person.
            Some((_, state)) if matches!(state.stage, engine::Stage::Opened) => Ok(()),
            // It shouted: the old version is ill, and people must look at it.
            Some((_, state)) if matches!(&state.stage, engine::Stage::RollingBack(back) if back.over_total) => Ok(()),
            Some((id, state)) => Err(format!("{id} is {}", state.headline().line)),
            None => Ok(()),
        }
    }
}
