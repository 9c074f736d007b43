//! What the gate answers when no upstream did. The client learns a code and nothing about the inside.

use bytes::Bytes;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use super::Flow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection to the upstream.
    Unreachable,
    /// No response headers in time.
    TimedOut,
    /// The connection ended, or made no sense, before the response headers.
    Broke,
    /// The client's request broke off.
    ClientBroke,
    /// The client stopped sending in the middle of its request.
    ClientStalled,
    /// Not a request that can be forwarded.
    Malformed,
    /// CONNECT.
    NoTunnels,
}

impl Failure {
    /// Whether another upstream may be asked instead.
    pub(super) fn is_connection(self) -> bool {
        match self {
            Failure::Unreachable | Failure::Broke => true,
            Failure::TimedOut
            | Failure::ClientBroke
            | Failure::ClientStalled
            | Failure::Malformed
            | Failure::NoTunnels => false,
        }
    }

    pub(super) fn answer(self) -> Response<Flow> {
        let (status, code, title) = match self {
            Failure::Unreachable => (StatusCode::BAD_GATEWAY, "TG-4030", "the application cannot be reached"),
            Failure::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "TG-4031", "the application did not answer in time"),
            Failure::Broke => (StatusCode::BAD_GATEWAY, "TG-4032", "the application broke the connection off"),
            Failure::ClientBroke | Failure::Malformed => {
                (StatusCode::BAD_REQUEST, "TG-4033", "the request cannot be forwarded")
            }
            Failure::ClientStalled => (StatusCode::REQUEST_TIMEOUT, "TG-4034", "the request did not arrive in time"),
            Failure::NoTunnels => (StatusCode::METHOD_NOT_ALLOWED, "TG-4033", "CONNECT is not forwarded"),
        };
        let body = format!(
            r#"{{"type":"urn:tidegate:error:{code}","title":"{title}","status":{},"code":"{code}"}}"#,
            status.as_u16()
        );
        let mut response = Response::new(Flow::own(Bytes::from(body)));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self == Failure::ClientStalled {
            // The rest of the request may still come, and must not be taken for the next one.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
