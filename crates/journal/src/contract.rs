//! The contract that every store of the journal keeps, whatever holds the bytes.
//!
//! No method has a default body: a store that forgets one does not compile, and a wrapper that injects faults in a
//! simulation must say what it does with each.

use std::future::Future;
use std::pin::Pin;

use crate::{
    AppendError, Begun, Damage, Draft, Entry, Fence, Head, Lease, LeaseError, Report, Sample, StreamHead, Tail,
    Unavailable,
};

/// A boxed future, so that [`Journal`] can be used as `dyn Journal`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An append-only journal of streams.
///
/// A future that is dropped before it answers leaves its write undecided: it may still be carried out. The caller that
/// must know reads the stream, or repeats the call and takes [`AppendError::Conflict`] for "it was".
pub trait Journal: Send + Sync {
    /// Appends `drafts` to `stream`, all or none, and answers once they are durable.
    ///
    /// `expected_seq` is the sequence number of the stream's last entry, 0 for a new stream. `fence` is the token of the
    /// lease under which the caller writes; before the first lease of a journal it is `Fence(0)`. The fence is checked
    /// first, so a leader that was replaced always learns that, and not a conflict. An empty `drafts` checks and writes nothing.
    ///
    /// # Errors
    /// [`AppendError::Malformed`] for what may never be stored, [`AppendError::Fenced`], [`AppendError::Conflict`]:
    /// nothing was written. [`AppendError::Unavailable`]: nothing was acknowledged; see the note on the trait.
    fn append(
        &self,
        stream: &str,
        expected_seq: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> BoxFuture<'_, Result<Vec<Entry>, AppendError>>;

    /// Stores one measurement of `stream`, written once and never edited.
    ///
    /// `expected_n` is the number of the stream's last sample, 0 for the first. `after_seq` is the sequence number of the
    /// stream's entry that the measurement follows: it may not exceed the stream's last one nor fall behind the sample
    /// before, so that a replay can interleave both without guessing.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn append_sample(
        &self,
        stream: &str,
        expected_n: u64,
        after_seq: u64,
        fence: Fence,
        body: String,
    ) -> BoxFuture<'_, Result<Sample, AppendError>>;

    /// Reads at most `limit` entries of `stream` whose sequence number is above `after_seq`, in order.
    ///
    /// # Errors
    /// [`Unavailable`]; of kind `Damaged` with a place when an entry is not what was written.
    fn read_stream(&self, stream: &str, after_seq: u64, limit: usize)
    -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>>;

    /// Reads at most `limit` entries of all streams whose position is above `after_position`, in order.
    ///
    /// # Errors
    /// As [`Journal::read_stream`].
    fn read_all(&self, after_position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>>;

    /// Reads at most `limit` samples of `stream` whose number is above `after_n`, in order.
    ///
    /// # Errors
    /// As [`Journal::read_stream`].
    fn read_samples(&self, stream: &str, after_n: u64, limit: usize)
    -> BoxFuture<'_, Result<Vec<Sample>, Unavailable>>;

    /// The streams whose name starts with `prefix`, by name in byte order, each with the sequence number of its last entry.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn streams(&self, prefix: &str) -> BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>>;

    /// The streams whose name starts with `prefix` and whose first entry lies above `after_position`, oldest first: what is
    /// new since the position at which all were listed. Costs what was appended since, and not what there is.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn begun(&self, prefix: &str, after_position: u64) -> BoxFuture<'_, Result<Begun, Unavailable>>;

    /// The end of the chain. Kept elsewhere, it is the anchor for [`Journal::verify_against`].
    ///
    /// # Errors
    /// [`Unavailable`].
    fn head(&self) -> BoxFuture<'_, Result<Head, Unavailable>>;

    /// Follows the journal from the entry after `after_position`: first what is stored, then what is appended.
    /// A slow reader delays no writer and misses nothing.
    fn tail(&self, after_position: u64) -> Tail;

    /// Takes the leader's lease for `holder` until `now_ms + ttl_ms`, with a fence above every earlier one.
    ///
    /// It is granted when nobody holds it, when it has run out (`now_ms >= until_ms`), and to the same `holder` again: a
    /// leader that was killed and restarted need not wait, and its former self is fenced off.
    ///
    /// # Errors
    /// [`LeaseError::Held`] while somebody else holds it; [`LeaseError::Unavailable`].
    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>>;

    /// Prolongs `lease` until `now_ms + ttl_ms` under the same fence. A lease that ran out can be renewed as long as nobody
    /// took it: no other fence was given out, so nothing can have been written in between.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] when a later fence exists; [`LeaseError::Unavailable`].
    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>>;

    /// Gives `lease` back. Its fence is spent: appends under it are refused from here on.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] when a later fence exists; [`LeaseError::Unavailable`].
    fn release(&self, lease: &Lease) -> BoxFuture<'_, Result<(), LeaseError>>;

    /// Checks every entry and every sample against their chains, and the store's own structure.
    ///
    /// A journal whose *last* entries or last samples were cut off is still a journal: without an anchor that cannot be
    /// told, see [`Journal::verify_against`]. Nor can, without one, a journal that was rewritten as a whole.
    ///
    /// # Errors
    /// The first [`Damage`] found.
    fn verify(&self) -> BoxFuture<'_, Result<Report, Damage>>;

    /// [`Journal::verify`], and that the journal still holds the entry that `anchor` names, with the same hash: then
    /// everything up to the anchor is what it was when the anchor was taken. Samples have no such anchor unless an entry
    /// quotes the hash of one.
    ///
    /// # Errors
    /// The first [`Damage`] found.
    fn verify_against(&self, anchor: Head) -> BoxFuture<'_, Result<Report, Damage>>;
}
