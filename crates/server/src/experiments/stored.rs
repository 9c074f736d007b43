//! What the journal keeps of an experiment: an entry when it begins to be counted anew, and its counts as samples after it. The
//! words are stored for years and never renamed.

use crate::code::Code;
use crate::failure::Failure;
use experiments::Counts;
use flags::{Decision, Weight};
use journal::{Draft, Fence, Journal, Sample};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// The kind under which the journal files it.
const BEGAN: &str = "experiment_began";
/// Entries of a stream that are read at once. An experiment begins anew with each change of its split, and no more often.
const PAGE: usize = 256;

/// A flag's users are counted from now on, dealt like this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Began {
    /// Since when the flag has decided so.
    pub(super) since_ms: i64,
    /// The split.
    pub(super) weights: Vec<Weight>,
    /// All that decides.
    pub(super) decision: Decision,
}

/// The latest that the journal has.
pub(super) struct Last {
    pub(super) began: Began,
    /// The number of that entry.
    pub(super) seq: u64,
    /// The number of the stream's last sample.
    pub(super) n: u64,
    /// Since it began; nothing if nothing was written since.
    pub(super) counts: Option<Counts>,
}

/// The stream of an experiment.
pub(super) fn stream(key: &str, channel: &str) -> String {
    format!("experiment/{key}@{channel}")
}

impl Began {
    pub(super) async fn write(
        &self,
        journal: &dyn Journal,
        stream: &str,
        seq: u64,
        fence: Fence,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let body = serde_json::to_string(self).map_err(|error| unreadable(stream, &error))?;
        let draft = Draft { kind: BEGAN.into(), at_ms: now_ms, actor: "tidegate".into(), body };
        let written = journal.append(stream, seq, fence, vec![draft]).await?;
        Ok(written.last().map_or(seq, |entry| entry.seq))
    }
}

/// What was written last of an experiment; nothing if it never was counted.
pub(super) async fn last(journal: &dyn Journal, stream: &str) -> Result<Option<Last>, Failure> {
    let mut newest = None;
    let mut after = 0;
    loop {
        let entries = journal.read_stream(stream, after, PAGE).await?;
        let Some(entry) = entries.last() else { break };
        after = entry.seq;
        newest = Some(entry.clone());
        if entries.len() < PAGE {
            break;
        }
    }
    let Some(entry) = newest else { return Ok(None) };
    let began: Began = serde_json::from_str(&entry.body).map_err(|error| unreadable(stream, &error))?;
    let sample = last_sample(journal, stream).await?;
    let n = sample.as_ref().map_or(0, |sample| sample.n);
    let counts: Option<Counts> = match sample.filter(|sample| sample.after_seq == entry.seq) {
        Some(sample) => Some(serde_json::from_str(&sample.body).map_err(|error| unreadable(stream, &error))?),
        None => None,
    };
    if counts.as_ref().is_some_and(|counts| !counts.fit(began.weights.len())) {
        return Err(unreadable(stream, &"the counts are not those of the split"));
    }
    Ok(Some(Last { began, seq: entry.seq, n, counts }))
}

/// Found in a few steps: there may be one for every minute of a year.
async fn last_sample(journal: &dyn Journal, stream: &str) -> Result<Option<Sample>, Failure> {
    let at = async |n: u64| -> Result<Option<Sample>, Failure> {
        Ok(journal.read_samples(stream, n.saturating_sub(1), 1).await?.into_iter().next())
    };
    let Some(mut found) = at(1).await? else { return Ok(None) };
    let mut beyond = 2;
    while let Some(sample) = at(beyond).await? {
        found = sample;
        beyond = beyond.saturating_mul(2);
    }
    while found.n + 1 < beyond {
        let middle = u64::midpoint(found.n, beyond);
        match at(middle).await? {
            Some(sample) => found = sample,
            None => beyond = middle,
        }
    }
    Ok(Some(found))
}

pub(super) fn unreadable(stream: &str, why: &dyn Display) -> Failure {
    Failure::of(
        Code::CountsUnread,
        format!("what the journal has of {stream} cannot be understood: {why}"),
        "run the version of Tidegate that wrote it, or a newer one; `tidegate audit verify` tells whether it was changed",
    )
}
