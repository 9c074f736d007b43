//! The journal as it grows.

use super::journal::entry;
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::{Params, wrong_parameter};
use crate::failure::Failure;
use crate::stream::{self, Next};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use journal::{Tail, UnavailableKind};
use serde::Deserialize;
use utoipa::IntoParams;

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct From {
    /// Entries after this position; without it and without `Last-Event-ID`, only those that come from now on.
    after: Option<u64>,
}

/// Every entry once, in order, as server-sent events `entry`; the id of each is its position, so that a client that comes
/// back with `Last-Event-ID` misses nothing.
#[utoipa::path(get, path = "/v1/journal/events", operation_id = "follow_journal", tag = "journal", params(From, ("Last-Event-ID" = Option<u64>, Header, description = "Goes before `after`.")), responses((status = 200, description = "Events `entry`; the data of each is an entry.", content_type = "text/event-stream", body = dto::JournalEntry)))]
pub(super) async fn events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Params(from): Params<From>,
) -> Result<impl IntoResponse, Failure> {
    let journal = app.control().journal();
    let after = match (last_event(&headers)?, from.after) {
        (Some(after), _) | (None, Some(after)) => after,
        (None, None) => journal.head().await?.position,
    };
    Ok(stream::events(app, caller, journal.tail(after), next))
}

async fn next(mut tail: Tail) -> Next<Tail> {
    let read = match tail.next().await {
        Ok(read) => read,
        Err(error) if error.kind == UnavailableKind::Closed => return Next::End,
        Err(error) => return Next::Last(stream::failed(&error.into())),
    };
    let position = read.position;
    match entry(read).and_then(|entry| stream::event("entry", &entry)) {
        Ok(event) => Next::Event(event.id(position.to_string()), tail),
        Err(failure) => Next::Last(stream::failed(&failure)),
    }
}

fn last_event(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let position = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    position.map(Some).ok_or_else(|| wrong_parameter("the header Last-Event-ID is not a position of the journal"))
}
