//! Probes, and the description of the API.

use crate::app::App;
use crate::code::Code;
use crate::failure::Failure;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use control::Leadership;
use std::sync::LazyLock;

/// The process is alive.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "server", responses((status = 200, description = "Alive.", body = String)))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// This replica leads and can take commands. If not, only a code says why: the answer needs no token. With releases that
/// cannot be read it is ready all the same, and says so: people must reach it to take users back.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "server", responses((status = 200, description = "Ready.", body = String)))]
pub(super) async fn readyz(State(app): State<App>) -> Result<&'static str, Failure> {
    let reason = match &*app.control().leadership().borrow() {
        Leadership::Leads { .. } if app.control().unreadable().is_empty() => return Ok("ready\n"),
        Leadership::Leads { .. } => return Ok("ready, but a release cannot be read [TG-2110]\n"),
        Leadership::Unknown => "it is not known yet who leads",
        Leadership::Follows { .. } => "another replica leads",
        Leadership::Stuck { code, .. } => code,
    };
    Err(Failure::of(Code::NotReady, reason, "ask GET /v1/status with a token for more"))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapi", tag = "server", responses((status = 200, description = "The OpenAPI document.", content_type = "application/json", body = Object)))]
pub(super) async fn openapi() -> Result<Response, Failure> {
    static DOCUMENT: LazyLock<Result<String, String>> =
        LazyLock::new(|| crate::openapi().to_json().map_err(|error| error.to_string()));
    match &*DOCUMENT {
        Ok(document) => Ok(([(header::CONTENT_TYPE, "application/json")], document.as_str()).into_response()),
        Err(error) => Err(Failure::defect("the description cannot be written", error)),
    }
}
