//! Worlds come to rest.

use super::{Observer, Step, View};
use crate::scenario::{Port, Trouble};
use crate::world::Event;
use control::ReleaseId;
use engine::Millis;
use std::collections::BTreeSet;

/// What is neither over nor waiting for a person must go on: nothing may be stuck without a word.
#[derive(Default)]
pub(super) struct ComesToRest {
    last: Millis,
    /// What shows a trouble in the end.
    troubled: BTreeSet<ReleaseId>,
}

/// After the last trouble and the last word of a person, every phase has time for all its extensions.
const ENOUGH: Millis = Millis::minutes(40);

impl Observer for ComesToRest {
    fn invariant(&self) -> &'static str {
        super::COMES_TO_REST
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Seen(Event::Answered { .. } | Event::Crashed { .. }) => self.last = view.at,
            Step::Seen(Event::Over { lives, .. }) => {
                let troubled = lives.iter().filter(|live| !live.troubles.is_empty());
                self.troubled.extend(troubled.map(|live| live.id));
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => {}
        }
        Ok(())
    }

    fn end(&mut self, view: &View<'_>) -> Result<(), String> {
        let faults = view.scenario.faults.iter().map(|fault| match fault.what {
            // A clock is stepped at once.
            Trouble::ClockStep { .. } => fault.during.from,
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
            // It says that it is blind: who pushes has another time than control, for ever.
            Some((_, state)) if state.blind && view.scenario.traffic.pushed && stepped(view) => Ok(()),
            // What was said to run does not: the lever finds it absent, and it is shown.
            Some((id, _)) if view.lied(&[Port::Deploy, Port::Promote]) && self.troubled.contains(id) => Ok(()),
            // It shouted: the old version is ill, and people must look at it.
            Some((_, state)) if matches!(&state.stage, engine::Stage::RollingBack(back) if back.over_total) => Ok(()),
            Some((id, state)) => Err(format!("{id} is {}", state.headline().line)),
            None => Ok(()),
        }
    }
}

fn stepped(view: &View<'_>) -> bool {
    view.scenario.faults.iter().any(|fault| matches!(fault.what, Trouble::ClockStep { .. }))
}
