//! One POST of a form, with a bound on the time and on the size of the answer.

use super::Url;
use crate::exchange::{Answer, Body, Fault, exchange};
use bytes::Bytes;
use engine::Millis;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use std::fmt::Write as _;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What is asked.
pub(crate) struct Form<'a> {
    pub(crate) url: &'a Url,
    /// Added to the URL's own path.
    pub(crate) path: &'a str,
    pub(crate) fields: &'a [(&'a str, String)],
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) patience: Millis,
    /// In bytes.
    pub(crate) largest_answer: usize,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// Nobody is there, or the connection broke.
    Broken(String),
    /// Nothing came in time.
    Late,
    /// More came than is read.
    TooLarge,
}

impl Form<'_> {
    /// Sends the form and waits for the answer with its body.
    pub(crate) async fn post(self) -> Result<Answer, NoAnswer> {
        let patience = Duration::from_millis(self.patience.0);
        timeout(patience, self.ask()).await.unwrap_or(Err(NoAnswer::Late))
    }

    async fn ask(self) -> Result<Answer, NoAnswer> {
        let broken = |why: String| NoAnswer::Broken(why);
        let path = format!("{}{}", self.url.path.path().trim_end_matches('/'), self.path);
        let mut request = Request::post(path)
            .header(HOST, self.url.authority())
            .header(USER_AGENT, concat!("tidegate/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(CONNECTION, "close");
        if let Some(authorization) = self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(Bytes::from(encoded(self.fields)))).map_err(|e| broken(e.to_string()))?;
        let address = (self.url.host.as_str(), self.url.port);
        let stream = TcpStream::connect(address).await.map_err(|error| broken(error.to_string()))?;
        exchange(stream, request, Body::UpTo(self.largest_answer)).await.map_err(|fault| match fault {
            Fault::TooLarge => NoAnswer::TooLarge,
            Fault::Broken(_) | Fault::BodyBroken(_) => broken(fault.to_string()),
        })
    }
}

fn encoded(fields: &[(&str, String)]) -> String {
    let mut out = String::new();
    for (i, (name, value)) in fields.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { "&" });
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _infallible = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn nothing_of_a_value_is_taken_for_another_field() {
        let fields = [("query", "up{a=~\"b&c\"}[5s] +ü".to_owned()), ("time", "1.5".to_owned())];
        assert_eq!(encoded(&fields), "query=up%7Ba%3D~%22b%26c%22%7D%5B5s%5D%20%2B%C3%BC&time=1.5");
    }
}
