//! The chain of the journal, computed a second time from what control was given.

use super::{Observer, Step, View};
use crate::world::Event;
use journal::Head;
use journal::chain::entry_hash;

/// What the journal gives back is what it sealed.
pub(super) struct GivesBackWhatWasSealed {
    head: Head,
}

impl Default for GivesBackWhatWasSealed {
    fn default() -> Self {
        Self { head: Head::EMPTY }
    }
}

impl Observer for GivesBackWhatWasSealed {
    fn invariant(&self) -> &'static str {
        super::VERIFIES
    }

    fn see(&mut self, _view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        let Step::Seen(Event::Wrote { entry, .. }) = step else { return Ok(()) };
        let before = std::mem::replace(&mut self.head, Head { position: entry.position, hash: entry.hash });
        if entry.position != before.position + 1 {
            return Err(format!("entry {} follows entry {}", entry.position, before.position));
        }
        if entry_hash(before.hash, entry) != entry.hash {
            return Err(format!("entry {} is not what was sealed", entry.position));
        }
        Ok(())
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
