//! Which packed copy a browser can read.

use axum::http::{HeaderMap, header};

/// How a file may be packed, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    Plain,
}

/// The best that the client reads. Weights are heard only where they forbid: whoever reads brotli reads it as fast as gzip.
pub(crate) fn best(headers: &HeaderMap) -> Coding {
    let offered = |wanted: &str| {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let forbidden = parts.filter_map(|part| part.strip_prefix("q=")).any(|q| q.parse() == Ok(0.0_f32));
            named && !forbidden
        })
    };
    if offered("br") {
        Coding::Brotli
    } else if offered("gzip") {
        Coding::Gzip
    } else {
        Coding::Plain
    }
}
