//! All flags for one context: what browsers ask for. The tag covers the definitions, the channel and the context, since clients
//! send the tag of one context with another one.

use super::answer;
use super::door::{Refused, admit, context};
use super::events;
use crate::app::App;
use crate::context::Asking;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use registry::Edition;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What clients add when an event told them to ask.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Told {
    flag_config_etag: Option<String>,
    channel: Option<String>,
}

/// What every flag says to a context.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags", operation_id = "ofrep_evaluate_all", tag = "ofrep", request_body = serde_json::Value, responses((status = 200, description = "What they say.", body = serde_json::Value), (status = 304, description = "The same as before.")))]
pub(crate) async fn evaluate(
    State(app): State<App>,
    Query(told): Query<Told>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    let admitted = admit(&app, &headers, told.channel.as_deref())?;
    let said = context(body, None)?;
    let edition = &admitted.edition;
    let now_ms = app.control().now().0;
    let asking = Asking::of(&said, &edition.channel, now_ms).map_err(|why| {
        Refused::new(StatusCode::BAD_REQUEST, &json!({ "errorCode": "INVALID_CONTEXT", "errorDetails": why }))
    })?;
    let tag = tag(edition, &said, now_ms);
    // An event that named another edition than the client has must not be answered with "the same as before".
    let news = told.flag_config_etag.as_deref().is_some_and(|named| named != events::name(edition));
    if !news && headers.get_all(header::IF_NONE_MATCH).iter().any(|held| matches(held, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let flags: Vec<Value> = asking.with(|context| {
        edition
            .set
            .keys()
            .map(|key| answer::one(edition, key, context).unwrap_or_else(|(_, failure)| failure))
            .collect()
    });
    let body = json!({
        "flags": flags,
        "metadata": { "flagSetId": edition.channel, "version": edition.revision.to_string() },
        "eventStreams": [events::stream(&app, &admitted)],
    });
    Ok(([(header::ETAG, tag)], axum::Json(body)).into_response())
}

/// A strong tag. Where a rule asks for the time, an answer holds for a second.
fn tag(edition: &Edition, context: &flags::Json, now_ms: i64) -> String {
    let mut hash = Sha256::new();
    hash.update(edition.revision.to_be_bytes());
    hash.update([u8::from(edition.bucketing == flags::Bucketing::V3)]);
    hash.update(edition.channel.as_bytes());
    hash.update([0]);
    if edition.asks_time {
        hash.update(now_ms.div_euclid(1_000).to_be_bytes());
    }
    canonical(context, &mut hash);
    let hash = hash.finalize();
    let mut tag = String::from("\"");
    for byte in hash.iter().take(16) {
        // Writing into a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// The same for contexts that differ in the order of their members alone.
fn canonical(json: &flags::Json, hash: &mut Sha256) {
    use flags::Json;
    match json {
        Json::List(items) => {
            hash.update(b"[");
            items.iter().for_each(|item| canonical(item, hash));
            hash.update(b"]");
        }
        Json::Map(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            hash.update(b"{");
            for (name, value) in sorted {
                canonical(&Json::Text(name.clone()), hash);
                canonical(value, hash);
            }
            hash.update(b"}");
        }
        // Scalars are told apart by their own JSON; a comma ends each.
        scalar => {
            hash.update(serde_json::to_vec(scalar).unwrap_or_default());
            hash.update(b",");
        }
    }
}

fn matches(held: &HeaderValue, tag: &str) -> bool {
    let Ok(text) = held.to_str() else { return false };
    text.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}
