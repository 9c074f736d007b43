//! The calls by which the gate is told and asked: HTTP over a Unix socket that only its user may open.

use std::convert::Infallible;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::spawn_local;

use crate::error::GateError;
use crate::gate::{End, Gate};
use crate::metrics;
use crate::wire::{FENCE, Shutdown, Upgrade};

/// The largest body that is taken, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;
/// How much of a body beyond that is read and thrown away: a connection that is closed under a caller who still writes takes the
/// answer with it, and the caller sees "broken pipe" where the reason should be.
const MOST_DISCARDED: usize = 64 * LARGEST_BODY;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Makes the socket. Whoever holds the directory's lock may replace what an earlier run left there.
pub(crate) fn bind(path: &Path) -> Result<std::os::unix::net::UnixListener, GateError> {
    let bound = || {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = std::os::unix::net::UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    };
    bound().map_err(|cause| GateError::Socket { path: path.to_owned(), cause })
}

/// Answers calls for as long as the gate runs.
pub(crate) async fn serve(listener: UnixListener, gate: Rc<Gate>) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => converse(stream, Rc::clone(&gate), Allowed::Everything),
            Err(error) => pause(&error).await,
        }
    }
}

/// Answers scrapes, and nothing else: the network may ask how it goes, and tell nothing.
pub(crate) async fn serve_metrics(listener: TcpListener, gate: Rc<Gate>) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => converse(stream, Rc::clone(&gate), Allowed::Metrics),
            Err(error) => pause(&error).await,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Allowed {
    Everything,
    Metrics,
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "an admin connection could not be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, gate: Rc<Gate>, allowed: Allowed) {
    let answer = service_fn(move |request| {
        let gate = Rc::clone(&gate);
        async move {
            let answered = match allowed {
                Allowed::Metrics if request.uri().path() != "/metrics" => Err(no_such_call(&request)),
                Allowed::Metrics | Allowed::Everything => answer(&gate, request).await,
            };
            Ok::<_, Infallible>(answered.unwrap_or_else(|error| problem(&error)))
        }
    });
    spawn_local(async move {
        let served =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
        if let Err(error) = served {
            tracing::debug!(%error, "an admin connection ended");
        }
    });
}

async fn answer(gate: &Rc<Gate>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, GateError> {
    let path = request.uri().path().to_owned();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    if let (["v1", "services", name, ..], Some(fence)) = (steps.as_slice(), fence(&request)) {
        gate.hear(name, fence);
    }
    match (request.method(), steps.as_slice()) {
        (&Method::GET, ["metrics"]) => Ok(text(metrics::render(gate))),
        (&Method::GET, ["v1", "status"]) => json(&gate.status()),
        (&Method::PUT, ["v1", "services", name]) => json(&gate.apply(name, body(request).await?)?),
        (&Method::GET, ["v1", "services", name]) => json(&gate.service_status(name)?),
        (&Method::DELETE, ["v1", "services", name]) => {
            let asked = Query::of(&request, &["fence", "generation"])?;
            json(&gate.remove(name, (asked.number("fence")?, asked.number("generation")?)).await?)
        }
        (&Method::GET, ["v1", "services", name, "blocks"]) => {
            let asked = Query::of(&request, &["boot", "after", "limit"])?;
            let after = asked.number_or("after", 0)?;
            let limit = usize::try_from(asked.number_or("limit", u64::MAX)?).unwrap_or(usize::MAX);
            json(&gate.blocks(name, asked.text("boot"), after, limit)?)
        }
        (&Method::POST, ["v1", "shutdown"]) => {
            let Shutdown { drain_ms } = body(request).await?;
            gate.end_by(End::Stop(Duration::from_millis(drain_ms)));
            json(&gate.status())
        }
        (&Method::POST, ["v1", "upgrade"]) => {
            let Upgrade { drain_ms, program } = body(request).await?;
            gate.upgrade(Duration::from_millis(drain_ms), program.map(PathBuf::from))?;
            json(&gate.status())
        }
        _ => Err(no_such_call(&request)),
    }
}

/// Which leader asks, if it is one.
fn fence(request: &Request<Incoming>) -> Option<u64> {
    request.headers().get(FENCE)?.to_str().ok()?.parse().ok()
}

async fn body<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, GateError> {
    let mut body = request.into_body();
    let (mut taken, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| GateError::Body { reason: format!("it broke off: {error}") })?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= LARGEST_BODY {
            taken.extend_from_slice(&data);
        } else if length > LARGEST_BODY + MOST_DISCARDED {
            break;
        }
    }
    if length > LARGEST_BODY {
        return Err(GateError::TooLarge { limit: LARGEST_BODY });
    }
    serde_json::from_slice(&taken).map_err(|error| GateError::Body { reason: error.to_string() })
}

/// What stands after the question mark.
struct Query<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Query<'a> {
    fn of(request: &'a Request<Incoming>, known: &[&str]) -> Result<Self, GateError> {
        let pairs = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pairs: Vec<_> = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        match pairs.iter().find(|(key, _)| !known.contains(key)) {
            Some((key, _)) => {
                Err(GateError::Body { reason: format!("{key:?} is not asked for here; {} are", known.join(", ")) })
            }
            None => Ok(Query(pairs)),
        }
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn number(&self, key: &str) -> Result<u64, GateError> {
        let value =
            self.text(key).ok_or_else(|| GateError::Body { reason: format!("`{key}` is missing in the query") })?;
        value
            .parse()
            .map_err(|_| GateError::Body { reason: format!("`{key}` in the query: {value:?} is no whole number") })
    }

    fn number_or(&self, key: &str, absent: u64) -> Result<u64, GateError> {
        if self.text(key).is_some() { self.number(key) } else { Ok(absent) }
    }
}

fn no_such_call(request: &Request<Incoming>) -> GateError {
    GateError::NoSuchCall { call: format!("{} {}", request.method(), request.uri().path()) }
}

fn json(value: &impl Serialize) -> Result<Response<Full<Bytes>>, GateError> {
    let body = serde_json::to_vec(value).map_err(|error| GateError::Body { reason: error.to_string() })?;
    Ok(response(StatusCode::OK, "application/json", body))
}

fn text(body: String) -> Response<Full<Bytes>> {
    response(StatusCode::OK, "text/plain; version=0.0.4", body.into_bytes())
}

fn problem(error: &GateError) -> Response<Full<Bytes>> {
    let problem = error.problem();
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response(status, "application/problem+json", serde_json::to_vec(&problem).unwrap_or_default())
}

fn response(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
