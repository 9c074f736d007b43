//! The journal, page by page, and whether it is what was written.

use crate::app::App;
use crate::dto;
use crate::extract::{Params, page as page_of};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use journal::{Entry, Head};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those after this position, or with `stream`: after this number in the stream; usually 0.
    after: Option<u64>,
    /// Only of this stream, e.g. `release/r17`.
    stream: Option<String>,
    /// How many, at most 1,000; usually 100.
    limit: Option<usize>,
}

/// Entries in the order in which they were written.
#[utoipa::path(get, path = "/v1/journal", operation_id = "list_journal", tag = "journal", params(Which), responses((status = 200, description = "The entries.", body = dto::JournalPage)))]
pub(super) async fn page(
    State(app): State<App>,
    Params(which): Params<Which>,
) -> Result<Json<dto::JournalPage>, Failure> {
    let limit = page_of(which.limit, 100, 1_000)?;
    let after = which.after.unwrap_or(0);
    let journal = app.control().journal();
    let entries = match &which.stream {
        None => journal.read_all(after, limit).await?,
        Some(stream) => journal.read_stream(stream, after, limit).await?,
    };
    let place = |entry: &Entry| if which.stream.is_some() { entry.seq } else { entry.position };
    let next_after = entries.last().filter(|_| entries.len() == limit).map(place);
    let entries: Result<Vec<_>, Failure> = entries.into_iter().map(entry).collect();
    Ok(Json(dto::JournalPage { entries: entries?, next_after }))
}

/// An entry as it is shown.
pub(super) fn entry(entry: Entry) -> Result<dto::JournalEntry, Failure> {
    let body =
        serde_json::from_str(&entry.body).map_err(|error| Failure::defect("a stored entry is not JSON", &error))?;
    Ok(dto::JournalEntry {
        position: entry.position,
        stream: entry.stream,
        seq: entry.seq,
        at_ms: entry.at_ms,
        actor: entry.actor,
        kind: entry.kind,
        body,
        hash: entry.hash.to_string(),
    })
}

/// Against what to check.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Against {
    /// An end of the chain that was kept elsewhere: `position:hash`. With it, entries that were cut off are found as well.
    anchor: Option<String>,
}

/// Checks every entry and every measurement. Damage is an answer and not an error.
#[utoipa::path(get, path = "/v1/journal/verify", operation_id = "verify_journal", tag = "journal", params(Against), responses((status = 200, description = "What was found.", body = dto::Verification)))]
pub(super) async fn verify(
    State(app): State<App>,
    Params(against): Params<Against>,
) -> Result<Json<dto::Verification>, Failure> {
    let anchor: Head = match against.anchor {
        None => Head::EMPTY,
        Some(text) => text.parse().map_err(|error: journal::NotAHead| {
            crate::extract::wrong_parameter(format!("`anchor`: {error}; {}", error.hint()))
        })?,
    };
    Ok(Json(match control::verify(app.control().journal().as_ref(), anchor).await {
        Ok(report) => dto::Verification {
            ok: true,
            entries: Some(report.entries),
            samples: Some(report.samples),
            streams: Some(report.streams),
            head: Some(report.head.to_string()),
            damage: None,
        },
        Err(damage) => dto::Verification {
            ok: false,
            entries: None,
            samples: None,
            streams: None,
            head: None,
            damage: Some(dto::Damage {
                code: damage.code().to_string(),
                message: damage.to_string(),
                place: damage.place.to_string(),
                found: damage.found.clone(),
                expected: damage.expected.clone(),
                hint: damage.hint().to_string(),
            }),
        },
    }))
}
