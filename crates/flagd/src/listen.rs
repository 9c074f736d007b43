//! The listeners: which service is where, and how HTTP/2 is spoken.

use crate::stopping::Stopping;
use crate::{Published, evaluation, health, stopping, sync, wire};
use futures_util::future::BoxFuture;
use hyper::{Request, Response};
use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower::Service;

/// Where clients that evaluate by themselves look, unless they are told otherwise.
pub const SYNC: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8015);
/// Where clients that ask for each answer look, unless they are told otherwise.
pub const EVALUATION: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8013);

/// How often a connection is asked whether it is there: a client that lost its network holds its streams no longer than this.
const ASK: Duration = Duration::from_secs(30);
/// How long it may take to say so.
const ANSWER: Duration = Duration::from_secs(20);
/// Headers of a request; a token and a selector are short.
const MOST_HEADERS: u32 = 16 * 1024;
/// Streams are sent away over this time when the server stops.
const SPREAD: Duration = Duration::from_secs(1);

/// What a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `flagd.sync.v1`.
    Sync,
    /// `flagd.evaluation.v1` and `v2`.
    Evaluation,
}

/// Serves until `stop` resolves, then sends the streams away over a second and returns when the last call is answered.
///
/// Streams that are well are never closed, connections have no greatest age, and a client may ping as often as it likes.
///
/// # Errors
/// If the listener breaks.
pub async fn serve(
    protocol: Protocol,
    listener: TcpListener,
    published: Arc<dyn Published>,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    let (stopper, stopping) = stopping::over(SPREAD);
    let calls = Calls { protocol, published, stopping };
    let stop = async {
        stop.await;
        stopper.stop();
    };
    Server::builder()
        .http2_keepalive_interval(Some(ASK))
        .http2_keepalive_timeout(Some(ANSWER))
        .http2_max_header_list_size(MOST_HEADERS)
        .serve_with_incoming_shutdown(calls, TcpIncoming::from(listener).with_nodelay(Some(true)), stop)
        .await
}

/// The calls of one listener.
#[derive(Clone)]
struct Calls {
    protocol: Protocol,
    published: Arc<dyn Published>,
    stopping: Stopping,
}

impl Calls {
    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let path = request.uri().path().to_owned();
        let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
        let published = self.published.as_ref();
        match (self.protocol, service) {
            (_, health::SERVICE) => health::serve(self.services(), self.stopping.turn(), method, request).await,
            (Protocol::Sync, sync::SERVICE) => sync::serve(published, self.stopping.turn(), method, request).await,
            (Protocol::Evaluation, service) => match evaluation::Version::of(service) {
                Some(version) => evaluation::serve(published, self.stopping.turn(), version, method, request).await,
                None => Err(Status::unimplemented("")),
            },
            (Protocol::Sync, _) => Err(Status::unimplemented("")),
        }
    }

    fn services(&self) -> &'static [&'static str] {
        match self.protocol {
            Protocol::Sync => &[sync::SERVICE],
            Protocol::Evaluation => &[evaluation::V1, evaluation::V2],
        }
    }
}

impl Service<Request<Body>> for Calls {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let calls = self.clone();
        Box::pin(async move { Ok(calls.answer(request).await.unwrap_or_else(|status| wire::once(Err(status)))) })
    }
}
