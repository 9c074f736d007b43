//! The door to flags: read, follow, change.

use crate::book::{Book, Entry, Planned};
use crate::clients::Clients;
use crate::edition::{Channels, Edition};
use crate::error::FlagError;
use crate::publish;
use crate::record::{FLAG, SEGMENT};
use flags::{Segment, Shelf};
use journal::{Fence, Journal, UnavailableKind};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How long to wait before a journal that does not answer is asked again.
const AGAIN: Duration = Duration::from_millis(500);
/// How much is read at once.
const PAGE: usize = 256;

/// Time, and the right to write.
pub trait Clock: Send + Sync {
    /// Now, in milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// The fence of this replica's lease.
    ///
    /// # Errors
    /// It does not lead.
    fn fence(&self) -> Result<Fence, FlagError>;
}

/// Flags.
pub struct Registry {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) channels: Channels,
    book: Mutex<Book>,
    editions: BTreeMap<String, watch::Sender<Arc<Edition>>>,
    /// Ordinary changes come one after the other; a kill does not stand in their queue.
    pub(crate) ordinary: tokio::sync::Mutex<()>,
    /// Something changed and is to be published.
    pub(crate) changed: Notify,
    /// It cannot wait for company.
    pub(crate) urgent: Notify,
    /// The plan of what comes when is another.
    pub(crate) replanned: Notify,
    clients: Arc<Clients>,
    /// Why flags are not known, if they are not.
    unknown: watch::Sender<Option<String>>,
}

impl Registry {
    /// The flags of `journal`. Nothing is known until [`Registry::follow`] runs.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, channels: Channels) -> Arc<Self> {
        let editions = channels
            .iter()
            .map(|(name, bucketing)| {
                let empty = publish::compile(&Shelf::default(), name, *bucketing, 0);
                (name.clone(), watch::Sender::new(Arc::new(empty)))
            })
            .collect();
        Arc::new(Self {
            journal,
            clock,
            channels,
            book: Mutex::default(),
            editions,
            ordinary: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            urgent: Notify::new(),
            replanned: Notify::new(),
            clients: Arc::default(),
            unknown: watch::Sender::new(Some("the server has just started".into())),
        })
    }

    /// Follows the journal, publishes what changes, and does what was planned, for ever.
    pub async fn follow(self: Arc<Self>) {
        let position = loop {
            match self.catch_up().await {
                Ok(position) => break position,
                Err(error) => {
                    self.unknown.send_replace(Some(error.to_string()));
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        self.publish().await;
        self.unknown.send_replace(None);
        tokio::join!(self.read_on(position), self.publish_on(), self.run_planned());
    }

    async fn read_on(&self, position: u64) {
        let mut tail = self.journal.tail(position);
        loop {
            match tail.next().await {
                Ok(entry) => {
                    if let Err(why) = self.take(&[entry]) {
                        // A flag that cannot be read might be a kill: what was served before is not made up anew.
                        tracing::error!(code = "TG-8011", %why, "flags of the journal cannot be understood");
                        self.unknown.send_replace(Some(why));
                        return;
                    }
                }
                Err(error) if error.kind == UnavailableKind::Closed => return,
                Err(error) => {
                    tracing::warn!(code = error.code(), %error, "the journal cannot be followed; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    async fn catch_up(&self) -> Result<u64, FlagError> {
        // The head first: what is appended during the read is read twice, and not missed.
        let head = self.journal.head().await?;
        for prefix in [FLAG, SEGMENT] {
            for stream in self.journal.streams(prefix).await? {
                self.refresh(&stream.stream).await?;
            }
        }
        Ok(head.position)
    }

    /// Reads what was written to a stream since.
    pub(crate) async fn refresh(&self, stream: &str) -> Result<(), FlagError> {
        let mut after = self.seq(stream);
        loop {
            let entries = self.journal.read_stream(stream, after, PAGE).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.seq;
            self.take(&entries).map_err(|why| FlagError::Unread { why })?;
            if entries.len() < PAGE {
                return Ok(());
            }
        }
    }

    /// Folds entries, and wakes who waits for them.
    pub(crate) fn take(&self, entries: &[journal::Entry]) -> Result<(), String> {
        let mut book = self.book();
        let mut news = false;
        for entry in entries {
            news |= book.take(entry)?;
        }
        drop(book);
        if news {
            self.changed.notify_one();
            self.replanned.notify_one();
        }
        Ok(())
    }

    pub(crate) fn seq(&self, stream: &str) -> u64 {
        let book = self.book();
        match (stream.strip_prefix(FLAG), stream.strip_prefix(SEGMENT)) {
            (Some(key), _) => book.revision(key),
            (None, Some(name)) => book.segment(name).1,
            (None, None) => 0,
        }
    }

    /// Whether flags are known.
    ///
    /// # Errors
    /// [`FlagError::Unread`].
    pub fn ready(&self) -> Result<(), FlagError> {
        match self.unknown.borrow().clone() {
            None => Ok(()),
            Some(why) => Err(FlagError::Unread { why }),
        }
    }

    /// Waits until flags are known.
    pub async fn known(&self) {
        // The sender lives in `self`: there is always somebody who could say so.
        let _ = self.unknown.subscribe().wait_for(Option::is_none).await;
    }

    /// The channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Who is connected.
    #[must_use]
    pub fn clients(&self) -> &Arc<Clients> {
        &self.clients
    }

    /// What a channel is served now, and changes of that.
    ///
    /// # Errors
    /// [`FlagError::UnknownChannel`].
    pub fn watch(&self, channel: &str) -> Result<watch::Receiver<Arc<Edition>>, FlagError> {
        self.editions.get(channel).map(watch::Sender::subscribe).ok_or_else(|| self.unknown_channel(channel))
    }

    pub(crate) fn editions(&self) -> &BTreeMap<String, watch::Sender<Arc<Edition>>> {
        &self.editions
    }

    pub(crate) fn unknown_channel(&self, channel: &str) -> FlagError {
        let known = self.channels.keys().cloned().collect();
        FlagError::UnknownChannel { channel: channel.chars().take(80).collect(), known }
    }

    /// A flag.
    ///
    /// # Errors
    /// [`FlagError::Unknown`]; [`FlagError::Unread`].
    pub fn get(&self, key: &str) -> Result<Entry, FlagError> {
        self.ready()?;
        let unknown = || FlagError::Unknown { key: key.chars().take(120).collect() };
        self.book().get(key).cloned().ok_or_else(unknown)
    }

    /// All flags, by key.
    ///
    /// # Errors
    /// [`FlagError::Unread`].
    pub fn list(&self) -> Result<Vec<Entry>, FlagError> {
        self.ready()?;
        Ok(self.book().all().cloned().collect())
    }

    /// All segments with their revisions, by name.
    ///
    /// # Errors
    /// [`FlagError::Unread`].
    pub fn segments(&self) -> Result<Vec<(Segment, u64)>, FlagError> {
        self.ready()?;
        Ok(self.book().segments().map(|(segment, revision)| (segment.clone(), revision)).collect())
    }

    /// All definitions as they are.
    #[must_use]
    pub fn shelf(&self) -> Shelf {
        self.book().shelf()
    }

    pub(crate) fn next_planned(&self) -> Option<Planned> {
        self.book().next_planned()
    }

    /// A panic elsewhere must not take the flags with it; entries are taken whole or not at all.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
