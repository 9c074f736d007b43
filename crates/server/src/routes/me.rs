//! Who asks.

use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;

/// Who you are, by the token that you sent, and what it allows. Any token that is good may ask.
#[utoipa::path(get, path = "/v1/me", operation_id = "me", tag = "tokens", responses((status = 200, description = "You.", body = dto::Me)))]
pub(super) async fn me(State(app): State<App>, caller: Caller) -> Result<Json<dto::Me>, Failure> {
    let now_ms = app.control().now().0;
    let token = app.tokens().show(caller.token(), now_ms)?;
    Ok(Json(dto::Me { actor: caller.actor, token, now_ms }))
}
