//! Changing flags.

use super::look::sees;
use super::show::{as_if, differences, view};
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::{Body, Params, Word, Words};
use crate::failure::Failure;
use crate::text::{given, prose};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use flags::change::{Change, Step};
use registry::{FlagError, Wish};
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

/// How long the answer to a kill waits for the clients that are connected.
const REACHED: Duration = Duration::from_secs(1);

/// Whether it is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// Only say what would be different.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Creates a flag.
#[utoipa::path(post, path = "/v1/flags", operation_id = "create_flag", tag = "flags", params(How), request_body = dto::CreateFlag, responses((status = 201, description = "Created.", body = dto::FlagChanged), (status = 200, description = "What would be created.", body = dto::FlagChanged)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Params(how): Params<How>,
    Body(ask): Body<dto::CreateFlag>,
) -> Result<(StatusCode, Json<dto::FlagChanged>), Failure> {
    let key = ask.flag.key.clone();
    let wish = Asked { key: &key, change: Change::Create(ask.flag), reason: &ask.reason, expected: None };
    let changed = carry_out(&app, &caller, &how, wish).await?;
    Ok((if how.dry_run { StatusCode::OK } else { StatusCode::CREATED }, Json(changed)))
}

/// Makes a flag this from now on. What is planned stays planned.
#[utoipa::path(put, path = "/v1/flags/{key}", operation_id = "replace_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::ReplaceFlag, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::ReplaceFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let wish =
        Asked { key: &key, change: Change::Replace(ask.flag), reason: &ask.reason, expected: Some(ask.revision) };
    carry_out(&app, &caller, &how, wish).await.map(Json)
}

/// Turns a flag on in a channel.
#[utoipa::path(post, path = "/v1/flags/{key}/on", operation_id = "turn_flag_on", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::TurnFlag, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn on(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::TurnFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    turn(&app, &caller, &how, &key, ask, true).await
}

/// Turns a flag off in a channel.
#[utoipa::path(post, path = "/v1/flags/{key}/off", operation_id = "turn_flag_off", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::TurnFlag, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn off(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::TurnFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    turn(&app, &caller, &how, &key, ask, false).await
}

async fn turn(
    app: &App,
    caller: &Caller,
    how: &How,
    key: &str,
    ask: dto::TurnFlag,
    on: bool,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let change = Change::Step(Step::Turn { channel: ask.channel, on });
    carry_out(app, caller, how, Asked { key, change, reason: &ask.reason, expected: ask.revision }).await.map(Json)
}

/// Pulls a kill switch: the flag is off in the channel, before anything else that waits to be changed, and the answer says how
/// many of the connected clients have it.
#[utoipa::path(post, path = "/v1/flags/{key}/kill", operation_id = "kill_flag", tag = "flags", params(("key" = String, Path, description = "Its key.")), request_body = dto::KillFlag, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn kill(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Body(ask): Body<dto::KillFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let change = Change::Kill { channel: ask.channel.clone() };
    let reason = prose("reason", &ask.reason)?;
    let wish = Asked { key: &key, change, reason: &reason, expected: None };
    let mut changed = carry_out(&app, &caller, &How { dry_run: false }, wish).await?;
    let reach = app.flags().clients().reach(&ask.channel, changed.edition, REACHED).await;
    let registry::Reach { clients, reached, took_ms } = reach;
    changed.reach = Some(dto::FlagReach { clients, reached, took_ms });
    Ok(Json(changed))
}

/// Changes what a flag says in a channel. It stays on or off.
#[utoipa::path(put, path = "/v1/flags/{key}/channels/{channel}", operation_id = "decide_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), ("channel" = String, Path, description = "The channel."), How), request_body = dto::DecideFlag, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn decide(
    State(app): State<App>,
    caller: Caller,
    Words((key, channel)): Words<(String, String)>,
    Params(how): Params<How>,
    Body(ask): Body<dto::DecideFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let change = Change::Step(Step::Decide { channel, decision: ask.decision });
    let wish = Asked { key: &key, change, reason: &ask.reason, expected: ask.revision };
    carry_out(&app, &caller, &how, wish).await.map(Json)
}

/// Plans a change of a channel.
#[utoipa::path(post, path = "/v1/flags/{key}/schedule", operation_id = "schedule_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::ScheduleFlag, responses((status = 200, description = "Planned.", body = dto::FlagChanged)))]
pub(crate) async fn schedule(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::ScheduleFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let change = Change::Schedule { at_ms: ask.at_ms, step: ask.step };
    carry_out(&app, &caller, &how, Asked { key: &key, change, reason: &ask.reason, expected: None }).await.map(Json)
}

/// Takes a planned change out of the plan.
#[utoipa::path(delete, path = "/v1/flags/{key}/schedule/{id}", operation_id = "unschedule_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), ("id" = u64, Path, description = "The number of what was planned.")), request_body = dto::FlagReason, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn unschedule(
    State(app): State<App>,
    caller: Caller,
    Words((key, id)): Words<(String, u64)>,
    Body(ask): Body<dto::FlagReason>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let wish = Asked { key: &key, change: Change::Unschedule { id }, reason: &ask.reason, expected: None };
    carry_out(&app, &caller, &How { dry_run: false }, wish).await.map(Json)
}

/// Puts a flag away: clients use the default in their code. Its key stays taken, and its history stays.
#[utoipa::path(post, path = "/v1/flags/{key}/archive", operation_id = "archive_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::FlagReason, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn archive(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::FlagReason>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let wish = Asked { key: &key, change: Change::Archive, reason: &ask.reason, expected: None };
    carry_out(&app, &caller, &how, wish).await.map(Json)
}

/// Takes a flag out again. It is off everywhere.
#[utoipa::path(post, path = "/v1/flags/{key}/restore", operation_id = "restore_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::FlagReason, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn restore(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::FlagReason>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let wish = Asked { key: &key, change: Change::Restore, reason: &ask.reason, expected: None };
    carry_out(&app, &caller, &how, wish).await.map(Json)
}

/// Takes back the newest change. Taking that back does it again.
#[utoipa::path(post, path = "/v1/flags/{key}/undo", operation_id = "undo_flag", tag = "flags", params(("key" = String, Path, description = "Its key."), How), request_body = dto::UndoFlag, responses((status = 200, description = "Done.", body = dto::FlagChanged)))]
pub(crate) async fn undo(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(how): Params<How>,
    Body(ask): Body<dto::UndoFlag>,
) -> Result<Json<dto::FlagChanged>, Failure> {
    let change = app.flags().undo(&key, ask.of).await?;
    let expected = match &change {
        Change::Undo { of, .. } => Some(*of),
        _ => None,
    };
    carry_out(&app, &caller, &how, Asked { key: &key, change, reason: &ask.reason, expected }).await.map(Json)
}

/// What somebody asks for.
pub(super) struct Asked<'a> {
    pub(super) key: &'a str,
    pub(super) change: Change,
    pub(super) reason: &'a str,
    pub(super) expected: Option<u64>,
}

pub(super) async fn carry_out(
    app: &App,
    caller: &Caller,
    how: &How,
    asked: Asked<'_>,
) -> Result<dto::FlagChanged, Failure> {
    let kill = matches!(asked.change, Change::Kill { .. });
    let reason = if kill || how.dry_run { prose("reason", asked.reason)? } else { given("reason", asked.reason)? };
    let grants = caller.grants();
    let Asked { key, change, expected, .. } = asked;
    let wish = Wish { key, change, reason: &reason, expected, by: &caller.actor, grants: &grants, urgent: false };
    let held = app.flags().get(key).ok();
    if held.as_ref().is_some_and(|entry| !sees(caller, entry)) && !matches!(wish.change, Change::Create(_)) {
        return Err(FlagError::Unknown { key: key.chars().take(120).collect() }.into());
    }
    let (before, after) = app.flags().preview(&wish)?;
    if how.dry_run {
        let differences = differences(before.as_ref(), &after);
        let after = as_if(app, after, held.as_ref(), &caller.actor);
        return Ok(dto::FlagChanged { done: false, differences, after, edition: 0, reach: None });
    }
    let written = app.flags().change(wish).await?;
    Ok(dto::FlagChanged {
        done: true,
        differences: differences(before.as_ref(), &written.entry.kept),
        after: view(app, &written.entry),
        edition: written.edition,
        reach: None,
    })
}
