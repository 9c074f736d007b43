//! Releases of one service, one after the other.

use super::{Observer, Step, View};
use engine::Record;

/// Two versions that are brought up at once would fight for the lever.
#[derive(Default)]
pub(super) struct OneAtATime;

impl Observer for OneAtATime {
    fn invariant(&self) -> &'static str {
        super::ONE_AT_A_TIME
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        let Step::Record { id, record: Record::DeployStarted, .. } = step else { return Ok(()) };
        let service = view.states.get(id).map(|state| &state.opened.service);
        let under_way = view.states.iter().find(|(other, state)| {
            *other != id && Some(&state.opened.service) == service && state.deploy_started && !state.is_over()
        });
        match under_way {
            Some((other, _)) => Err(format!("{id} is brought up while {other} is under way")),
            None => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
