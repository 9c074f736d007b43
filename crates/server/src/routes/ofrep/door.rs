//! Who asks, and for which channel. The token says it; a token for several channels is told apart by `Flagd-Selector` or
//! `?channel=`. Whoever has no token learns nothing, not even whether a flag exists.

use crate::app::App;
use crate::tokens::Bearer;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flags::Json as Value;
use flags::access::{Action, Place, allowed};
use registry::Edition;
use serde_json::json;
use std::sync::Arc;

/// How many times in a second one token may ask, on average, before it is told to wait; ten times as many in a burst.
pub(crate) const PER_SECOND: u32 = 2_000;

/// The header that chooses a channel, as flagd's clients send it.
const SELECTOR: &str = "flagd-selector";

/// Somebody who may ask.
pub(crate) struct Admitted {
    pub(crate) bearer: Bearer,
    pub(crate) edition: Arc<Edition>,
}

/// A refusal as OFREP says it.
#[derive(Debug)]
pub(crate) struct Refused(Box<Response>);

impl Refused {
    pub(crate) fn new(status: StatusCode, body: &serde_json::Value) -> Self {
        Self(Box::new((status, Json(body)).into_response()))
    }

    /// An error of the whole request.
    pub(crate) fn general(status: StatusCode, why: &str) -> Self {
        Self::new(status, &json!({ "errorCode": "GENERAL", "errorDetails": why }))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// Lets somebody in who may evaluate a channel's flags.
pub(crate) fn admit(app: &App, headers: &HeaderMap, channel: Option<&str>) -> Result<Admitted, Refused> {
    let shut = || {
        let mut refused =
            Refused::new(StatusCode::UNAUTHORIZED, &json!({ "errorDetails": "a token is needed that may evaluate" }));
        refused.0.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tidegate\""));
        refused
    };
    let secret = secret(headers).ok_or_else(shut)?;
    let bearer = app.tokens().bearer(secret, app.control().now().0).map_err(|_| shut())?;
    if let Err(wait_s) = app.pace().ask(bearer.number, app.control().now().0) {
        let mut refused = Refused::general(StatusCode::TOO_MANY_REQUESTS, "this token asks too often");
        refused.0.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        return Err(refused);
    }
    let asked = channel.or_else(|| selected(headers));
    let edition = served(app, &bearer, asked)?;
    Ok(Admitted { bearer, edition })
}

/// What the channel that is meant is served.
pub(crate) fn served(app: &App, bearer: &Bearer, asked: Option<&str>) -> Result<Arc<Edition>, Refused> {
    let grants = bearer.grants();
    let may = |channel: &str| allowed(&grants, Action::Evaluate, Place { channel: Some(channel), kind: None });
    let denied = || Refused::general(StatusCode::FORBIDDEN, "the token may not evaluate that channel");
    let channels = app.flags().channels();
    let channel = match asked {
        Some(channel) => channels.keys().find(|name| *name == channel && may(name)).ok_or_else(denied)?,
        None => {
            let mut mine = channels.keys().filter(|name| may(name));
            match (mine.next(), mine.next()) {
                (Some(only), None) => only,
                (None, _) => return Err(denied()),
                (Some(_), Some(_)) => {
                    let why = "the token may evaluate several channels; choose one with the header `Flagd-Selector: flagSetId=<channel>`";
                    return Err(Refused::general(StatusCode::BAD_REQUEST, why));
                }
            }
        }
    };
    if app.flags().ready().is_err() {
        return Err(Refused::general(
            StatusCode::SERVICE_UNAVAILABLE,
            "flags are not known yet; try again in a second",
        ));
    }
    let edition = app.flags().watch(channel).map_err(|_| denied())?.borrow().clone();
    Ok(edition)
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim());
    }
    headers.get("x-api-key")?.to_str().ok().map(str::trim)
}

/// The channel in the selector: `flagSetId=production`, or the bare name.
fn selected(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(SELECTOR)?.to_str().ok()?.trim();
    let name = value.strip_prefix("flagSetId=").unwrap_or(value);
    (!name.is_empty()).then_some(name)
}

/// The context in a request. Nothing at all is an empty one: some clients send that.
pub(crate) fn context(body: Result<Bytes, BytesRejection>, key: Option<&str>) -> Result<Value, Refused> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refused::general(StatusCode::PAYLOAD_TOO_LARGE, "a request may have at most 1 MiB")
        }
        _ => Refused::general(StatusCode::BAD_REQUEST, "the body ended too early"),
    })?;
    let wrong = |code: &str, why: String| {
        let mut body = json!({ "errorCode": code, "errorDetails": why });
        if let (Some(key), Some(object)) = (key, body.as_object_mut()) {
            object.insert("key".into(), key.into());
        }
        Refused::new(StatusCode::BAD_REQUEST, &body)
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    let said: Value = serde_json::from_slice(&body).map_err(|error| wrong("PARSE_ERROR", error.to_string()))?;
    match said {
        Value::Map(members) => {
            let context = members.into_iter().find(|(name, _)| name == "context");
            Ok(context.map_or(Value::Null, |(_, context)| context))
        }
        other => Err(wrong("INVALID_CONTEXT", format!("the body must be an object, found {}", other.noun()))),
    }
}
