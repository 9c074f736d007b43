//! Releases whose streams cannot be read: their entries were damaged, or written by a newer version. They are not driven,
//! and they are not passed over in silence. One of them may have made live what users have, or be under way. So while
//! there is one, no release is opened, none that waits is let go, and nothing is settled. Releases that can be read are
//! driven all the same: whatever happened to an old entry, users on a bad version must be taken back.

use crate::ReleaseId;
use crate::error::ControlError;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The releases that cannot be read, each with the reason.
#[derive(Default)]
pub(crate) struct Unreadable {
    releases: Mutex<BTreeMap<ReleaseId, ControlError>>,
}

impl Unreadable {
    /// Notes one; it is logged when that is news.
    pub(crate) fn note(&self, id: ReleaseId, why: ControlError) {
        let mut releases = self.locked();
        if !releases.contains_key(&id) {
            tracing::error!(release = %id, code = why.code(), %why, hint = why.hint(), "a release cannot be read");
        }
        releases.insert(id, why);
    }

    /// It can be read.
    pub(crate) fn mended(&self, id: ReleaseId) {
        if self.locked().remove(&id).is_some() {
            tracing::info!(release = %id, "can be read again");
        }
    }

    /// All are read anew.
    pub(crate) fn forget(&self) {
        self.locked().clear();
    }

    /// What stands in the way of everything that needs to know all releases.
    pub(crate) fn first(&self) -> Option<ControlError> {
        self.locked().iter().next().map(|(id, why)| unreadable(*id, why))
    }

    /// Why this release cannot be shown.
    pub(crate) fn of(&self, id: ReleaseId) -> Option<ControlError> {
        self.locked().get(&id).map(|why| unreadable(id, why))
    }

    pub(crate) fn all(&self) -> Vec<(ReleaseId, ControlError)> {
        self.locked().iter().map(|(id, why)| (*id, why.clone())).collect()
    }

    /// It holds only whole entries, whatever panicked beside it.
    fn locked(&self) -> MutexGuard<'_, BTreeMap<ReleaseId, ControlError>> {
        self.releases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreadable(release: ReleaseId, why: &ControlError) -> ControlError {
    ControlError::Unreadable { release, why: Box::new(why.clone()) }
}
