//! Following the journal.
//!
//! A tail owns nothing but a position. It reads from storage whatever lies after it and sleeps on the height of the
//! journal when there is nothing: the writer publishes one number and never waits for a reader. A broadcast of the
//! entries themselves was refused: a reader that lags would lose some and need this way anyway.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;

use crate::{BoxFuture, Entry, Place, Unavailable};

const BATCH: usize = 256;

/// What a store offers to its tails.
pub(crate) trait Storage: Send + Sync {
    /// Entries after a position, in order, at most `limit`.
    fn read_after(&self, position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>>;
}

/// Every entry after a position, in order, each once, without end.
pub struct Tail {
    storage: Arc<dyn Storage>,
    height: watch::Receiver<u64>,
    position: u64,
    ready: VecDeque<Entry>,
}

impl Tail {
    pub(crate) fn new(storage: Arc<dyn Storage>, height: watch::Receiver<u64>, position: u64) -> Self {
        Self { storage, height, position, ready: VecDeque::new() }
    }

    /// The next entry, as soon as there is one. Dropping the future loses nothing, so it may stand in a `select!`.
    ///
    /// # Errors
    /// [`Unavailable`]; the tail keeps its place, and the next call tries again. Kind `Closed` when the journal was dropped.
    pub async fn next(&mut self) -> Result<Entry, Unavailable> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                self.position = entry.position;
                return Ok(entry);
            }
            // Marked as seen before the read: what is appended during the read counts as news after it.
            self.height.borrow_and_update();
            let batch = self.storage.read_after(self.position, BATCH).await?;
            match batch.first() {
                Some(first) if first.position != self.position.saturating_add(1) => {
                    return Err(missing(self.position.saturating_add(1), first.position));
                }
                Some(_) => self.ready = batch.into(),
                None => self.height.changed().await.map_err(|_| Unavailable::closed())?,
            }
        }
    }

    /// Position of the last entry that was handed out.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }
}

fn missing(expected: u64, found: u64) -> Unavailable {
    Unavailable::damaged(Place::Entry { position: expected }, format!("the entry after it is at {found}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{Draft, Hash, chain};

    /// A store in which an entry is appended at the worst moment: after a read looked, before its reader hears of it.
    struct Overtaken {
        entries: Mutex<Vec<Entry>>,
        height: watch::Sender<u64>,
    }

    impl Storage for Overtaken {
        fn read_after(&self, position: u64, _limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
            Box::pin(async move {
                let mut entries = self.entries.lock().unwrap();
                let seen = entries.iter().filter(|entry| entry.position > position).cloned().collect();
                if entries.is_empty() {
                    entries.push(entry(1));
                    self.height.send_replace(1);
                }
                Ok(seen)
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_append_during_the_read_is_not_slept_through() {
        let storage = Arc::new(Overtaken { entries: Mutex::default(), height: watch::Sender::new(0) });
        let mut tail = Tail::new(storage.clone(), storage.height.subscribe(), 0);
        let next = tokio::time::timeout(std::time::Duration::from_secs(1), tail.next()).await;
        assert_eq!(next.unwrap().unwrap().position, 1);
    }

    #[tokio::test]
    async fn a_gap_in_the_store_is_not_stepped_over() {
        let entries = Mutex::new(vec![entry(3)]);
        let storage = Arc::new(Overtaken { entries, height: watch::Sender::new(3) });
        let mut tail = Tail::new(storage.clone(), storage.height.subscribe(), 1);
        let unavailable = tail.next().await.unwrap_err();
        assert_eq!(unavailable.place, Some(Place::Entry { position: 2 }));
        assert_eq!(tail.position(), 1);
    }

    fn entry(position: u64) -> Entry {
        let draft = Draft { kind: "k".to_owned(), at_ms: 0, actor: "a".to_owned(), body: "1".to_owned() };
        chain::seal(Hash::ZERO, position, "s", position, draft)
    }
}
