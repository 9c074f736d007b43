//! What a release looks like from outside, published after every change.

use crate::ReleaseId;
use engine::{Measurement, State, Timestamp};
use std::sync::Arc;

/// A release as it is now. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    /// Its id.
    pub id: ReleaseId,
    /// The fold of its facts.
    pub state: Arc<State>,
    /// What the world refuses at the moment; empty when all is well.
    pub troubles: Vec<Trouble>,
    /// Facts that are true and not yet written.
    pub unwritten: usize,
    /// The newest measurement.
    pub last: Option<Arc<Measurement>>,
    /// Up to when counts were heard; the next pushed interval may not begin before.
    pub heard_to: Option<Timestamp>,
    /// The sequence number of its last written entry.
    pub seq: u64,
}

impl Live {
    /// Whether it is under way. What is over is that only when it is written: until then a crash would bring it back.
    #[must_use]
    pub fn in_flight(&self) -> bool {
        !self.state.is_over() || self.unwritten > 0
    }
}

/// Up to when counts were heard. Intervals that overlap would count soak and evidence twice. One without counts has neither, unless
/// nothing counts requests: whoever pushes need not wait until it is over, nor for a clock of ours that was ahead.
pub(crate) fn heard_to(state: &State, counted_to: Option<Timestamp>, last: Option<&Measurement>) -> Option<Timestamp> {
    if state.plan().measured { counted_to } else { counted_to.max(last.map(|last| last.to)) }
}

/// Something that does not work and is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What was tried: `shift`, `deploy`, `journal`, …
    pub what: &'static str,
    /// Since when it fails.
    pub since: Timestamp,
    /// The stable code of what it met.
    pub code: &'static str,
    /// What it met, for people.
    pub message: String,
    /// What people could do.
    pub hint: String,
}
