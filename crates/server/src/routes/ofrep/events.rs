//! The stream that tells browsers to ask again. Browsers can send no header with it, so the address carries a key: it opens this
//! stream of this channel and nothing else, for a week, and no longer than the token that it was made from.

use super::door::{Admitted, Refused};
use crate::app::App;
use crate::tokens::Bearer;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{StreamExt, unfold};
use registry::{Edition, Via};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;

/// How long an address opens a stream.
const GOOD_FOR_MS: i64 = 7 * 24 * 3_600_000;
/// How often a silent stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// After how much silence a client asks unasked: longer than two heartbeats.
const SILENCE_S: u64 = 120;
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(1);

/// How events call an edition.
pub(crate) fn name(edition: &Edition) -> String {
    format!("{}-{}", edition.channel, edition.revision)
}

/// Where the stream is, for the answer to who asked.
pub(crate) fn stream(app: &App, admitted: &Admitted) -> Value {
    let channel = &admitted.edition.channel;
    let ends_at_ms = app.control().now().0.saturating_add(GOOD_FOR_MS);
    let key = app.tokens().stream_key(&admitted.bearer, channel, ends_at_ms);
    json!({
        "type": "sse",
        "endpoint": { "requestUri": format!("/ofrep/v1/events?key={key}") },
        "inactivityDelaySec": SILENCE_S,
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    key: String,
}

/// Events `refetchEvaluation`: something in the channel is different. The newest is told first to whoever missed it.
#[utoipa::path(get, path = "/ofrep/v1/events", operation_id = "ofrep_events", tag = "ofrep", params(("key" = String, Query, description = "From `eventStreams`.")), responses((status = 200, description = "Events.", content_type = "text/event-stream", body = serde_json::Value)))]
pub(crate) async fn events(
    State(app): State<App>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refused> {
    let shut =
        || Refused::new(StatusCode::UNAUTHORIZED, &json!({ "errorDetails": "the address is not good any more" }));
    let Ok(Query(asked)) = asked else { return Err(shut()) };
    let now_ms = app.control().now().0;
    let (bearer, channel) = app.tokens().opens_stream(&asked.key, now_ms).ok_or_else(shut)?;
    let mut changes = app.flags().watch(&channel).map_err(|_| shut())?;
    // A reader that comes back and missed nothing is told nothing.
    let current = changes.borrow_and_update().revision;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse::<u64>().ok());
    if last.is_some_and(|last| last < current) {
        changes.mark_changed();
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("");
    let client = app.flags().clients().connect(Via::Events, &channel, &bearer.name, agent, now_ms);
    // Who connects now asks after it connected, and gets what is newest then.
    client.told(current, now_ms);
    let clock = app.control().clone();
    let events = unfold((changes, client, clock), |(mut changes, client, clock)| async move {
        changes.changed().await.ok()?;
        let edition = changes.borrow_and_update().clone();
        client.told(edition.revision, clock.now().0);
        Some((Ok::<_, Infallible>(refetch(&edition)), (changes, client, clock)))
    });
    let hello = futures_util::stream::once(async { Ok(Event::default().retry(RETRY).comment("hello")) });
    let end = shut_out(app, bearer);
    let events = hello.chain(events).take_until(Box::pin(end));
    Ok(Sse::new(Box::pin(events)).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("alive")))
}

fn refetch(edition: &Edition) -> Event {
    let data = json!({ "type": "refetchEvaluation", "etag": name(edition) });
    Event::default().event("message").id(edition.revision.to_string()).data(data.to_string())
}

async fn shut_out(app: App, bearer: Bearer) {
    tokio::select! {
        () = app.stopped() => {}
        () = app.tokens().shut_out(bearer.number, || app.control().now().0) => {}
    }
}
