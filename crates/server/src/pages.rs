//! Pages for browsers beside the API. What belongs to the API is the API's, found or not: a program that mistypes a path must
//! get a problem and not a page.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

/// Answers with a page, by method, path and headers.
pub type Pages = fn(&Method, &str, &HeaderMap) -> Response;

/// The first parts of paths that are never a page; some belong to protocols that clients of this server may try.
const API: [&str; 7] = ["v1", "ofrep", "openfeature", "healthz", "readyz", "metrics", "openapi.json"];

/// The API, and pages wherever it is not.
pub fn with_pages(api: Router, pages: Pages) -> Router {
    api.layer(from_fn_with_state(pages, choose))
}

async fn choose(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    if is_page(request.method(), request.uri().path()) {
        pages(request.method(), request.uri().path(), request.headers())
    } else {
        next.run(request).await
    }
}

fn is_page(method: &Method, path: &str) -> bool {
    let looked_at = method == Method::GET || method == Method::HEAD;
    let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
    looked_at && !API.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_keeps_its_paths() {
        for path in ["/v1/releases", "/v1", "/v1/nothing", "//v1/x", "/healthz", "/ofrep/v1/evaluate/flags", "/metrics"]
        {
            assert!(!is_page(&Method::GET, path), "{path}");
        }
        for path in ["/", "", "/releases/r1", "/v10", "/healthzz", "/assets/v1"] {
            assert!(is_page(&Method::GET, path), "{path}");
        }
        assert!(!is_page(&Method::POST, "/"), "what is posted is for the API to refuse");
    }
}
