//! The web console, as `make console` built it, served from the binary: nothing is read from a disk, nothing is fetched from
//! elsewhere, and no file needs a token, since there is nothing in them that is not in the repository. What a person may see
//! and do is decided by the API that the console calls.

mod accepts;
mod file;

use accepts::{Coding, best};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use file::{ASSETS, FILES, File, INDEX};

/// Scripts, styles and connections of this origin alone, nothing inline, and no other page around it. Pictures may be data:
/// the browser draws small ones itself.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// What every answer says beside its content.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::VARY, "accept-encoding"),
];

/// A console that was not built says so where people look for it.
const UNBUILT: &str = include_str!("unbuilt.html");

/// Answers with a file of the console, or with its first page, which knows what to show for any other path.
#[must_use]
pub fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Response {
    answer_from(FILES, method, path, headers)
}

/// Whether a console was built into this program.
#[must_use]
pub fn is_built() -> bool {
    find(FILES, INDEX).is_some()
}

fn answer_from(files: &'static [File], method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return with_headers((StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response(), false);
    }
    let named = find(files, path);
    // A page that an older server gave out asks for files that are gone. With the first page in their place the browser
    // would look for a script in it.
    if named.is_none() && path.starts_with(ASSETS) {
        let words = "this file is not part of this console; load the page again\n";
        return with_headers((StatusCode::NOT_FOUND, words).into_response(), false);
    }
    match named.or_else(|| find(files, INDEX)) {
        Some(file) => with_headers(content(file, headers), file.path.starts_with(ASSETS)),
        None => {
            let page = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], UNBUILT);
            with_headers((StatusCode::SERVICE_UNAVAILABLE, page).into_response(), false)
        }
    }
}

fn find(files: &'static [File], path: &str) -> Option<&'static File> {
    files.iter().find(|file| file.path == path)
}

fn content(file: &'static File, headers: &HeaderMap) -> Response {
    let (coding, bytes) = match best(headers) {
        Coding::Brotli => file.brotli.map(|bytes| ("br", bytes)).or_else(|| file.gzip.map(|bytes| ("gzip", bytes))),
        Coding::Gzip => file.gzip.map(|bytes| ("gzip", bytes)),
        Coding::Plain => None,
    }
    .map_or((None, file.plain), |(coding, bytes)| (Some(coding), bytes));
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    if let Some(coding) = coding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// A file whose name changes with its content is kept for ever; anything else is asked for again.
fn with_headers(mut response: Response, for_ever: bool) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let kept = if for_ever { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

#[cfg(test)]
mod tests;
