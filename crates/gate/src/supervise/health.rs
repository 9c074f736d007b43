//! Asks a version how it is, for as long as it is kept.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::HOST;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::Charge;
use crate::local::Local;
use crate::wire::{AddressOrder, ProcessOrder, VersionState};

/// How often a version that starts is asked: the sooner it is known to be up, the sooner a release goes on.
const WHILE_STARTING: Duration = Duration::from_millis(50);
/// Failures in a row that make a healthy version unhealthy. A single lost probe says little.
const FAILURES: u32 = 3;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    path: Option<String>,
    interval: Duration,
    /// Whether a version that has not answered yet is given its time: a process is, by whoever started it; a server of somebody
    /// else's either answers or does not.
    may_start: bool,
}

impl Settings {
    pub(super) fn of_process(order: &ProcessOrder) -> Self {
        Settings {
            path: order.health_path.clone(),
            interval: Duration::from_millis(order.health_interval_ms),
            may_start: true,
        }
    }

    pub(super) fn of_server(order: &AddressOrder) -> Self {
        Settings {
            path: order.health_path.clone(),
            interval: Duration::from_millis(order.health_interval_ms),
            may_start: false,
        }
    }

    fn patience(&self) -> Duration {
        self.interval.clamp(Duration::from_secs(1), Duration::from_secs(5))
    }
}

/// Keeps the version's state true until it is dropped.
pub(super) async fn watch(charge: &Charge, address: SocketAddr, settings: Settings) -> Infallible {
    let mut failures = 0;
    loop {
        let asked = timeout(settings.patience(), ask(address, settings.path.as_deref())).await;
        let state = charge.status.borrow().state;
        if matches!(asked, Ok(Ok(()))) {
            failures = 0;
            charge.now(VersionState::Healthy);
        } else if state == VersionState::Healthy || (state == VersionState::Starting && !settings.may_start) {
            failures += 1;
            if failures >= FAILURES {
                charge.now(VersionState::Unhealthy);
            }
        }
        let starting = charge.status.borrow().state == VersionState::Starting;
        sleep(if starting { settings.interval.min(WHILE_STARTING) } else { settings.interval }).await;
    }
}

async fn ask(address: SocketAddr, path: Option<&str>) -> Result<(), Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    let Some(path) = path else { return Ok(()) };
    let status = match ask_http1(stream, address, path).await {
        Ok(status) => status,
        // It may speak nothing but HTTP/2, as servers of gRPC do.
        Err(first) => ask_http2(address, path).await.map_err(|_| first)?,
    };
    if status.as_u16() < 400 { Ok(()) } else { Err(status.to_string().into()) }
}

async fn ask_http1(
    stream: TcpStream,
    address: SocketAddr,
    path: &str,
) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path).header(HOST, address.to_string()).body(Empty::<Bytes>::new())?;
    answer(connection, sender.send_request(request)).await
}

async fn ask_http2(address: SocketAddr, path: &str) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http2::handshake(Local, TokioIo::new(stream)).await?;
    let request = Request::get(format!("http://{address}{path}")).body(Empty::<Bytes>::new())?;
    answer(connection, sender.send_request(request)).await
}

async fn answer(
    connection: impl Future<Output = hyper::Result<()>>,
    answer: impl Future<Output = hyper::Result<Response<Incoming>>>,
) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(answer);
    let response = tokio::select! {
        biased;
        response = &mut answer => response?,
        ended = &mut connection => {
            ended?;
            answer.await?
        }
    };
    Ok(response.status())
}
