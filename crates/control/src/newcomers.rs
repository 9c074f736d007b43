//! Releases that the journal has and the roster does not: whoever opened them went away, or lost the answer of the
//! journal, before they were known here. The journal is asked only for what began since the last time: the question comes
//! with every release that is opened and every renewal of the lease, and must not cost what all releases cost.

use crate::ReleaseId;
use crate::roster::Roster;
use journal::{Journal, Unavailable};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the journal's streams.
#[derive(Default)]
pub(crate) struct Newcomers {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Streams that began up to this position were told.
    upto: u64,
    /// Told, and not in the roster when it was looked last.
    unknown: BTreeSet<ReleaseId>,
}

impl Newcomers {
    /// All releases of the journal, oldest first; from here on only what begins later is news.
    pub(crate) async fn all(&self, journal: &dyn Journal) -> Result<Vec<ReleaseId>, Unavailable> {
        // First how far: a stream that begins in between is told twice and not never.
        let upto = journal.head().await?.position;
        let streams = journal.streams(ReleaseId::STREAMS).await?;
        let ids: BTreeSet<_> = streams.iter().filter_map(|head| ReleaseId::of_stream(&head.stream)).collect();
        *self.locked() = Seen { upto, unknown: ids.clone() };
        Ok(ids.into_iter().collect())
    }

    /// The releases that are not in the roster.
    pub(crate) async fn unknown(&self, journal: &dyn Journal, roster: &Roster) -> Result<Vec<ReleaseId>, Unavailable> {
        let after = self.locked().upto;
        let begun = journal.begun(ReleaseId::STREAMS, after).await?;
        let mut seen = self.locked();
        seen.upto = seen.upto.max(begun.upto);
        seen.unknown.extend(begun.streams.iter().filter_map(|stream| ReleaseId::of_stream(stream)));
        seen.unknown.retain(|id| !roster.knows(*id));
        Ok(seen.unknown.iter().copied().collect())
    }

    /// It holds only whole sets, whatever panicked beside it.
    fn locked(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
