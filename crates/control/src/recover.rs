//! Back to where a release was: the same fold that ran live, over what was written.

use crate::ReleaseId;
use crate::error::ControlError;
use crate::record::{Undecodable, decode_measurement, decode_record};
use engine::{Fact, Measurement, Record, Stamp, State, Timestamp};
use journal::{Entry, Hash, Journal, Sample};
use std::sync::Arc;

/// How much is read at once.
const PAGE: usize = 512;

/// A release as its streams tell it.
pub(crate) struct Recovered {
    pub(crate) state: State,
    pub(crate) seq: u64,
    pub(crate) samples: u64,
    pub(crate) last_sample: Option<Hash>,
    pub(crate) last: Option<Arc<Measurement>>,
    pub(crate) counted_to: Option<Timestamp>,
}

/// Folds a release from its entries and samples, in the order in which they were written.
pub(crate) async fn recover(journal: &dyn Journal, id: ReleaseId) -> Result<Recovered, ControlError> {
    let entries = read_entries(journal, &id.stream()).await?;
    let samples = read_samples(journal, &id.stream()).await?;
    fold(id, &entries, &samples).map_err(ControlError::from)
}

fn fold(id: ReleaseId, entries: &[Entry], samples: &[Sample]) -> Result<Recovered, Undecodable> {
    let (first, rest) = entries.split_first().ok_or_else(|| Undecodable::new(&id.stream(), &"the stream is empty"))?;
    let (stamp, record) = decode_record(first)?;
    let Record::Opened(opened) = record else {
        return Err(Undecodable::new(&id.stream(), &"the first entry is not `opened`"));
    };
    let state = State::open(&stamp, *opened).map_err(|e| Undecodable::new(&id.stream(), &e))?;
    let mut recovered =
        Recovered { state, seq: first.seq, samples: 0, last_sample: None, last: None, counted_to: None };
    let mut samples = samples.iter().peekable();
    for entry in rest {
        while let Some(sample) = samples.next_if(|sample| sample.after_seq < entry.seq) {
            recovered.take_sample(sample)?;
        }
        let (stamp, record) = decode_record(entry)?;
        recovered.state.absorb(&stamp, &Fact::Record(record));
        recovered.seq = entry.seq;
    }
    for sample in samples {
        recovered.take_sample(sample)?;
    }
    Ok(recovered)
}

impl Recovered {
    fn take_sample(&mut self, sample: &Sample) -> Result<(), Undecodable> {
        let measurement = decode_measurement(sample)?;
        let stamp = stamp_of(&measurement);
        if measurement.gap.is_none() {
            self.counted_to = Some(measurement.to);
        }
        self.last = Some(Arc::new(measurement.clone()));
        self.state.absorb(&stamp, &Fact::Measured(Box::new(measurement)));
        self.samples = sample.n;
        self.last_sample = Some(sample.hash);
        Ok(())
    }
}

/// The stamp under which a measurement is absorbed, live and in recovery: when control had it.
pub(crate) fn stamp_of(measurement: &Measurement) -> Stamp {
    Stamp { at: Timestamp(measurement.received_at.0), actor: crate::control::SELF.to_string() }
}

async fn read_entries(journal: &dyn Journal, stream: &str) -> Result<Vec<Entry>, ControlError> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let after = all.last().map_or(0, |entry| entry.seq);
        let page = journal.read_stream(stream, after, PAGE).await?;
        let done = page.len() < PAGE;
        all.extend(page);
        if done {
            return Ok(all);
        }
    }
}

async fn read_samples(journal: &dyn Journal, stream: &str) -> Result<Vec<Sample>, ControlError> {
    let mut all: Vec<Sample> = Vec::new();
    loop {
        let after = all.last().map_or(0, |sample| sample.n);
        let page = journal.read_samples(stream, after, PAGE).await?;
        let done = page.len() < PAGE;
        all.extend(page);
        if done {
            return Ok(all);
        }
    }
}
