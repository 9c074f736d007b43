//! Segments: users with something in common.

use crate::app::App;
use crate::auth::Caller;
use crate::code::Code;
use crate::dto;
use crate::extract::{Body, Params, Word};
use crate::failure::Failure;
use crate::text::given;
use axum::Json;
use axum::extract::State;
use flags::access::{Action, Place, allowed};
use registry::{FlagError, SegmentWish};
use serde::Deserialize;
use utoipa::IntoParams;

/// All segments. Needs a viewer of all channels and kinds.
#[utoipa::path(get, path = "/v1/segments", operation_id = "list_segments", tag = "flags", responses((status = 200, description = "The segments.", body = dto::SegmentList)))]
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<dto::SegmentList>, Failure> {
    if !allowed(&caller.grants(), Action::View, Place { channel: None, kind: None }) {
        return Err(
            FlagError::Denied { what: "see segments: that needs a viewer of all channels and kinds".into() }.into()
        );
    }
    let segments = app.flags().segments()?;
    let segments = segments.into_iter().map(|(segment, revision)| dto::SegmentView { segment, revision }).collect();
    Ok(Json(dto::SegmentList { segments }))
}

/// Puts a segment. Every flag that uses it follows.
#[utoipa::path(put, path = "/v1/segments/{name}", operation_id = "put_segment", tag = "flags", params(("name" = String, Path, description = "Its name.")), request_body = dto::PutSegment, responses((status = 200, description = "Done.", body = dto::SegmentView)))]
pub(crate) async fn put(
    State(app): State<App>,
    caller: Caller,
    Word(name): Word,
    Body(ask): Body<dto::PutSegment>,
) -> Result<Json<dto::SegmentView>, Failure> {
    if ask.segment.name != name {
        let detail = format!("the segment calls itself `{}`", ask.segment.name.chars().take(80).collect::<String>());
        return Err(Failure::of(Code::BodyWrong, detail, "let the name in the body be the name in the path"));
    }
    let reason = given("reason", &ask.reason)?;
    let segment = ask.segment.clone();
    let grants = caller.grants();
    let wish = SegmentWish {
        name: &name,
        after: Some(segment),
        reason: &reason,
        expected: ask.revision,
        by: &caller.actor,
        grants: &grants,
    };
    let revision = app.flags().put_segment(wish).await?;
    Ok(Json(dto::SegmentView { segment: ask.segment, revision }))
}

/// Which state of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct At {
    /// The revision that is meant.
    revision: u64,
}

/// Takes a segment away. One that flags use stays.
#[utoipa::path(delete, path = "/v1/segments/{name}", operation_id = "delete_segment", tag = "flags", params(("name" = String, Path, description = "Its name."), At), request_body = dto::FlagReason, responses((status = 204, description = "Done.")))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Word(name): Word,
    Params(at): Params<At>,
    Body(ask): Body<dto::FlagReason>,
) -> Result<axum::http::StatusCode, Failure> {
    let reason = given("reason", &ask.reason)?;
    let grants = caller.grants();
    let wish = SegmentWish {
        name: &name,
        after: None,
        reason: &reason,
        expected: at.revision,
        by: &caller.actor,
        grants: &grants,
    };
    app.flags().put_segment(wish).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
