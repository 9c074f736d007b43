//! A journal that lives and dies with the process: for the simulator, for tests, and as the contract's plainest reading.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::audit::Audit;
use crate::lease::Holding;
use crate::tail::{Storage, Tail};
use crate::{
    AppendError, Begun, BoxFuture, Damage, Draft, Entry, Fence, Hash, Head, Journal, Lease, LeaseError, Report, Sample,
    StreamHead, Unavailable, admit, chain,
};

/// A journal in memory. Every call answers at once.
pub struct Memory {
    shelf: Arc<Shelf>,
    height: watch::Sender<u64>,
}

impl Memory {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self { shelf: Arc::default(), height: watch::Sender::new(0) }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Journal for Memory {
    fn append(
        &self,
        stream: &str,
        expected_seq: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> BoxFuture<'_, Result<Vec<Entry>, AppendError>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            admit::drafts(&stream, &drafts)?;
            let mut books = self.shelf.books();
            let entries = books.append(&stream, expected_seq, fence, drafts)?;
            // Published under the lock, so that the height never goes back.
            self.height.send_replace(books.head().position);
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
        let stream = stream.to_owned();
        Box::pin(async move {
            admit::sample(&stream, &body)?;
            self.shelf.books().append_sample(&stream, expected_n, after_seq, fence, body)
        })
    }

    fn read_stream(
        &self,
        stream: &str,
        after_seq: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            let books = self.shelf.books();
            let places = books.streams.get(&stream).map_or(&[][..], Vec::as_slice);
            Ok(after(places, after_seq, limit).iter().filter_map(|place| books.entries.get(*place)).cloned().collect())
        })
    }

    fn read_all(&self, after_position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        self.shelf.read_after(after_position, limit)
    }

    fn read_samples(
        &self,
        stream: &str,
        after_n: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Sample>, Unavailable>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            let books = self.shelf.books();
            Ok(after(books.samples.get(&stream).map_or(&[][..], Vec::as_slice), after_n, limit).to_vec())
        })
    }

    fn streams(&self, prefix: &str) -> BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>> {
        let prefix = prefix.to_owned();
        Box::pin(async move {
            let books = self.shelf.books();
            let matching = books.streams.range(prefix.clone()..).take_while(|(stream, _)| stream.starts_with(&prefix));
            Ok(matching
                .map(|(stream, places)| StreamHead { stream: stream.clone(), seq: places.len() as u64 })
                .collect())
        })
    }

    fn begun(&self, prefix: &str, after_position: u64) -> BoxFuture<'_, Result<Begun, Unavailable>> {
        let prefix = prefix.to_owned();
        Box::pin(async move {
            let books = self.shelf.books();
            let new = after(&books.entries, after_position, usize::MAX).iter().filter(|entry| entry.seq == 1);
            let streams = new.map(|entry| &entry.stream).filter(|stream| stream.starts_with(&prefix));
            Ok(Begun { streams: streams.cloned().collect(), upto: books.head().position })
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, Unavailable>> {
        Box::pin(async move { Ok(self.shelf.books().head()) })
    }

    fn tail(&self, after_position: u64) -> Tail {
        Tail::new(self.shelf.clone(), self.height.subscribe(), after_position)
    }

    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        let holder = holder.to_owned();
        Box::pin(async move {
            let mut books = self.shelf.books();
            let (holding, lease) = books.holding.acquire(&holder, now_ms, ttl_ms)?;
            books.holding = holding;
            Ok(lease)
        })
    }

    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        let lease = lease.clone();
        Box::pin(async move {
            let mut books = self.shelf.books();
            let (holding, lease) = books.holding.renew(&lease, now_ms, ttl_ms)?;
            books.holding = holding;
            Ok(lease)
        })
    }

    fn release(&self, lease: &Lease) -> BoxFuture<'_, Result<(), LeaseError>> {
        let lease = lease.clone();
        Box::pin(async move {
            let mut books = self.shelf.books();
            books.holding = books.holding.release(&lease)?;
            Ok(())
        })
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Damage>> {
        self.verify_against(Head::EMPTY)
    }

    fn verify_against(&self, anchor: Head) -> BoxFuture<'_, Result<Report, Damage>> {
        Box::pin(async move {
            let books = self.shelf.books();
            let mut audit = Audit::against(anchor);
            books.entries.iter().try_for_each(|entry| audit.entry(entry))?;
            books.samples.values().flatten().try_for_each(|sample| audit.sample(sample))?;
            audit.finish()
        })
    }
}

#[derive(Default)]
struct Shelf(Mutex<Books>);

#[derive(Default)]
struct Books {
    entries: Vec<Entry>,
    /// Of each stream, the indices of its entries.
    streams: BTreeMap<String, Vec<usize>>,
    samples: BTreeMap<String, Vec<Sample>>,
    holding: Holding,
}

impl Shelf {
    fn books(&self) -> MutexGuard<'_, Books> {
        // Nothing under the lock can panic half-way: every change is decided first and then written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for Shelf {
    fn read_after(&self, position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        Box::pin(async move { Ok(after(&self.books().entries, position, limit).to_vec()) })
    }
}

impl Books {
    fn append(
        &mut self,
        stream: &str,
        expected: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Entry>, AppendError> {
        self.check_fence(fence)?;
        let actual = self.stream_seq(stream);
        if actual != expected {
            return Err(AppendError::Conflict { expected, actual });
        }
        let mut sealed = Vec::with_capacity(drafts.len());
        let mut head = self.head();
        for (seq, draft) in (actual + 1..).zip(drafts) {
            let entry = chain::seal(head.hash, head.position + 1, stream, seq, draft);
            head = Head { position: entry.position, hash: entry.hash };
            sealed.push(entry);
        }
        if !sealed.is_empty() {
            let places = self.entries.len()..self.entries.len() + sealed.len();
            self.streams.entry(stream.to_owned()).or_default().extend(places);
            self.entries.extend_from_slice(&sealed);
        }
        Ok(sealed)
    }

    fn append_sample(
        &mut self,
        stream: &str,
        expected: u64,
        after_seq: u64,
        fence: Fence,
        body: String,
    ) -> Result<Sample, AppendError> {
        self.check_fence(fence)?;
        let last = self.samples.get(stream).and_then(|samples| samples.last());
        let (actual, last_after, before) = last.map_or((0, 0, Hash::ZERO), |last| (last.n, last.after_seq, last.hash));
        if actual != expected {
            return Err(AppendError::Conflict { expected, actual });
        }
        admit::sample_follows(after_seq, self.stream_seq(stream), last_after)?;
        let sample = chain::seal_sample(before, stream, actual + 1, after_seq, body);
        self.samples.entry(stream.to_owned()).or_default().push(sample.clone());
        Ok(sample)
    }

    fn check_fence(&self, presented: Fence) -> Result<(), AppendError> {
        let current = Fence(self.holding.fence);
        if presented == current { Ok(()) } else { Err(AppendError::Fenced { presented, current }) }
    }

    fn stream_seq(&self, stream: &str) -> u64 {
        self.streams.get(stream).map_or(0, |places| places.len() as u64)
    }

    fn head(&self) -> Head {
        self.entries.last().map_or(Head::EMPTY, |last| Head { position: last.position, hash: last.hash })
    }
}

/// The items after the first `skip`, at most `limit`: numbers are from 1 and gapless, so a number is a count.
fn after<T>(items: &[T], skip: u64, limit: usize) -> &[T] {
    let rest = usize::try_from(skip).ok().and_then(|skip| items.get(skip..)).unwrap_or(&[]);
    &rest[..rest.len().min(limit)]
}
