//! What may enter. An entry is for ever: one that cannot be parsed or shown would stand in the way of every replay, so
//! what would be such an entry is refused at the door. The rules also keep to what every store can hold.

use crate::{AppendError, Draft};

const NAME_BYTES: usize = 200;
const BODY_BYTES: usize = 8 << 20;

/// Checks the stream's name and every draft.
pub(crate) fn drafts(stream: &str, drafts: &[Draft]) -> Result<(), AppendError> {
    name("stream", stream)?;
    drafts.iter().try_for_each(|draft| {
        name("kind", &draft.kind)?;
        name("actor", &draft.actor)?;
        size(&draft.body)?;
        // Parsed into a value and not merely skipped: skipping accepts lone surrogates and numbers no reader can hold.
        serde_json::from_str::<serde_json::Value>(&draft.body)
            .map(drop)
            .map_err(|error| malformed("body", format!("it must be JSON text: {error}")))
    })
}

/// Checks the stream's name and the body of a sample, which is any text.
pub(crate) fn sample(stream: &str, body: &str) -> Result<(), AppendError> {
    name("stream", stream)?;
    size(body)?;
    if body.contains('\0') {
        return Err(malformed("body", "it may not contain a zero byte".to_owned()));
    }
    Ok(())
}

/// A sample follows an entry that exists, and none that a sample before it was already past.
pub(crate) fn sample_follows(after_seq: u64, stream_seq: u64, previous_after_seq: u64) -> Result<(), AppendError> {
    if (previous_after_seq..=stream_seq).contains(&after_seq) {
        return Ok(());
    }
    Err(malformed(
        "after_seq",
        format!(
            "{after_seq} is not between {previous_after_seq}, which the sample before follows, and {stream_seq}, where the stream ends"
        ),
    ))
}

fn name(field: &'static str, text: &str) -> Result<(), AppendError> {
    if text.is_empty() {
        return Err(malformed(field, "it may not be empty".to_owned()));
    }
    if text.len() > NAME_BYTES {
        return Err(malformed(field, format!("it has {} bytes, at most {NAME_BYTES} are stored", text.len())));
    }
    if text.chars().any(char::is_control) {
        return Err(malformed(field, "it may not contain control characters".to_owned()));
    }
    Ok(())
}

fn size(body: &str) -> Result<(), AppendError> {
    if body.len() > BODY_BYTES {
        return Err(malformed("body", format!("it has {} bytes, at most {BODY_BYTES} are stored", body.len())));
    }
    Ok(())
}

fn malformed(field: &'static str, problem: String) -> AppendError {
    AppendError::Malformed { field, problem }
}
