//! What browsers are told, over files of the test's own: a console need not be built for it.

use super::*;

static SITE: [File; 2] = [
    File { path: "/index.html", kind: "text/html; charset=utf-8", plain: b"<!doctype html>", gzip: None, brotli: None },
    File {
        path: "/assets/app-1f.js",
        kind: "text/javascript; charset=utf-8",
        plain: b"plain",
        gzip: Some(b"gzip"),
        brotli: Some(b"brotli"),
    },
];

fn get(path: &str, accepts: &str) -> Response {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(accepts) {
        headers.insert(header::ACCEPT_ENCODING, value);
    }
    answer_from(&SITE, &Method::GET, path, &headers)
}

fn header_of<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[test]
fn any_path_is_the_first_page_and_is_asked_for_again() {
    for path in ["/", "/releases/r1", "/journal", "/index.html", "/../etc/passwd"] {
        let response = get(path, "br");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header_of(&response, "content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(header_of(&response, "cache-control"), Some("no-cache"));
    }
}

#[test]
fn hashed_files_are_kept_for_ever_and_packed_as_the_browser_can_read() {
    let cases = [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=1.0, br;q=0", Some("gzip")),
        ("gzip;q=0, br; q=0.000", None),
        ("identity", None),
        ("", None),
    ];
    for (accepts, coding) in cases {
        let response = get("/assets/app-1f.js", accepts);
        assert_eq!(header_of(&response, "content-encoding"), coding, "{accepts}");
        assert_eq!(header_of(&response, "vary"), Some("accept-encoding"));
        assert!(header_of(&response, "cache-control").is_some_and(|kept| kept.contains("immutable")));
    }
}

#[test]
fn a_hashed_file_that_is_gone_is_not_the_first_page() {
    let response = get("/assets/app-0e.js", "br");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(header_of(&response, "cache-control"), Some("no-cache"));
}

#[test]
fn nothing_inline_nothing_from_elsewhere_and_no_frame_around_it() {
    for path in ["/", "/assets/app-1f.js", "/assets/gone.js"] {
        let response = get(path, "");
        let policy = header_of(&response, "content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header_of(&response, "x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn a_console_that_was_not_built_says_how_to_build_it() {
    let response = answer_from(&[], &Method::GET, "/", &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(UNBUILT.contains("make console"));
}

#[test]
fn pages_are_only_looked_at() {
    let response = answer_from(&SITE, &Method::POST, "/", &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header_of(&response, "allow"), Some("GET, HEAD"));
}
