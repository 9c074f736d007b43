//! What people command. Each answers with the release as it is once the command is in the journal.

use super::releases::shown;
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::{Body, Id, MaybeBody};
use crate::failure::Failure;
use crate::text::prose;
use axum::Json;
use axum::extract::State;
use control::ReleaseId;
use engine::{Command, Input};

type Answer = Result<Json<dto::Release>, Failure>;

/// Stops the clock and keeps the share.
#[utoipa::path(post, path = "/v1/releases/{id}/pause", operation_id = "pause_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), request_body = dto::Reason, responses((status = 200, description = "Paused.", body = dto::Release)))]
pub(super) async fn pause(State(app): State<App>, Id(id): Id, caller: Caller, Body(ask): Body<dto::Reason>) -> Answer {
    let reason = prose("reason", &ask.reason)?;
    command(&app, &caller, id, Command::Pause { reason }).await
}

/// Lets a paused or held release go on. A held one measures for one more soak.
#[utoipa::path(post, path = "/v1/releases/{id}/resume", operation_id = "resume_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), request_body(content = Option<dto::Resume>, description = "May be left out."), responses((status = 200, description = "Going on.", body = dto::Release)))]
pub(super) async fn resume(
    State(app): State<App>,
    Id(id): Id,
    caller: Caller,
    MaybeBody(dto::Resume {}): MaybeBody<dto::Resume>,
) -> Answer {
    command(&app, &caller, id, Command::Resume).await
}

/// Does not wait for the rest of the phase. The journal keeps the risk that was not excluded.
#[utoipa::path(post, path = "/v1/releases/{id}/advance", operation_id = "advance_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), request_body = dto::Advance, responses((status = 200, description = "Advanced.", body = dto::Release)))]
pub(super) async fn advance(
    State(app): State<App>,
    Id(id): Id,
    caller: Caller,
    Body(ask): Body<dto::Advance>,
) -> Answer {
    let reason = prose("reason", &ask.reason)?;
    // A number beyond every plan is a phase that is not under way, like any other.
    let phase = ask.phase.map(|phase| usize::try_from(phase).unwrap_or(usize::MAX));
    command(&app, &caller, id, Command::Advance { reason, phase }).await
}

/// Ends the release without blame.
#[utoipa::path(post, path = "/v1/releases/{id}/abort", operation_id = "abort_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), request_body = dto::Reason, responses((status = 200, description = "Users are being taken back.", body = dto::Release)))]
pub(super) async fn abort(State(app): State<App>, Id(id): Id, caller: Caller, Body(ask): Body<dto::Reason>) -> Answer {
    let reason = prose("reason", &ask.reason)?;
    command(&app, &caller, id, Command::Abort { reason }).await
}

/// Takes users back: this version is bad. Its artifact goes into quarantine.
#[utoipa::path(post, path = "/v1/releases/{id}/rollback", operation_id = "roll_back_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), request_body = dto::Reason, responses((status = 200, description = "Users are being taken back.", body = dto::Release)))]
pub(super) async fn rollback(
    State(app): State<App>,
    Id(id): Id,
    caller: Caller,
    Body(ask): Body<dto::Reason>,
) -> Answer {
    let reason = prose("reason", &ask.reason)?;
    command(&app, &caller, id, Command::RollBack { reason }).await
}

async fn command(app: &App, caller: &Caller, id: ReleaseId, command: Command) -> Answer {
    let live = app.control().say(&caller.actor, id, Input::Command(command)).await?;
    Ok(Json(shown(app, &live).await))
}
