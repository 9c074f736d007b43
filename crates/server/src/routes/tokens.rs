//! Tokens. Each route but the one that issues shows no secret.

use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::{Body, Word};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// All tokens, oldest first.
#[utoipa::path(get, path = "/v1/tokens", operation_id = "list_tokens", tag = "tokens", responses((status = 200, description = "The tokens.", body = dto::TokenList)))]
pub(super) async fn list(State(app): State<App>) -> Json<dto::TokenList> {
    Json(dto::TokenList { tokens: app.tokens().list(app.control().now().0) })
}

/// Issues a token. The answer is the only place where its secret is ever shown.
#[utoipa::path(post, path = "/v1/tokens", operation_id = "issue_token", tag = "tokens", request_body = dto::IssueToken, responses((status = 201, description = "Issued.", body = dto::IssuedToken)))]
pub(super) async fn issue(
    State(app): State<App>,
    caller: Caller,
    Body(ask): Body<dto::IssueToken>,
) -> Result<(StatusCode, Json<dto::IssuedToken>), Failure> {
    let issued = app.tokens().issue(app.control(), &caller.actor, ask).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Revokes a token. Its open streams end within a second.
#[utoipa::path(delete, path = "/v1/tokens/{id}", operation_id = "revoke_token", tag = "tokens", params(("id" = String, Path, description = "Its id, e.g. `t3`.")), responses((status = 200, description = "Revoked.", body = dto::Token)))]
pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Word(id): Word,
) -> Result<Json<dto::Token>, Failure> {
    app.tokens().revoke(app.control(), &caller.actor, &id).await.map(Json)
}
