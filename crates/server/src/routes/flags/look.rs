//! Looking at flags.

use super::show::{differences, view};
use crate::app::App;
use crate::auth::Caller;
use crate::code::Code;
use crate::context::Asking;
use crate::dto;
use crate::extract::{Body, Params, Word};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use flags::access::{Action, Place, allowed};
use flags::change::Refusal;
use registry::{Entry, FlagError, Record};
use serde::Deserialize;
use utoipa::IntoParams;

/// The most changes that a history shows.
const MOST: usize = 500;

/// Which flags.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Also those that were put away.
    #[serde(default)]
    archived: bool,
    /// Only those that should go.
    #[serde(default)]
    stale: bool,
}

/// The flags that the token may see.
#[utoipa::path(get, path = "/v1/flags", operation_id = "list_flags", tag = "flags", params(Which), responses((status = 200, description = "The flags.", body = dto::FlagList)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<dto::FlagList>, Failure> {
    let all = app.flags().list()?;
    let seen = all.iter().filter(|entry| sees(&caller, entry) && (which.archived || !entry.kept.flag.archived));
    let flags = seen.map(|entry| view(&app, entry)).filter(|flag| !which.stale || flag.stale.is_some()).collect();
    Ok(Json(dto::FlagList { flags, channels: app.flags().channels().keys().cloned().collect() }))
}

/// A flag.
#[utoipa::path(get, path = "/v1/flags/{key}", operation_id = "show_flag", tag = "flags", params(("key" = String, Path, description = "Its key.")), responses((status = 200, description = "The flag.", body = dto::FlagView)))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
) -> Result<Json<dto::FlagView>, Failure> {
    Ok(Json(view(&app, &seen(&app, &caller, &key)?)))
}

/// What happened to a flag, newest first: the last 500 changes.
#[utoipa::path(get, path = "/v1/flags/{key}/history", operation_id = "flag_history", tag = "flags", params(("key" = String, Path, description = "Its key.")), responses((status = 200, description = "The changes.", body = dto::FlagHistory)))]
pub(crate) async fn history(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
) -> Result<Json<dto::FlagHistory>, Failure> {
    let entry = seen(&app, &caller, &key)?;
    let after = entry.revision.saturating_sub(MOST as u64);
    let entries = app.control().journal().read_stream(&format!("flag/{key}"), after, MOST).await?;
    let changes = entries.iter().rev().map(told).collect::<Result<_, _>>()?;
    Ok(Json(dto::FlagHistory { changes }))
}

fn told(entry: &journal::Entry) -> Result<dto::FlagEntry, Failure> {
    let record: Record = serde_json::from_str(&entry.body)
        .map_err(|error| Failure::from(FlagError::Unread { why: format!("entry {}: {error}", entry.seq) }))?;
    Ok(dto::FlagEntry {
        revision: entry.seq,
        at_ms: entry.at_ms,
        actor: entry.actor.clone(),
        what: record.what,
        reason: record.reason,
        undoes: record.undoes,
        planned: record.planned,
        differences: differences(record.before.as_ref(), &record.after),
    })
}

/// What a flag says to somebody, and why.
#[utoipa::path(post, path = "/v1/flags/{key}/explain", operation_id = "explain_flag", tag = "flags", params(("key" = String, Path, description = "Its key.")), request_body = dto::ExplainFlag, responses((status = 200, description = "What it says.", body = dto::FlagExplanation)))]
pub(crate) async fn explain(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Body(ask): Body<dto::ExplainFlag>,
) -> Result<Json<dto::FlagExplanation>, Failure> {
    seen(&app, &caller, &key)?;
    let edition = app.flags().watch(&ask.channel)?.borrow().clone();
    let asking = Asking::of(&ask.context, &ask.channel, app.control().now().0)
        .map_err(|why| Failure::of(Code::BodyWrong, why, "send an object; `targetingKey` is a text"))?;
    let told = asking.with(|context| edition.set.explain(&key, context).map(dto::FlagExplanation::of));
    // A flag that was put away is not served, and says nothing to anybody.
    told.map(Json).map_err(|_| FlagError::Refused { key, why: Refusal::Archived }.into())
}

/// A flag that the caller may see. One that they may not see does not exist for them.
pub(super) fn seen(app: &App, caller: &Caller, key: &str) -> Result<Entry, Failure> {
    let entry = app.flags().get(key)?;
    if sees(caller, &entry) {
        Ok(entry)
    } else {
        Err(FlagError::Unknown { key: key.chars().take(120).collect() }.into())
    }
}

/// Whether a token may look at flags of this kind anywhere.
pub(super) fn sees(caller: &Caller, entry: &Entry) -> bool {
    let kind = Some(entry.kept.flag.kind);
    caller.grants().iter().any(|grant| {
        let channel = grant.channels.as_ref().and_then(|names| names.first()).map(String::as_str);
        allowed(std::slice::from_ref(grant), Action::View, Place { channel, kind })
    })
}
