//! One GET.

use super::Url;
use crate::exchange::{Answer, Body, exchange};
use crate::failure::passing;
use bytes::Bytes;
use control::ports::PortResult;
use engine::Millis;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{CONNECTION, HOST, USER_AGENT};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What `url` answers, without its body.
///
/// # Errors
/// `TG-5032`: no answer, or none within `patience`.
pub(crate) async fn get(url: &Url, patience: Millis) -> PortResult<Answer> {
    let no_answer = |why: String| {
        passing("TG-5032", format!("{url} does not answer: {why}"), "look whether it runs and listens there")
    };
    let late = || Err(no_answer(format!("nothing came within {patience}")));
    let asked = timeout(Duration::from_millis(patience.0), ask(url)).await;
    asked.map_or_else(|_| late(), |answer| answer.map_err(no_answer))
}

async fn ask(url: &Url) -> Result<Answer, String> {
    let request = Request::get(url.path.as_str())
        .header(HOST, url.authority())
        .header(USER_AGENT, concat!("tidegate/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .body(Full::<Bytes>::default())
        .map_err(|error| error.to_string())?;
    let stream = TcpStream::connect((url.host.as_str(), url.port)).await.map_err(|error| error.to_string())?;
    exchange(stream, request, Body::Unread).await.map_err(|fault| fault.to_string())
}
