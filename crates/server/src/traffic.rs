//! Counts of the requests that the server answered, by route and not by path: an attacker must not be able to make up
//! series.

use crate::app::App;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Method, route, status.
pub(crate) type Line = (&'static str, String, u16);

/// Answered requests.
#[derive(Default)]
pub(crate) struct Traffic {
    counts: Mutex<BTreeMap<Line, u64>>,
}

impl Traffic {
    fn count(&self, line: Line) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(line).or_default() += 1;
    }

    /// The counts, sorted.
    pub(crate) fn read(&self) -> Vec<(Line, u64)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(line, count)| (line.clone(), *count)).collect()
    }
}

/// Counts the answer. Nothing that the API says may be kept by a cache or taken for something to show in a browser.
pub(crate) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = name_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_string();
    let mut response = next.run(request).await;
    let status: StatusCode = response.status();
    app.traffic().count((method, route, status.as_u16()));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
