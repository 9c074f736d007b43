//! The writes, each as it runs inside a transaction.
//!
//! Every check comes before the first statement that writes, so a refused operation has changed nothing and its
//! neighbours in the same transaction are none the worse.

use rusqlite::Connection;

use super::rows::{self, stored};
use crate::lease::Holding;
use crate::{AppendError, Draft, Entry, Fence, Lease, LeaseError, Sample, Unavailable, admit, chain};

/// A write. It may be carried out more than once, when the transaction it shared with others failed.
pub(super) trait Operation: Send + 'static {
    type Answer: Send;
    type Refusal: From<Unavailable> + Send;

    fn apply(&self, connection: &Connection) -> Result<Self::Answer, Halt<Self::Refusal>>;
}

/// Why an operation did not go through.
pub(super) enum Halt<R> {
    /// By its own terms; the transaction is sound.
    Refused(R),
    /// The transaction is lost.
    Failed(Unavailable),
}

pub(super) struct Append {
    pub(super) stream: String,
    pub(super) expected_seq: u64,
    pub(super) fence: Fence,
    pub(super) drafts: Vec<Draft>,
}

pub(super) struct AppendSample {
    pub(super) stream: String,
    pub(super) expected_n: u64,
    pub(super) after_seq: u64,
    pub(super) fence: Fence,
    pub(super) body: String,
}

pub(super) struct Acquire {
    pub(super) holder: String,
    pub(super) now_ms: i64,
    pub(super) ttl_ms: i64,
}

pub(super) struct Renew {
    pub(super) lease: Lease,
    pub(super) now_ms: i64,
    pub(super) ttl_ms: i64,
}

pub(super) struct Release {
    pub(super) lease: Lease,
}

impl Operation for Append {
    type Answer = Vec<Entry>;
    type Refusal = AppendError;

    fn apply(&self, connection: &Connection) -> Result<Vec<Entry>, Halt<AppendError>> {
        check_fence(connection, self.fence)?;
        let actual = rows::stream_seq(connection, &self.stream)?;
        check_last(self.expected_seq, actual)?;
        let mut head = rows::head(connection)?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO entries (position, stream, seq, at_ms, actor, kind, body, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let mut entries = Vec::with_capacity(self.drafts.len());
        for (seq, draft) in (actual + 1..).zip(&self.drafts) {
            let entry = chain::seal(head.hash, head.position + 1, &self.stream, seq, draft.clone());
            let (position, seq) = (stored(entry.position), stored(entry.seq));
            insert.execute((
                position,
                &entry.stream,
                seq,
                entry.at_ms,
                &entry.actor,
                &entry.kind,
                &entry.body,
                &entry.hash.0,
            ))?;
            head = crate::Head { position: entry.position, hash: entry.hash };
            entries.push(entry);
        }
        Ok(entries)
    }
}

impl Operation for AppendSample {
    type Answer = Sample;
    type Refusal = AppendError;

    fn apply(&self, connection: &Connection) -> Result<Sample, Halt<AppendError>> {
        check_fence(connection, self.fence)?;
        let (actual, last_after, before) = rows::last_sample(connection, &self.stream)?;
        check_last(self.expected_n, actual)?;
        let stream_seq = rows::stream_seq(connection, &self.stream)?;
        admit::sample_follows(self.after_seq, stream_seq, last_after).map_err(Halt::Refused)?;
        let sample = chain::seal_sample(before, &self.stream, actual + 1, self.after_seq, self.body.clone());
        connection
            .prepare_cached("INSERT INTO samples (stream, n, after_seq, body, hash) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((&sample.stream, stored(sample.n), stored(sample.after_seq), &sample.body, &sample.hash.0))?;
        Ok(sample)
    }
}

impl Operation for Acquire {
    type Answer = Lease;
    type Refusal = LeaseError;

    fn apply(&self, connection: &Connection) -> Result<Lease, Halt<LeaseError>> {
        let granted = rows::holding(connection)?.acquire(&self.holder, self.now_ms, self.ttl_ms);
        let (holding, lease) = granted.map_err(Halt::Refused)?;
        keep(connection, &holding)?;
        Ok(lease)
    }
}

impl Operation for Renew {
    type Answer = Lease;
    type Refusal = LeaseError;

    fn apply(&self, connection: &Connection) -> Result<Lease, Halt<LeaseError>> {
        let granted = rows::holding(connection)?.renew(&self.lease, self.now_ms, self.ttl_ms);
        let (holding, lease) = granted.map_err(Halt::Refused)?;
        keep(connection, &holding)?;
        Ok(lease)
    }
}

impl Operation for Release {
    type Answer = ();
    type Refusal = LeaseError;

    fn apply(&self, connection: &Connection) -> Result<(), Halt<LeaseError>> {
        let holding = rows::holding(connection)?.release(&self.lease).map_err(Halt::Refused)?;
        Ok(keep(connection, &holding)?)
    }
}

fn check_fence(connection: &Connection, presented: Fence) -> Result<(), Halt<AppendError>> {
    let current = Fence(rows::holding(connection)?.fence);
    if presented == current { Ok(()) } else { Err(Halt::Refused(AppendError::Fenced { presented, current })) }
}

fn check_last(expected: u64, actual: u64) -> Result<(), Halt<AppendError>> {
    if expected == actual { Ok(()) } else { Err(Halt::Refused(AppendError::Conflict { expected, actual })) }
}

fn keep(connection: &Connection, holding: &Holding) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE lease SET fence = ?1, holder = ?2, until_ms = ?3 WHERE one = 1")?.execute((
        stored(holding.fence),
        &holding.holder,
        holding.until_ms,
    ))?;
    Ok(())
}

impl<R> From<Unavailable> for Halt<R> {
    fn from(unavailable: Unavailable) -> Self {
        Self::Failed(unavailable)
    }
}

impl<R> From<rusqlite::Error> for Halt<R> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}
