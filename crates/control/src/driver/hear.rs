//! What a driver is told.

use super::act::share_of;
use super::store::MOST_UNWRITTEN;
use super::{Driver, Message, Reply, takes_users_back};
use crate::error::ControlError;
use crate::recover::stamp_of;
use engine::{Input, Measurement, Stamp};
use std::sync::Arc;

impl Driver {
    pub(super) fn hear(&mut self, message: Message) {
        match message {
            Message::Say { stamp, input, reply } => self.say(&stamp, input, reply),
            Message::Pushed(measurement) => self.push(*measurement),
            Message::WayCleared { live } => {
                let stamp = self.stamp();
                let version = live.as_ref().map(|live| live.version.clone());
                self.stable = live.map(Arc::new);
                self.step(&stamp, Input::WayCleared { live: version }, None);
            }
        }
    }

    fn say(&mut self, stamp: &Stamp, input: Input, reply: Reply) {
        let safe = match &input {
            Input::Command(command) => takes_users_back(command),
            Input::IntegrityAlarm { .. } | Input::CriticalReport { .. } => true,
            _ => false,
        };
        if let (Some(why), false) = (self.journal_trouble(), safe) {
            // What cannot be written must not be begun, unless it takes users back.
            let _ = reply.send(Err(why));
            return;
        }
        self.step(stamp, input, Some(reply));
    }

    fn push(&mut self, mut measurement: Measurement) {
        let newer = self.heard_to().is_none_or(|to| measurement.from >= to);
        if self.pending.len() >= MOST_UNWRITTEN || !newer {
            return;
        }
        // It was counted before it came, perhaps under another share.
        let since = measurement.from;
        measurement.share =
            measurement.share.or_else(|| share_of(since, self.effects.share, self.state.confirmed_share));
        // The cursor belongs to the signal that is read; what is pushed has none.
        measurement.cursor.clone_from(&self.state.cursor);
        measurement.probes = std::mem::take(&mut self.probes);
        self.absorb(measurement);
    }

    /// Absorbs a measurement under the stamp that recovery will give it.
    pub(super) fn absorb(&mut self, measurement: Measurement) {
        let stamp = stamp_of(&measurement);
        self.step(&stamp, Input::Measured(Box::new(measurement)), None);
    }

    fn journal_trouble(&self) -> Option<ControlError> {
        let trouble = self.troubles.iter().find(|trouble| trouble.what == "journal")?;
        Some(ControlError::Journal { code: trouble.code, message: trouble.message.clone(), hint: trouble.hint.clone() })
    }
}
