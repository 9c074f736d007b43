//! Which pages of other origins may ask for flags. None, unless they were named: a browser then keeps the answer from the page.
//! Flags are the one thing that pages elsewhere ask for; the rest of the API is for the console, which is of this origin.

use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What browsers ask about.
const PATHS: &str = "/ofrep/";
/// What pages may send.
const SENT: HeaderValue =
    HeaderValue::from_static("authorization, content-type, flagd-selector, if-none-match, x-api-key");
/// What pages may read.
const READ: HeaderValue = HeaderValue::from_static("etag, retry-after");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");
/// How long a browser remembers, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Answers browsers who ask whether they may, and tells them that they may have the answer.
pub(crate) async fn allow(State(app): State<App>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let granted = origin.filter(|_| request.uri().path().starts_with(PATHS)).filter(|origin| app.allows(origin));
    let asks_first = request.method() == Method::OPTIONS
        && request.headers().contains_key(HeaderName::from_static("access-control-request-method"));
    let Some(origin) = granted else { return next.run(request).await };
    let mut response = if asks_first { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, READ);
    if asks_first {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, SENT);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    }
    response
}
