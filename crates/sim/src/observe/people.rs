//! What people were told is true.

use super::{Observer, Step, View};
use crate::world::{Answer, Event};
use engine::{Stage, State};
use std::collections::BTreeSet;

/// Zero lost acknowledged commands.
#[derive(Default)]
pub(super) struct HeardIsWritten {
    written: BTreeSet<String>,
}

impl Observer for HeardIsWritten {
    fn invariant(&self) -> &'static str {
        super::HEARD_IS_WRITTEN
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Record { stamp, .. } => {
                self.written.insert(stamp.actor.clone());
                Ok(())
            }
            Step::Seen(Event::Answered { actor, asked, answer: Answer::Accepted }) if !self.written.contains(actor) => {
                // An alarm about a release that is being taken back already makes nothing new true.
                let repeated = asked.ends_with("alarm") || asked.ends_with("report");
                let gone = |state: &State| matches!(state.stage, Stage::RollingBack(_) | Stage::Ended(_));
                if repeated && view.states.values().any(gone) {
                    Ok(())
                } else {
                    Err(format!("{asked} of {actor} was lost"))
                }
            }
            Step::Measured { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
