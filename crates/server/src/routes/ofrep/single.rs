//! One flag.

use super::answer;
use super::door::{Refused, admit, context};
use crate::app::App;
use crate::context::Asking;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// What a flag says to a context.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags/{key}", operation_id = "ofrep_evaluate", tag = "ofrep", request_body = serde_json::Value, params(("key" = String, Path, description = "Its key.")), responses((status = 200, description = "What it says.", body = serde_json::Value), (status = 400, description = "It cannot be evaluated.", body = serde_json::Value), (status = 404, description = "There is no such flag.", body = serde_json::Value)))]
pub(crate) async fn evaluate(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    let admitted = admit(&app, &headers, None)?;
    let Ok(Path(key)) = key else { return Err(Refused::general(StatusCode::BAD_REQUEST, "the key is not UTF-8")) };
    let said = context(body, Some(&key))?;
    let asking = Asking::of(&said, &admitted.edition.channel, app.control().now().0).map_err(|why| {
        Refused::new(
            StatusCode::BAD_REQUEST,
            &json!({ "key": key, "errorCode": "INVALID_CONTEXT", "errorDetails": why }),
        )
    })?;
    match asking.with(|context| answer::one(&admitted.edition, &key, context)) {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err((status, answer)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Err(Refused::new(status, &answer))
        }
    }
}
