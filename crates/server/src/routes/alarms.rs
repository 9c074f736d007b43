//! Alarms: no statistics are asked.

use super::releases::shown;
use crate::app::App;
use crate::auth::Caller;
use crate::dto::{self, AlarmKind};
use crate::extract::{Body, Id};
use crate::failure::Failure;
use crate::text::given;
use axum::Json;
use axum::extract::State;
use engine::Input;

/// Raises an alarm. If the plan says so, users are taken back at once.
#[utoipa::path(post, path = "/v1/releases/{id}/alarms", operation_id = "raise_alarm", tag = "signals", params(("id" = String, Path, description = "Its id.")), request_body = dto::Alarm, responses((status = 200, description = "Heard; the release says what follows from it.", body = dto::Release)))]
pub(super) async fn alarm(
    State(app): State<App>,
    Id(id): Id,
    caller: Caller,
    Body(alarm): Body<dto::Alarm>,
) -> Result<Json<dto::Release>, Failure> {
    let detail = given("detail", &alarm.detail)?;
    // Who raised it belongs to the alarm: the rollback that follows is signed by it alone.
    let detail = format!("{detail} (raised by {})", caller.actor);
    let input = match alarm.kind {
        AlarmKind::Integrity => Input::IntegrityAlarm { detail },
        AlarmKind::CriticalReport => Input::CriticalReport { detail },
    };
    let live = app.control().say(&caller.actor, id, input).await?;
    Ok(Json(shown(&app, &live).await))
}
