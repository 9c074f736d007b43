//! What the journal says of the world, held against the world.

use super::{Observer, Step, View};
use crate::scenario::Port;
use crate::world::Event;
use engine::{Record, Stage, State};

/// A release that is over left the world as it says.
#[derive(Default)]
pub(super) struct TheWorldAgrees {
    /// A person took the end of a rollback upon themselves, and with it whatever still runs.
    by_hand: bool,
}

impl Observer for TheWorldAgrees {
    fn invariant(&self) -> &'static str {
        super::WORLD_AGREES
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        if let Step::Record { stamp, record: Record::Withdrawn, .. } = step {
            self.by_hand |= stamp.actor.starts_with("person-");
        }
        let Step::Seen(Event::Left { service, stable, canary }) = step else { return Ok(()) };
        let releases: Vec<&State> = view.states.values().filter(|state| state.opened.service == *service).collect();
        // Nobody can see through a target or a lever that says what is not so.
        let lied = view.lied(&[Port::Shift, Port::Deploy, Port::Promote, Port::Withdraw, Port::Settle]);
        if lied || releases.iter().any(|state| !state.is_over()) {
            return Ok(());
        }
        let live = releases.iter().rev().find(|state| matches!(state.stage, Stage::Completed));
        let named = match live {
            Some(state) => Some(&state.opened.version),
            None => releases.first().and_then(|state| state.opened.live.as_ref()),
        };
        if stable.is_some() && stable.as_ref() != named {
            return Err(format!("users of {service} have {stable:?}, the journal names {named:?}"));
        }
        match canary {
            Some(version) if !self.by_hand => Err(format!("{version} still runs beside {stable:?}")),
            Some(_) | None => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
