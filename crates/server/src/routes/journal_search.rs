//! The journal from its end, filtered. The journal itself reads forwards and by stream; whoever asks "what happened last, and
//! who did it" reads backwards, so the search walks back in pages and stops after a bounded number of entries, found or not.

use super::journal::entry;
use crate::app::App;
use crate::dto;
use crate::extract::{Params, page as page_of};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use journal::Entry;
use serde::Deserialize;
use utoipa::IntoParams;

/// How many entries are read at once.
const AT_ONCE: u64 = 500;
/// How many entries one request looks at.
const MOST: u64 = 10_000;

/// What to look for; what is left out matches everything.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only entries before this position; usually the end of the journal.
    before: Option<u64>,
    /// Only of this stream, e.g. `release/r17`.
    stream: Option<String>,
    /// Only by actors whose name holds this, in any case of letters.
    actor: Option<String>,
    /// Only entries that were written at this moment or later.
    from_ms: Option<i64>,
    /// Only entries that were written before this moment.
    until_ms: Option<i64>,
    /// How many, at most 500; usually 50.
    limit: Option<usize>,
}

/// Entries that match, the newest first. A search looks at no more than 10,000 entries at once; `next_before` goes on.
#[utoipa::path(get, path = "/v1/journal/search", operation_id = "search_journal", tag = "journal", params(Which), responses((status = 200, description = "What was found.", body = dto::JournalFound)))]
pub(super) async fn search(
    State(app): State<App>,
    Params(which): Params<Which>,
) -> Result<Json<dto::JournalFound>, Failure> {
    let limit = page_of(which.limit, 50, 500)?;
    let journal = app.control().journal();
    let end = journal.head().await?.position.saturating_add(1);
    let mut upper = which.before.unwrap_or(end).clamp(1, end);
    let mut found = dto::JournalFound { entries: Vec::new(), next_before: None, looked_at: 0, looked_back_to_ms: None };
    let actor = which.actor.as_ref().map(|actor| actor.to_lowercase());
    while upper > 1 && found.looked_at < MOST {
        let after = upper.saturating_sub(1 + AT_ONCE);
        let page = usize::try_from(upper - 1 - after).unwrap_or(usize::MAX);
        for read in journal.read_all(after, page).await?.into_iter().rev() {
            upper = read.position;
            found.looked_at += 1;
            found.looked_back_to_ms = Some(read.at_ms);
            if matches(&which, actor.as_deref(), &read) {
                found.entries.push(entry(read)?);
            }
            if found.entries.len() == limit {
                found.next_before = (upper > 1).then_some(upper);
                return Ok(Json(found));
            }
        }
        // Also where a page is shorter than its place: the walk ends.
        upper = upper.min(after + 1);
    }
    found.next_before = (upper > 1).then_some(upper);
    Ok(Json(found))
}

fn matches(which: &Which, actor: Option<&str>, entry: &Entry) -> bool {
    which.stream.as_ref().is_none_or(|stream| *stream == entry.stream)
        && actor.is_none_or(|actor| entry.actor.to_lowercase().contains(actor))
        && which.from_ms.is_none_or(|from| entry.at_ms >= from)
        && which.until_ms.is_none_or(|until| entry.at_ms < until)
}
