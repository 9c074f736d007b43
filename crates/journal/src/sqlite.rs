//! The embedded journal: one SQLite file, one writing thread, a few reading ones.
//!
//! One thread owns the only connection that writes, so appends need no lock of ours and queued ones share a sync of the
//! disk. Reading has its own connections and, in WAL mode, never waits for the writer nor holds it up. Another process
//! may open the same file: SQLite orders the writers, the fence decides whose writes count, and a watcher tells our
//! tails what others appended.

mod connection;
mod fault;
mod open_error;
mod operation;
mod readers;
mod rows;
mod schema;
mod still;
mod verify;
mod watcher;
mod writer;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

pub use open_error::OpenError;

use crate::{
    AppendError, Begun, BoxFuture, Damage, Draft, Entry, Fence, Head, Journal, Lease, LeaseError, Report, Sample,
    StreamHead, Tail, Unavailable, UnavailableKind, admit,
};
use connection::Source;
use operation::{Acquire, Append, AppendSample, Operation, Release, Renew};
use readers::{Readers, ReadingThreads};
use watcher::Watcher;
use writer::Writer;

/// A journal in a SQLite file. Dropping it carries out what is queued and closes the file.
pub struct Sqlite {
    // Fields are dropped in this order: the writer last, so that it can fold the log into the file as the only one left.
    watcher: Watcher,
    threads: ReadingThreads,
    readers: Arc<Readers>,
    writer: Option<Writer>,
}

impl Sqlite {
    /// Opens the journal at `path` for reading and writing, and creates it when there is no file. Blocks on the disk.
    ///
    /// # Errors
    /// [`OpenError`]. A file that is not a journal is left as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let (source, connection) = Source::open_or_create(path.as_ref())?;
        let height = Arc::new(watch::Sender::new(0));
        let writer = Writer::start(source.clone(), connection, height.clone())?;
        Self::start(source, height, Some(writer))
    }

    /// Opens the journal at `path` for reading alone, also while a server writes it. Every write is refused as
    /// [`UnavailableKind::ReadOnly`]. Beside a file that nobody writes, nothing is made: it may be evidence, or lie on a medium
    /// that cannot be written at all.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let source = Source::existing(path.as_ref())?;
        Self::start(source, Arc::new(watch::Sender::new(0)), None)
    }

    fn start(source: Source, height: Arc<watch::Sender<u64>>, writer: Option<Writer>) -> Result<Self, OpenError> {
        let (readers, threads) = Readers::start(&source)?;
        let watcher = Watcher::start(source, height)?;
        Ok(Self { watcher, threads, readers, writer })
    }

    async fn write<O: Operation>(&self, operation: O) -> Result<O::Answer, O::Refusal> {
        match &self.writer {
            Some(writer) => writer.submit(operation).await,
            None => Err(Unavailable::new(UnavailableKind::ReadOnly, "opened for reading alone").into()),
        }
    }
}

impl Journal for Sqlite {
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
            self.write(Append { stream, expected_seq, fence, drafts }).await
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
            self.write(AppendSample { stream, expected_n, after_seq, fence, body }).await
        })
    }

    fn read_stream(
        &self,
        stream: &str,
        after_seq: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        let stream = stream.to_owned();
        self.readers.run(move |connection| rows::stream(connection, &stream, after_seq, limit))
    }

    fn read_all(&self, after_position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        self.readers.run(move |connection| rows::all(connection, after_position, limit))
    }

    fn read_samples(
        &self,
        stream: &str,
        after_n: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Sample>, Unavailable>> {
        let stream = stream.to_owned();
        self.readers.run(move |connection| rows::samples(connection, &stream, after_n, limit))
    }

    fn streams(&self, prefix: &str) -> BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>> {
        let prefix = prefix.to_owned();
        self.readers.run(move |connection| rows::streams(connection, &prefix))
    }

    fn begun(&self, prefix: &str, after_position: u64) -> BoxFuture<'_, Result<Begun, Unavailable>> {
        let prefix = prefix.to_owned();
        self.readers.run(move |connection| rows::begun(connection, &prefix, after_position))
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, Unavailable>> {
        self.readers.run(rows::head)
    }

    fn tail(&self, after_position: u64) -> Tail {
        Tail::new(self.readers.clone(), self.watcher.subscribe(), after_position)
    }

    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        Box::pin(self.write(Acquire { holder: holder.to_owned(), now_ms, ttl_ms }))
    }

    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        Box::pin(self.write(Renew { lease: lease.clone(), now_ms, ttl_ms }))
    }

    fn release(&self, lease: &Lease) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(self.write(Release { lease: lease.clone() }))
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Damage>> {
        self.verify_against(Head::EMPTY)
    }

    fn verify_against(&self, anchor: Head) -> BoxFuture<'_, Result<Report, Damage>> {
        verify::against(self.threads.source().clone(), anchor)
    }
}
