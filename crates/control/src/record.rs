//! Facts on their way into the journal and back.

use engine::{Measurement, Record, Stamp, Timestamp};
use journal::{Draft, Entry, Hash, Sample};
use std::fmt;

/// The draft of a record. Records that rest on measurements name the hash of the last one, which anchors the chain of
/// samples in the chain of the journal.
pub(crate) fn draft(stamp: &Stamp, record: &Record, last_sample: Option<Hash>) -> Result<Draft, Undecodable> {
    let mut body = serde_json::to_value(record).map_err(|e| Undecodable::new("record", &e))?;
    let rests_on_samples = matches!(record, Record::PhasePassed { .. } | Record::RollbackStarted { .. });
    if let (true, Some(hash), Some(fields)) = (rests_on_samples, last_sample, body.as_object_mut()) {
        fields.insert("last_sample".into(), hash.to_string().into());
    }
    Ok(Draft { kind: record.kind().to_string(), at_ms: stamp.at.0, actor: stamp.actor.clone(), body: body.to_string() })
}

/// A measurement of a busy service without buckets of users: to grow towards it would be to copy it several times.
const USUAL_BYTES: usize = 4_096;

/// The body of a measurement's sample.
pub(crate) fn sample_body(measurement: &Measurement) -> Result<String, Undecodable> {
    let mut body = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut body, measurement).map_err(|e| Undecodable::new("a measurement", &e))?;
    // It is kept for long, by a journal in memory for ever.
    body.shrink_to_fit();
    String::from_utf8(body).map_err(|e| Undecodable::new("a measurement", &e))
}

/// The record of an entry of a release's stream, with its stamp.
///
/// # Errors
/// The entry is not one that this version knows.
pub fn decode_record(entry: &Entry) -> Result<(Stamp, Record), Undecodable> {
    let record = serde_json::from_str(&entry.body)
        .map_err(|e| Undecodable::new(&format!("entry {} of {}", entry.seq, entry.stream), &e))?;
    Ok((Stamp { at: Timestamp(entry.at_ms), actor: entry.actor.clone() }, record))
}

/// The measurement of a sample.
///
/// # Errors
/// The sample is not one that this version knows.
pub fn decode_measurement(sample: &Sample) -> Result<Measurement, Undecodable> {
    serde_json::from_str(&sample.body)
        .map_err(|e| Undecodable::new(&format!("sample {} of {}", sample.n, sample.stream), &e))
}

/// The journal holds something that this version cannot read, most likely written by a newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Where.
    pub place: String,
    /// What the decoder said.
    pub why: String,
}

impl Undecodable {
    pub(crate) fn new(place: &str, why: &dyn fmt::Display) -> Self {
        Self { place: place.to_string(), why: why.to_string() }
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be read by this version: {}", self.place, self.why)
    }
}

impl std::error::Error for Undecodable {}
