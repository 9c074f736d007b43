//! A URL that can be asked.

use crate::failure::lasting;
use control::ports::{PortError, PortResult};
use hyper::Uri;
use hyper::http::uri::PathAndQuery;
use std::fmt;

/// The parts of an `http://` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) path: PathAndQuery,
}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    /// `TG-5030`: over TLS, which is not part of this build. `TG-5031`: not a URL that can be asked.
    pub(crate) fn read(text: &str) -> PortResult<Self> {
        if text.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) {
            return Err(lasting(
                "TG-5030",
                "not yet: requests over TLS",
                "use an `http://` URL, or a command hook that calls curl",
            ));
        }
        let uri: Uri = text.parse().map_err(|_| nonsense("it is not well formed"))?;
        let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(nonsense("it does not start with `http://` and a host"));
        };
        if authority.as_str().contains('@') {
            return Err(nonsense("it holds credentials"));
        }
        // `Authority::port` is silent about a port that is too large.
        let port = match authority.as_str().strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':')) {
            None => 80,
            Some(digits) => digits.parse().ok().filter(|port| *port > 0).ok_or_else(|| nonsense("its port is none"))?,
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(nonsense("it names no host"));
        }
        let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        Ok(Self { host, port, path })
    }

    /// As the `Host` header has it.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == 80 { host } else { format!("{host}:{}", self.port) }
    }
}

/// Without what stands after the question mark: it may be a key.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path.path())
    }
}

/// The URL itself is not shown: it may hold a password, and that may be what is wrong with it.
fn nonsense(why: &str) -> PortError {
    lasting("TG-5031", format!("a URL cannot be asked: {why}"), "write it like http://127.0.0.1:8080/healthz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found() {
        for (text, shown, port) in [
            ("http://127.0.0.1:8080/healthz?deep=1", "http://127.0.0.1:8080/healthz", 8080),
            ("http://shop", "http://shop/", 80),
            ("http://[::1]:9000/x", "http://[::1]:9000/x", 9000),
            ("HTTP://shop/x", "http://shop/x", 80),
        ] {
            let url = Url::read(text).unwrap();
            assert_eq!((url.to_string().as_str(), url.port), (shown, port), "{text}");
        }
    }

    #[test]
    fn others_are_refused_and_no_password_is_shown() {
        for (text, code) in [
            ("https://shop/", "TG-5030"),
            ("HTTPS://shop/", "TG-5030"),
            ("", "TG-5031"),
            ("shop/healthz", "TG-5031"),
            ("/healthz", "TG-5031"),
            ("ftp://shop/", "TG-5031"),
            ("http://", "TG-5031"),
            ("http://shop:0/", "TG-5031"),
            ("http://shop:99999/", "TG-5031"),
            ("http://me:hunter2@shop/", "TG-5031"),
            ("http://shop/ x", "TG-5031"),
            ("http://shop/\r\nX: y", "TG-5031"),
        ] {
            let error = Url::read(text).unwrap_err();
            assert_eq!(error.code, code, "{text:?}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
