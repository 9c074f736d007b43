//! What a gRPC response says of itself. Its HTTP status is 200 whatever happened; the truth comes at the end, in the trailers.

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName};

const STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// What is known of a response from its headers or trailers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing yet: it is gRPC, and the end will tell.
    Later,
    /// How it went.
    Ended { error: bool },
    /// It is no gRPC.
    None,
}

pub(super) fn of_headers(headers: &HeaderMap) -> Word {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    if !kind.is_some_and(|kind| kind.starts_with(b"application/grpc")) {
        return Word::None;
    }
    match headers.get(STATUS) {
        Some(status) => Word::Ended { error: is_fault(status.as_bytes()) },
        None => Word::Later,
    }
}

/// Whether a response that ended with `trailers`, or without any, is an error of the server's.
pub(super) fn is_error(trailers: Option<&HeaderMap>) -> bool {
    trailers.and_then(|trailers| trailers.get(STATUS)).is_none_or(|status| is_fault(status.as_bytes()))
}

/// UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: what the semantic conventions of OpenTelemetry
/// call errors of a server. The others are answers that a client may have deserved, as a 4xx is.
fn is_fault(status: &[u8]) -> bool {
    [&b"2"[..], b"4", b"12", b"13", b"14", b"15"].contains(&status)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn the_word_is_believed_where_it_stands() {
        let mut headers = HeaderMap::new();
        assert_eq!(of_headers(&headers), Word::None);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc+proto"));
        assert_eq!(of_headers(&headers), Word::Later);
        for (status, error) in [("0", false), ("5", false), ("13", true), ("14", true)] {
            headers.insert(STATUS, HeaderValue::from_static(status));
            assert_eq!(of_headers(&headers), Word::Ended { error });
            assert_eq!(is_error(Some(&headers)), error);
        }
        assert!(is_error(None), "a response that just stops was not completed");
    }
}
