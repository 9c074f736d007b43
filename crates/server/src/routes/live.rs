//! A release as it changes.

use super::releases::shown;
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::Id;
use crate::failure::Failure;
use crate::stream::{self, Next};
use axum::extract::State;
use axum::response::IntoResponse;

/// The release now, and again after every change, as server-sent events `release`. A reader that is slow misses states in
/// between and never the last one. The stream stays open when the release is over.
#[utoipa::path(get, path = "/v1/releases/{id}/live", operation_id = "watch_release", tag = "releases", params(("id" = String, Path, description = "Its id.")), responses((status = 200, description = "Events `release`; the data of each is a release.", content_type = "text/event-stream", body = dto::Release)))]
pub(super) async fn live(State(app): State<App>, Id(id): Id, caller: Caller) -> Result<impl IntoResponse, Failure> {
    let mut changes = app.control().watch(id)?;
    changes.mark_changed();
    let of = app.clone();
    Ok(stream::events(app, caller, changes, move |mut changes| {
        let app = of.clone();
        async move {
            if changes.changed().await.is_err() {
                return Next::End;
            }
            let live = changes.borrow_and_update().clone();
            match stream::event("release", &shown(&app, &live).await) {
                Ok(event) => Next::Event(event, changes),
                Err(failure) => Next::Last(stream::failed(&failure)),
            }
        }
    }))
}
