//! Releases, to look at.

use crate::app::App;
use crate::dto;
use crate::extract::{Id, Params, page, release_id};
use crate::failure::Failure;
use crate::view;
use axum::Json;
use axum::extract::State;
use control::Live;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which releases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only of this service.
    service: Option<String>,
    /// Only in this channel.
    channel: Option<String>,
    /// Only those that are over, or only those that are not.
    over: Option<bool>,
    /// Only those that were opened before this one.
    before: Option<String>,
    /// How many, at most 500; usually 50.
    limit: Option<usize>,
}

/// Releases, newest first.
#[utoipa::path(get, path = "/v1/releases", operation_id = "list_releases", tag = "releases", params(Which), responses((status = 200, description = "The releases.", body = dto::ReleaseList)))]
pub(super) async fn list(
    State(app): State<App>,
    Params(which): Params<Which>,
) -> Result<Json<dto::ReleaseList>, Failure> {
    let limit = page(which.limit, 50, 500)?;
    let before = which.before.as_deref().map(release_id).transpose()?;
    let lives = app.control().list();
    let matching = |live: &Live| {
        let opened = &live.state.opened;
        which.service.as_ref().is_none_or(|service| *service == opened.service)
            && which.channel.as_ref().is_none_or(|channel| *channel == opened.channel)
            && which.over.is_none_or(|over| over == live.state.is_over())
            && before.is_none_or(|before| live.id < before)
    };
    let mut found = lives.iter().rev().filter(|live| matching(live));
    let releases: Vec<dto::ReleaseSummary> = found.by_ref().take(limit).map(|live| view::summary(live)).collect();
    let more = found.next().is_some();
    let next_before = releases.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(dto::ReleaseList { releases, next_before }))
}

/// One release.
#[utoipa::path(get, path = "/v1/releases/{id}", operation_id = "show_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), responses((status = 200, description = "The release.", body = dto::Release)))]
pub(super) async fn show(State(app): State<App>, Id(id): Id) -> Result<Json<dto::Release>, Failure> {
    let live = app.control().show(id)?;
    Ok(Json(shown(&app, &live).await))
}

/// A release with its progress.
pub(super) async fn shown(app: &App, live: &Live) -> dto::Release {
    let progress = view::before_rollback(app.control().journal().as_ref(), live).await;
    view::release(live, progress)
}
