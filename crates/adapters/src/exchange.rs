//! One request and one answer of HTTP/1.1 over a connection that is made for it and dropped with it.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper::header::LOCATION;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::pin::pin;
use tokio::io::{AsyncRead, AsyncWrite};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Where a redirect points.
    pub(crate) location: Option<String>,
    pub(crate) body: Bytes,
}

/// How much of a body is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// The headers say enough.
    Unread,
    /// All of it, as long as it is not larger than this many bytes.
    UpTo(usize),
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    Broken(hyper::Error),
    BodyBroken(String),
    /// The body is larger than what is read.
    TooLarge,
}

/// Sends `request` and waits for its answer. Has no deadline of its own.
pub(crate) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    request: Request<Full<Bytes>>,
    wanted: Body,
) -> Result<Answer, Fault> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let location = response.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let body = match wanted {
            Body::Unread => Bytes::new(),
            Body::UpTo(most) => {
                let read = Limited::new(response.into_body(), most).collect().await;
                read.map_err(|error| match error.is::<LengthLimitError>() {
                    true => Fault::TooLarge,
                    false => Fault::BodyBroken(error.to_string()),
                })?
                .to_bytes()
            }
        };
        Ok(Answer { status, location, body })
    };
    let (mut connection, mut answer) = (pin!(connection), pin!(answer));
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        ended = &mut connection => {
            ended?;
            // The whole answer is here already when a connection ends well.
            answer.await
        }
    }
}

impl From<hyper::Error> for Fault {
    fn from(error: hyper::Error) -> Self {
        Self::Broken(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::BodyBroken(why) => write!(f, "the answer broke off: {why}"),
            Self::TooLarge => f.write_str("the answer is larger than what is read"),
        }
    }
}
