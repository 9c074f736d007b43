//! Which releases there are, with the door to each that is under way.

use crate::ReleaseId;
use crate::driver::Message;
use crate::live::Live;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// Messages that may wait for a driver; a driver that is this far behind pushes back.
const INBOX: usize = 64;

/// All releases by id.
#[derive(Default)]
pub(crate) struct Roster {
    entries: Mutex<BTreeMap<ReleaseId, Entry>>,
}

struct Entry {
    publish: watch::Sender<Arc<Live>>,
    inbox: Option<mpsc::Sender<Message>>,
}

impl Entry {
    fn of(live: &Arc<Live>) -> Self {
        Self { publish: watch::Sender::new(Arc::clone(live)), inbox: None }
    }
}

/// A driver's side of its release.
pub(crate) struct Door {
    pub(crate) publish: watch::Sender<Arc<Live>>,
    pub(crate) inbox: mpsc::Receiver<Message>,
}

impl Roster {
    pub(crate) fn lives(&self) -> Vec<Arc<Live>> {
        self.locked().values().map(|entry| entry.publish.borrow().clone()).collect()
    }

    pub(crate) fn live(&self, id: ReleaseId) -> Option<Arc<Live>> {
        self.locked().get(&id).map(|entry| entry.publish.borrow().clone())
    }

    pub(crate) fn watch(&self, id: ReleaseId) -> Option<watch::Receiver<Arc<Live>>> {
        self.locked().get(&id).map(|entry| entry.publish.subscribe())
    }

    pub(crate) fn inbox(&self, id: ReleaseId) -> Option<mpsc::Sender<Message>> {
        self.locked().get(&id)?.inbox.clone()
    }

    /// The id that the next release gets.
    pub(crate) fn next_id(&self) -> ReleaseId {
        ReleaseId(self.locked().keys().next_back().map_or(1, |id| id.0.saturating_add(1)))
    }

    /// Shows a release as it is, without anybody who drives it.
    pub(crate) fn show(&self, live: Arc<Live>) {
        let mut entries = self.locked();
        let entry = entries.entry(live.id).or_insert_with(|| Entry::of(&live));
        entry.inbox = None;
        entry.publish.send_replace(live);
    }

    /// Shows a release and opens a door to whoever drives it from now on. What is said before the driver runs waits in
    /// the inbox. Nothing, if somebody drives it already: their door is not shut by somebody who comes late.
    pub(crate) fn drive(&self, live: Arc<Live>) -> Option<Door> {
        let mut entries = self.locked();
        let entry = entries.entry(live.id).or_insert_with(|| Entry::of(&live));
        if entry.inbox.as_ref().is_some_and(|inbox| !inbox.is_closed()) {
            return None;
        }
        let (sender, inbox) = mpsc::channel(INBOX);
        entry.inbox = Some(sender);
        entry.publish.send_replace(live);
        Some(Door { publish: entry.publish.clone(), inbox })
    }

    /// Nobody drives this release any more.
    pub(crate) fn close(&self, id: ReleaseId) {
        if let Some(entry) = self.locked().get_mut(&id) {
            entry.inbox = None;
        }
    }

    /// Releases that are under way, or over and not yet written so, and that nobody drives.
    pub(crate) fn undriven(&self) -> Vec<ReleaseId> {
        let entries = self.locked();
        let undriven = entries.iter().filter(|(_, entry)| {
            let closed = entry.inbox.as_ref().is_none_or(mpsc::Sender::is_closed);
            closed && entry.publish.borrow().in_flight()
        });
        undriven.map(|(id, _)| *id).collect()
    }

    /// A panic elsewhere must not take the list of releases with it; it holds only whole entries.
    fn locked(&self) -> MutexGuard<'_, BTreeMap<ReleaseId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
