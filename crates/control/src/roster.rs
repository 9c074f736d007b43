//! Which releases there are, with the door to each that is under way. Whoever asks for those of one place or of one
//! artifact gets them without a look at all the others.

use crate::ReleaseId;
use crate::board::{self, ServiceKey};
use crate::driver::Message;
use crate::live::Live;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// Messages that may wait for a driver; a driver that is this far behind pushes back.
const INBOX: usize = 64;

/// All releases by id.
#[derive(Default)]
pub(crate) struct Roster {
    releases: Mutex<Releases>,
}

#[derive(Default)]
struct Releases {
    entries: BTreeMap<ReleaseId, Entry>,
    /// A release never changes its place nor its artifact.
    places: HashMap<ServiceKey, Vec<ReleaseId>>,
    artifacts: HashMap<String, Vec<ReleaseId>>,
}

struct Entry {
    publish: watch::Sender<Arc<Live>>,
    inbox: Option<mpsc::Sender<Message>>,
}

impl Entry {
    fn live(&self) -> Arc<Live> {
        self.publish.borrow().clone()
    }

    fn driven(&self) -> bool {
        self.inbox.as_ref().is_some_and(|inbox| !inbox.is_closed())
    }
}

/// A driver's side of its release.
pub(crate) struct Door {
    pub(crate) publish: watch::Sender<Arc<Live>>,
    pub(crate) inbox: mpsc::Receiver<Message>,
}

impl Roster {
    pub(crate) fn lives(&self) -> Vec<Arc<Live>> {
        self.locked().entries.values().map(Entry::live).collect()
    }

    /// The releases of one place, oldest first.
    pub(crate) fn lives_at(&self, key: &ServiceKey) -> Vec<Arc<Live>> {
        let releases = self.locked();
        releases.these(releases.places.get(key))
    }

    /// The releases that bring this artifact, wherever.
    pub(crate) fn lives_of(&self, artifact: &str) -> Vec<Arc<Live>> {
        let releases = self.locked();
        releases.these(releases.artifacts.get(artifact))
    }

    /// Every place that a release went to.
    pub(crate) fn places(&self) -> Vec<ServiceKey> {
        let mut places: Vec<ServiceKey> = self.locked().places.keys().cloned().collect();
        places.sort_unstable();
        places
    }

    pub(crate) fn live(&self, id: ReleaseId) -> Option<Arc<Live>> {
        self.locked().entries.get(&id).map(Entry::live)
    }

    pub(crate) fn knows(&self, id: ReleaseId) -> bool {
        self.locked().entries.contains_key(&id)
    }

    pub(crate) fn watch(&self, id: ReleaseId) -> Option<watch::Receiver<Arc<Live>>> {
        self.locked().entries.get(&id).map(|entry| entry.publish.subscribe())
    }

    pub(crate) fn inbox(&self, id: ReleaseId) -> Option<mpsc::Sender<Message>> {
        self.locked().entries.get(&id)?.inbox.clone()
    }

    /// The id that the next release gets.
    pub(crate) fn next_id(&self) -> ReleaseId {
        ReleaseId(self.locked().entries.keys().next_back().map_or(1, |id| id.0.saturating_add(1)))
    }

    /// Shows a release as it is, without anybody who drives it.
    pub(crate) fn show(&self, live: Arc<Live>) {
        let mut releases = self.locked();
        let entry = releases.entry(&live);
        entry.inbox = None;
        entry.publish.send_replace(live);
    }

    /// Shows a release and opens a door to whoever drives it from now on. What is said before the driver runs waits in
    /// the inbox. Nothing, if somebody drives it already: their door is not shut by somebody who comes late.
    pub(crate) fn drive(&self, live: Arc<Live>) -> Option<Door> {
        let mut releases = self.locked();
        let entry = releases.entry(&live);
        if entry.driven() {
            return None;
        }
        let (sender, inbox) = mpsc::channel(INBOX);
        entry.inbox = Some(sender);
        entry.publish.send_replace(live);
        Some(Door { publish: entry.publish.clone(), inbox })
    }

    /// Nobody drives this release any more.
    pub(crate) fn close(&self, id: ReleaseId) {
        if let Some(entry) = self.locked().entries.get_mut(&id) {
            entry.inbox = None;
        }
    }

    /// Releases that are under way, or over and not yet written so, and that nobody drives.
    pub(crate) fn undriven(&self) -> Vec<ReleaseId> {
        let releases = self.locked();
        let undriven =
            releases.entries.iter().filter(|(_, entry)| !entry.driven() && entry.publish.borrow().in_flight());
        undriven.map(|(id, _)| *id).collect()
    }

    /// A panic elsewhere must not take the list of releases with it; it holds only whole entries.
    fn locked(&self) -> MutexGuard<'_, Releases> {
        self.releases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Releases {
    fn these(&self, ids: Option<&Vec<ReleaseId>>) -> Vec<Arc<Live>> {
        ids.into_iter().flatten().filter_map(|id| self.entries.get(id)).map(Entry::live).collect()
    }

    fn entry(&mut self, live: &Arc<Live>) -> &mut Entry {
        let Self { entries, places, artifacts } = self;
        entries.entry(live.id).or_insert_with(|| {
            let add = |ids: &mut Vec<ReleaseId>| ids.insert(ids.partition_point(|id| *id < live.id), live.id);
            add(places.entry(board::key_of(live)).or_default());
            add(artifacts.entry(live.state.opened.artifact.clone()).or_default());
            Entry { publish: watch::Sender::new(Arc::clone(live)), inbox: None }
        })
    }
}
