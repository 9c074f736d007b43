//! One HTTP exchange over TCP or a Unix socket, and the events of a stream. Just enough for our own servers: no proxies, no
//! redirects, no pool; a command line asks once and ends.

mod events;

pub(crate) use events::{Event, Events};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest wait for the head of an answer. Promoting or withdrawing never happens inside of a call, so calls are short.
const ANSWER: Duration = Duration::from_secs(30);
/// The longest answer that is read as a whole.
const LARGEST: usize = 64 << 20;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// On the network.
    Tcp {
        /// A name or an IP address, without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// On this machine.
    Unix(PathBuf),
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// How.
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    /// Headers besides the usual ones.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// A JSON body.
    pub(crate) body: Option<Value>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The media type, without parameters.
    pub(crate) media: String,
    /// The body.
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// Nobody listens there, or not in time.
    Connect(std::io::Error),
    /// It took too long.
    Slow(&'static str, Duration),
    /// What came is not HTTP, or broke off.
    Broken(String),
    /// What is asked cannot be written as a request.
    Unaskable(String),
}

impl Ask {
    /// A question without a body.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: Vec::new(), body: None }
    }

    /// A command with a body.
    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), headers: Vec::new(), body: Some(body) }
    }

    /// With another header.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn into_request(self, address: &Address, accept: &'static str) -> Result<Request<Full<Bytes>>, NoAnswer> {
        let unaskable = |error: &dyn fmt::Display| NoAnswer::Unaskable(error.to_string());
        let mut request = Request::builder().method(self.method).uri(self.path).header(ACCEPT, accept);
        request = request.header(HOST, address.authority());
        for (name, value) in self.headers {
            let mut value = HeaderValue::try_from(value).map_err(|error| unaskable(&error))?;
            value.set_sensitive(name == "authorization");
            request = request.header(name, value);
        }
        let body = match self.body {
            None => Bytes::new(),
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
        };
        request.body(Full::new(body)).map_err(|error| unaskable(&error))
    }
}

impl Answer {
    /// The body as JSON, if it says that it is.
    #[must_use]
    pub(crate) fn json(&self) -> Option<Value> {
        let is_json = self.media == "application/json" || self.media.ends_with("+json");
        is_json.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }
}

impl Address {
    /// Asks once.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Answer, NoAnswer> {
        let response = self.begin(ask, "application/json").await?;
        let status = response.status();
        let media = media_of(&response);
        let body = timeout(ANSWER, Limited::new(response.into_body(), LARGEST).collect())
            .await
            .map_err(|_| NoAnswer::Slow("end its answer", ANSWER))?
            .map_err(|error| NoAnswer::Broken(error.to_string()))?;
        Ok(Answer { status, media, body: body.to_bytes() })
    }

    /// Asks for a stream of events. `Err(Ok(_))` is an answer that is no stream.
    ///
    /// # Errors
    /// There is no answer, or another one.
    pub(crate) async fn events(&self, ask: Ask) -> Result<Events, Result<Answer, NoAnswer>> {
        let response = self.begin(ask, "text/event-stream").await.map_err(Err)?;
        let (status, media) = (response.status(), media_of(&response));
        if status.is_success() && media == "text/event-stream" {
            return Ok(Events::new(response.into_body()));
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        Err(body
            .map(|body| Answer { status, media, body: body.to_bytes() })
            .map_err(|error| NoAnswer::Broken(error.to_string())))
    }

    async fn begin(&self, ask: Ask, accept: &'static str) -> Result<Response<Incoming>, NoAnswer> {
        let request = ask.into_request(self, accept)?;
        match self {
            Self::Tcp { host, port } => {
                let stream = within(CONNECT, TcpStream::connect((host.as_str(), *port))).await?;
                // A small request must not wait for an acknowledgement; without this option it is only slower.
                let _slower = stream.set_nodelay(true);
                exchange(stream, request).await
            }
            Self::Unix(path) => exchange(within(CONNECT, UnixStream::connect(path)).await?, request).await,
        }
    }

    /// As the `Host` header and people say it.
    #[must_use]
    pub(crate) fn authority(&self) -> String {
        match self {
            Self::Tcp { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Self::Tcp { host, port } => format!("{host}:{port}"),
            Self::Unix(_) => "localhost".into(),
        }
    }
}

async fn within<T>(limit: Duration, connecting: impl Future<Output = std::io::Result<T>>) -> Result<T, NoAnswer> {
    match timeout(limit, connecting).await {
        Ok(connected) => connected.map_err(NoAnswer::Connect),
        Err(_) => Err(NoAnswer::Slow("take the connection", limit)),
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |error: hyper::Error| NoAnswer::Broken(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // The connection ends with the exchange; what it dies of is seen by whoever reads the body.
    tokio::spawn(async move { connection.await.ok() });
    match timeout(ANSWER, sender.send_request(request)).await {
        Ok(answered) => answered.map_err(broken),
        Err(_) => Err(NoAnswer::Slow("answer", ANSWER)),
    }
}

fn media_of(response: &Response<Incoming>) -> String {
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "{error}"),
            Self::Slow(what, limit) => write!(f, "it did not {what} within {} s", limit.as_secs()),
            Self::Broken(why) => write!(f, "the exchange broke off: {why}"),
            Self::Unaskable(why) => write!(f, "the request cannot be written: {why}"),
        }
    }
}
