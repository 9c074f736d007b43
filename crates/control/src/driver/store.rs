//! Writing down what is true, in order, one append at a time.

use super::effect::{Outcome, Written};
use super::{Driver, Finished, Reply};
use crate::error::ControlError;
use crate::record::{Undecodable, draft, sample_body};
use engine::{Fact, Measurement, Record, Share, Stamp, desired};
use journal::{AppendError, Draft, Entry};
use std::sync::Arc;

/// Measurements are not taken any more while so much waits for the journal: memory is finite, and the soak stands still.
pub(super) const MOST_UNWRITTEN: usize = 4_096;

/// Facts that are true and not yet written.
pub(super) struct Pending {
    what: What,
    /// The share that the state asked for after them.
    share: Share,
    reply: Option<Reply>,
}

enum What {
    Records(Vec<(Stamp, Record)>),
    Sample(Arc<Measurement>),
    /// Nothing to write, only to answer once everything before is written.
    Nothing,
}

impl Driver {
    pub(super) fn enqueue(&mut self, stamp: &Stamp, facts: Vec<Fact>, reply: Option<Reply>) {
        let share = desired(&self.state).share;
        let mut queue = Vec::new();
        for fact in facts {
            match (fact, queue.last_mut()) {
                (Fact::Record(record), Some(Pending { what: What::Records(records), .. })) => {
                    records.push((stamp.clone(), record));
                }
                (Fact::Record(record), _) => {
                    queue.push(Pending { what: What::Records(vec![(stamp.clone(), record)]), share, reply: None });
                }
                (Fact::Measured(measurement), _) => {
                    if measurement.gap.is_none() {
                        self.counted_to = Some(measurement.to);
                    }
                    let measurement: Arc<Measurement> = measurement.into();
                    self.last = Some(Arc::clone(&measurement));
                    queue.push(Pending { what: What::Sample(measurement), share: self.queued_share(), reply: None });
                }
            }
        }
        match (queue.last_mut(), reply) {
            (Some(last), reply) => last.reply = reply,
            (None, Some(reply)) => queue.push(Pending { what: What::Nothing, share, reply: Some(reply) }),
            (None, None) => {}
        }
        self.pending.extend(queue);
    }

    /// The share after everything that is queued; a measurement by itself changes nothing.
    fn queued_share(&self) -> Share {
        self.pending.back().map_or(self.written_share, |last| last.share)
    }

    /// Starts to write the oldest pending facts, unless something is being written.
    pub(super) fn store(&mut self) {
        while let Some(Pending { what: What::Nothing, .. }) = self.pending.front() {
            self.written();
        }
        if !self.effects.store.ready() {
            return;
        }
        let Some(front) = self.pending.front() else { return };
        let journal = Arc::clone(&self.journal);
        let (stream, seq, n, fence) = (self.id.stream(), self.seq, self.samples, self.fence);
        match &front.what {
            What::Records(records) => {
                let drafts: Result<Vec<Draft>, Undecodable> =
                    records.iter().map(|(stamp, record)| draft(stamp, record, self.last_sample)).collect();
                match drafts {
                    Ok(drafts) => self.spawn_store(async move {
                        journal.append(&stream, seq, fence, drafts).await.map(Written::Entries)
                    }),
                    Err(error) => self.cannot_encode(&error),
                }
            }
            What::Sample(measurement) => match sample_body(measurement) {
                Ok(body) => self.spawn_store(async move {
                    journal.append_sample(&stream, n, seq, fence, body).await.map(Written::Sample)
                }),
                Err(error) => self.cannot_encode(&error),
            },
            What::Nothing => {}
        }
    }

    fn spawn_store(&mut self, write: impl std::future::Future<Output = Result<Written, AppendError>> + Send + 'static) {
        let effect = self.effects.store.start(async move { Outcome::Stored(write.await) });
        self.effects.running.push(effect);
    }

    pub(super) fn stored(&mut self, result: Result<Written, AppendError>) -> Option<Finished> {
        match result {
            Ok(Written::Entries(entries)) => self.took_entries(&entries),
            Ok(Written::Sample(sample)) => {
                self.samples = sample.n;
                self.last_sample = Some(sample.hash);
                self.effects.store.done();
                self.written();
            }
            Err(AppendError::Fenced { .. }) => return Some(Finished::Deposed),
            // An append whose answer was lost may have been carried out: the fold of what is written decides.
            Err(AppendError::Conflict { .. }) => return Some(Finished::Stale),
            Err(error) => {
                self.effects.store.failed(200, 2_000);
                self.trouble("journal", Some((error.code(), error.to_string(), error.hint().to_string())));
                self.answer_unwritten(&error);
            }
        }
        None
    }

    fn took_entries(&mut self, entries: &[Entry]) {
        if let Some(last) = entries.last() {
            self.seq = last.seq;
        }
        self.effects.store.done();
        self.written();
    }

    /// The front of the queue is written: what it asked for counts from now on, and whoever waited for it is answered.
    fn written(&mut self) {
        let Some(front) = self.pending.pop_front() else { return };
        self.written_share = front.share;
        self.changed = true;
        self.trouble("journal", None);
        if let Some(reply) = front.reply {
            let _ = reply.send(Ok(self.live()));
        }
    }

    /// Whoever waits for something that cannot be written now is told so; it stays true and is tried again.
    fn answer_unwritten(&mut self, error: &AppendError) {
        let why = error.to_string();
        for pending in &mut self.pending {
            if let Some(reply) = pending.reply.take() {
                let _ = reply.send(Err(ControlError::Unwritten { why: why.clone() }));
            }
        }
        self.changed = true;
    }

    fn cannot_encode(&mut self, error: &Undecodable) {
        self.effects.store.failed(2_000, 60_000);
        let hint = "this is a fault of Tidegate; the release is held, take users back by hand if need be".to_string();
        self.trouble("journal", Some(("TG-2108", error.to_string(), hint)));
    }
}
