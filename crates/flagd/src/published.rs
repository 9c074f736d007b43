//! The port: what this crate asks of whoever holds the flags and knows the tokens.

use crate::{Caller, Edition};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::watch;

/// Who holds the flags of all channels, and knows who may have which.
pub trait Published: Send + Sync + 'static {
    /// The flags as they are now, for one answer.
    ///
    /// # Errors
    /// If this caller may not have them.
    fn current(&self, caller: &Caller<'_>, wants: Wants) -> Result<Arc<Edition>, Denied>;

    /// The flags as they are and as they become, for a stream.
    ///
    /// # Errors
    /// If this caller may not have them.
    fn subscribe(&self, caller: &Caller<'_>, wants: Wants) -> Result<Subscription, Denied>;
}

/// What a caller wants the flags for: a token may be good for one and not for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wants {
    /// The definitions, rules and all.
    Sync,
    /// Answers about one user at a time.
    Evaluate,
}

/// A stream that was let in.
pub struct Subscription {
    /// The editions of the channel. Only the newest counts: a reader that is slow skips what was between.
    pub editions: watch::Receiver<Arc<Edition>>,
    /// Resolves when the token is taken back, and the stream ends there.
    pub ended: BoxFuture<'static, ()>,
    /// Is told what the client was sent; dropped when the stream is over.
    pub client: Box<dyn Client>,
}

/// A client that holds a stream, in the eyes of whoever counts clients.
pub trait Client: Send + 'static {
    /// This revision was handed to the client's connection. That the application has it, only the application can say.
    fn sent(&self, revision: u64);
}

/// Why a caller gets nothing. It is told which of the two it is, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denied {
    /// It did not say who it is, or nobody is that.
    Unauthenticated,
    /// It may not have this, or there is no such thing: which of the two, it does not learn.
    Forbidden,
}
