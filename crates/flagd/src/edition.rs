//! One state of one channel's flags, with all that is sent of it made once.

use crate::evaluation::events;
use crate::wire;
use crate::wire::structure::Struct;
use crate::wire::sync::SyncFlagsResponse;
use bytes::Bytes;
use flags::{FlagSet, Json};
use prost::Message;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The longest message that clients accept; the providers that exist offer no way to raise it.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;

/// One state of one channel's flags.
pub struct Edition {
    revision: u64,
    set: Arc<FlagSet>,
    context: Vec<(String, Json)>,
    synced: Bytes,
    /// How much of `synced` says the document: the rest is the context.
    document: usize,
    /// What is told to those who are new.
    welcome: OnceLock<Bytes>,
    /// What is told to those who knew the state that nearly all of them knew, and its revision.
    news: Mutex<Option<(u64, Option<Bytes>)>>,
}

/// What a channel adds to every context that rules see, here and, over sync, in the clients. It wins over what a caller says,
/// there because providers do it so and here because both have to come to the same answer.
#[must_use]
pub fn context_of(channel: &str) -> Vec<(String, Json)> {
    ["flagSetId", "channel"].map(|name| (name.to_owned(), Json::from(channel))).into()
}

/// The document does not fit into a message. To be refused where a change is written: clients could not be told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The message's bytes.
    pub bytes: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the channel's flags make a message of {} bytes; clients take at most {MOST_BYTES}", self.bytes)
    }
}

impl std::error::Error for TooLarge {}

impl Edition {
    /// Makes what is sent of it: `document` is what [`FlagSet::flagd`] says, as text.
    ///
    /// # Errors
    /// If the document does not fit into a message.
    pub fn new(
        revision: u64,
        document: &str,
        set: Arc<FlagSet>,
        context: Vec<(String, Json)>,
    ) -> Result<Self, TooLarge> {
        let message = message(document, &context)?;
        let document = prost::encoding::string::encoded_len(1, &message.flag_configuration);
        let (synced, welcome, news) = (wire::frame(&message), OnceLock::new(), Mutex::new(None));
        Ok(Self { revision, set, context, synced, document, welcome, news })
    }

    /// Whether a document could be published: the question to ask before a change is written.
    ///
    /// # Errors
    /// If it does not fit into a message.
    pub fn fits(document: &str, context: &[(String, Json)]) -> Result<(), TooLarge> {
        message(document, context).map(drop)
    }

    /// Which state this is; later ones have higher numbers.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn set(&self) -> &FlagSet {
        &self.set
    }

    pub(crate) fn context(&self) -> &[(String, Json)] {
        &self.context
    }

    /// What `SyncFlags` sends.
    pub(crate) fn synced(&self) -> Bytes {
        self.synced.clone()
    }

    /// What `FetchAllFlags` answers: the same field without the context. Asked for so seldom that it is not kept.
    pub(crate) fn fetched(&self) -> Bytes {
        wire::framed(wire::message(&self.synced).get(..self.document).unwrap_or_default())
    }

    /// What `EventStream` says first.
    pub(crate) fn welcome(&self) -> Bytes {
        self.welcome.get_or_init(|| events::welcome(self)).clone()
    }

    /// What `EventStream` says to those who knew `before`; nothing where no flag differs. Made once for all who knew the same.
    pub(crate) fn news_since(&self, before: &Self) -> Option<Bytes> {
        let mut kept = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((revision, news)) if *revision == before.revision => news.clone(),
            Some(_) | None => {
                let news = events::change(before, self);
                *kept = Some((before.revision, news.clone()));
                news
            }
        }
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edition").field("revision", &self.revision).field("bytes", &self.synced.len()).finish()
    }
}

fn message(document: &str, context: &[(String, Json)]) -> Result<SyncFlagsResponse, TooLarge> {
    // Where there is none, the Python provider asks for it elsewhere, and one kind of answer there ends its thread.
    let message =
        SyncFlagsResponse { flag_configuration: document.to_owned(), sync_context: Some(Struct::of(context)) };
    match message.encoded_len() {
        bytes if bytes > MOST_BYTES => Err(TooLarge { bytes }),
        _ => Ok(message),
    }
}
