//! Servers in this process: well-behaved ones, and ones that do to each connection whatever a test wants.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) struct Upstream {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Answers every request with `body`.
    pub(crate) async fn saying(body: &'static str) -> Upstream {
        Upstream::answering(move |_, _| Response::new(Full::from(body))).await
    }

    /// Answers every request, once its body has been read, as `answer` says.
    pub(crate) async fn answering(
        answer: impl Fn(&Request<()>, Bytes) -> Response<Full<Bytes>> + Clone + Send + Sync + 'static,
    ) -> Upstream {
        Upstream::handling(move |stream| {
            let answer = answer.clone();
            async move {
                let service = service_fn(|request: Request<Incoming>| {
                    let answer = answer.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                        Ok::<_, Infallible>(answer(&Request::from_parts(head, ()), body))
                    }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            }
        })
        .await
    }

    /// Has `handle` do with every connection what it likes.
    pub(crate) async fn handling<F: Future<Output = ()> + Send + 'static>(
        handle: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(handle(stream));
            }
        });
        Upstream { address, task }
    }

    /// An address at which nobody listens.
    pub(crate) async fn nobody() -> Upstream {
        let upstream = Upstream::saying("").await;
        upstream.task.abort();
        super::until("the port to be free", async || TcpStream::connect(upstream.address).await.err()).await;
        upstream
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request's head. Empty if the connection ended first.
pub(crate) async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return String::new(),
        }
    }
    String::from_utf8(head).unwrap()
}
