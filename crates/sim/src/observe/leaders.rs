//! One leader at a time, at the journal and at the lever.

use super::{Observer, Step, View};
use crate::world::Event;
use control::ports::Turn;
use std::collections::BTreeMap;

/// Invariant 6.
#[derive(Default)]
pub(super) struct OneDrives {
    fence: u64,
    writer: Option<(u64, usize)>,
    turns: BTreeMap<String, Turn>,
}

impl Observer for OneDrives {
    fn invariant(&self) -> &'static str {
        super::ONE_DRIVES
    }

    fn see(&mut self, _view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Seen(Event::Wrote { fence, replica, .. }) => {
                if *fence < self.fence {
                    return Err(format!("written under fence {fence} after fence {}", self.fence));
                }
                self.fence = *fence;
                match self.writer.replace((*fence, *replica)) {
                    Some((before, other)) if before == *fence && other != *replica => {
                        Err(format!("replicas {other} and {replica} wrote under fence {fence}"))
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Step::Seen(Event::Shifted { service, turn, .. }) => match self.turns.insert(service.clone(), *turn) {
                Some(before) if *turn < before => Err(format!("an order of {turn:?} was obeyed after {before:?}")),
                Some(_) | None => Ok(()),
            },
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
