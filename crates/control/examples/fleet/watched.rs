//! The journal as control reaches it, with a stopwatch at the door. Everything is passed on as it comes.

use crate::ledger::{Ledger, named};
use crate::ports::now_us;
use journal::{
    AppendError, Begun, BoxFuture, Damage, Draft, Entry, Fence, Head, Journal, Lease, LeaseError, Report, Sample,
    Sqlite, StreamHead, Tail, Unavailable,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Watched {
    journal: Sqlite,
    ledger: Arc<Ledger>,
    entries: AtomicU64,
    samples: AtomicU64,
    bytes: AtomicU64,
}

/// What the journal has taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) entries: u64,
    pub(crate) samples: u64,
    /// The text of both, without what the file needs besides.
    pub(crate) bytes: u64,
}

impl Watched {
    pub(crate) fn new(journal: Sqlite, ledger: Arc<Ledger>) -> Self {
        let (entries, samples, bytes) = Default::default();
        Self { journal, ledger, entries, samples, bytes }
    }

    pub(crate) fn written(&self) -> Taken {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Taken { entries: read(&self.entries), samples: read(&self.samples), bytes: read(&self.bytes) }
    }
}

impl Journal for Watched {
    fn append(
        &self,
        stream: &str,
        expected_seq: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> BoxFuture<'_, Result<Vec<Entry>, AppendError>> {
        let append = self.journal.append(stream, expected_seq, fence, drafts);
        Box::pin(async move {
            let entries = append.await?;
            self.entries.fetch_add(entries.len() as u64, Ordering::Relaxed);
            self.bytes.fetch_add(entries.iter().map(|entry| entry.body.len() as u64).sum(), Ordering::Relaxed);
            Ok(entries)
        })
    }

    fn append_sample(
        &self,
        stream: &str,
        expected_n: u64,
        after_seq: u64,
        fence: Fence,
        body: String,
    ) -> BoxFuture<'_, Result<Sample, AppendError>> {
        let (named, bytes) = (named(stream, &body), body.len() as u64);
        if let Some((service, due)) = named {
            self.ledger.decided(service, due, now_us());
        }
        let append = self.journal.append_sample(stream, expected_n, after_seq, fence, body);
        Box::pin(async move {
            let sample = append.await?;
            if let Some((service, due)) = named {
                self.ledger.written(service, due, now_us());
            }
            self.samples.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            Ok(sample)
        })
    }

    fn read_stream(
        &self,
        stream: &str,
        after_seq: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        self.journal.read_stream(stream, after_seq, limit)
    }

    fn read_all(&self, after_position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        self.journal.read_all(after_position, limit)
    }

    fn read_samples(
        &self,
        stream: &str,
        after_n: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Sample>, Unavailable>> {
        self.journal.read_samples(stream, after_n, limit)
    }

    fn streams(&self, prefix: &str) -> BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>> {
        self.journal.streams(prefix)
    }

    fn begun(&self, prefix: &str, after_position: u64) -> BoxFuture<'_, Result<Begun, Unavailable>> {
        self.journal.begun(prefix, after_position)
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, Unavailable>> {
        self.journal.head()
    }

    fn tail(&self, after_position: u64) -> Tail {
        self.journal.tail(after_position)
    }

    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        self.journal.acquire(holder, now_ms, ttl_ms)
    }

    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        self.journal.renew(lease, now_ms, ttl_ms)
    }

    fn release(&self, lease: &Lease) -> BoxFuture<'_, Result<(), LeaseError>> {
        self.journal.release(lease)
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Damage>> {
        self.journal.verify()
    }

    fn verify_against(&self, anchor: Head) -> BoxFuture<'_, Result<Report, Damage>> {
        self.journal.verify_against(anchor)
    }
}
