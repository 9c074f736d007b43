//! Proving that the journal is what was written, with what only its reader knows: a record that rests on measurements quotes
//! the hash of the last one. The chain of a stream's samples can be cut at its end without a trace; a record that quotes a
//! sample which is gone is the trace.

use crate::ReleaseId;
use journal::{Damage, DamageKind, Entry, Head, Journal, Place, Report};
use serde_json::Value;

/// How many entries are read at once.
const PAGE: usize = 512;

/// Checks the journal against itself, against `anchor`, and its measurements against the records that quote them.
///
/// # Errors
/// The first damage found.
pub async fn verify(journal: &dyn Journal, anchor: Head) -> Result<Report, Damage> {
    let report = journal.verify_against(anchor).await?;
    let mut position = 0;
    loop {
        let page = journal.read_all(position, PAGE).await.map_err(unreadable)?;
        for entry in page.iter().filter(|entry| ReleaseId::of_stream(&entry.stream).is_some()) {
            verify_quote(journal, entry).await?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => position = last.position,
            Some(_) | None => return Ok(report),
        }
    }
}

async fn verify_quote(journal: &dyn Journal, entry: &Entry) -> Result<(), Damage> {
    let body: Value = serde_json::from_str(&entry.body).unwrap_or(Value::Null);
    let (Some(quoted), Some(n)) = (body["last_sample"].as_str(), body["measurements"].as_u64()) else { return Ok(()) };
    let samples = journal.read_samples(&entry.stream, n.saturating_sub(1), 1).await.map_err(unreadable)?;
    let found = samples.first().filter(|sample| sample.n == n).map(|sample| sample.hash.to_string());
    if found.as_deref() == Some(quoted) {
        return Ok(());
    }
    Err(Damage {
        place: Place::Sample { stream: entry.stream.clone(), n },
        what: if found.is_some() { DamageKind::Rewritten } else { DamageKind::Missing },
        found: found.unwrap_or_else(|| "no such measurement".to_string()),
        expected: format!("{quoted}, as entry {} of {} quotes it", entry.seq, entry.stream),
    })
}

fn unreadable(error: journal::Unavailable) -> Damage {
    Damage {
        place: error.place.clone().unwrap_or(Place::Whole),
        what: DamageKind::Unreadable,
        found: error.to_string(),
        expected: "entries and measurements that can be read".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journal::{Draft, Fence, Memory};

    const STREAM: &str = "release/r1";

    /// A release with one sample and a record that quotes this hash for the first.
    async fn quoting(hash: impl Fn(String) -> String, measurements: u64) -> Result<Report, Damage> {
        let journal = Memory::new();
        let opened = Draft { kind: "opened".into(), at_ms: 1, actor: "ann".into(), body: "{}".into() };
        journal.append(STREAM, 0, Fence(0), vec![opened.clone()]).await.unwrap();
        let sample = journal.append_sample(STREAM, 0, 1, Fence(0), "{}".into()).await.unwrap();
        let quoted = hash(sample.hash.to_string());
        let body = format!(r#"{{"measurements":{measurements},"last_sample":"{quoted}"}}"#);
        journal.append(STREAM, 1, Fence(0), vec![Draft { kind: "phase_passed".into(), body, ..opened }]).await.unwrap();
        verify(&journal, Head::EMPTY).await
    }

    #[tokio::test]
    async fn a_measurement_that_is_quoted_and_there_is_fine() {
        assert_eq!(quoting(|hash| hash, 1).await.unwrap().samples, 1);
    }

    #[tokio::test]
    async fn a_measurement_that_is_quoted_and_gone_is_missed() {
        let damage = quoting(|hash| hash, 2).await.unwrap_err();
        assert_eq!((damage.what, damage.place), (DamageKind::Missing, Place::Sample { stream: STREAM.into(), n: 2 }));
    }

    #[tokio::test]
    async fn a_measurement_that_is_another_than_the_quoted_one_is_found() {
        let damage = quoting(|hash| hash.chars().rev().collect(), 1).await.unwrap_err();
        assert_eq!(damage.what, DamageKind::Rewritten);
    }
}
