//! Opening a release.

use super::releases::shown;
use super::services::read_policy;
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::Body;
use crate::failure::Failure;
use crate::text::{given, prose, word};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use control::OpenRelease;

/// Opens a release under the policy as it is now.
#[utoipa::path(post, path = "/v1/releases", operation_id = "open_release", tag = "releases", request_body = dto::OpenRelease, responses(
    (status = 201, description = "Opened; `Location` says where.", body = dto::Release),
    (status = 409, description = "Another release is under way, the version is live, or its artifact is in quarantine.", body = dto::Problem, content_type = "application/problem+json"),
    (status = 422, description = "The policy does not cover it, or is wrong.", body = dto::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn open(
    State(app): State<App>,
    caller: Caller,
    Body(ask): Body<dto::OpenRelease>,
) -> Result<impl IntoResponse, Failure> {
    let ask = understood(ask)?;
    let (policy, base) = read_policy(&app).await??;
    let live = app.control().open(&caller.actor, ask, &policy, &base).await?;
    let place = format!("/v1/releases/{}", live.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(shown(&app, &live).await)))
}

fn understood(ask: dto::OpenRelease) -> Result<OpenRelease, Failure> {
    Ok(OpenRelease {
        service: word("service", &ask.service, 200)?,
        channel: word("channel", &ask.channel, 200)?,
        release_type: word("type", &ask.release_type, 200)?,
        version: ask.version,
        digest: ask.digest.map(|digest| word("digest", &digest, 200)).transpose()?,
        supersede: ask.supersede,
        lift_quarantine: ask.lift_quarantine.map(|why| given("lift_quarantine", &why)).transpose()?,
        note: ask.note.map(|note| prose("note", &note)).transpose()?.filter(|note| !note.is_empty()),
    })
}
