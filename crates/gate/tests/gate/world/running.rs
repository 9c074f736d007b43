//! A gate that runs in this process, and the orders it is given.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use gate::wire::{
    AddressOrder, Applied, Blocks, DoorOrder, Problem, ProcessOrder, ServiceOrder, ServiceStatus, Shutdown, Status,
    StickyRule, UpstreamOrder, UpstreamProtocol, VersionOrder, VersionState,
};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::{Client, until};

/// A directory that is gone when the test is over.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("gate-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        TempDir(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A gate that runs.
pub(crate) struct Running {
    socket: PathBuf,
    thread: Option<JoinHandle<Result<(), gate::GateError>>>,
}

impl Running {
    /// A gate with two workers in `dir`.
    pub(crate) async fn start(dir: &Path) -> Running {
        Running::start_with(dir, |_| {}).await
    }

    pub(crate) async fn start_with(dir: &Path, change: impl FnOnce(&mut gate::Options)) -> Running {
        let mut options = gate::Options::new(dir);
        options.workers = NonZeroUsize::new(2);
        options.handle_signals = false;
        change(&mut options);
        let thread = std::thread::spawn(move || gate::run(&options));
        let gate = Running { socket: dir.join(gate::wire::SOCKET), thread: Some(thread) };
        gate.up().await;
        gate
    }

    /// A gate that somebody else runs in `dir`.
    pub(crate) async fn elsewhere(dir: &Path) -> Running {
        let gate = Running { socket: dir.join(gate::wire::SOCKET), thread: None };
        gate.up().await;
        gate
    }

    async fn up(&self) {
        until("the gate's socket", async || {
            UnixStream::connect(&self.socket).await.ok()?;
            Some(())
        })
        .await;
    }

    /// A call over the socket, as it comes.
    pub(crate) async fn raw(&self, method: Method, path: &str, body: impl Into<Bytes>) -> (StatusCode, Bytes) {
        self.raw_with(method, path, body, None).await
    }

    /// The same with one more header.
    pub(crate) async fn raw_with(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
        header: Option<(&str, String)>,
    ) -> (StatusCode, Bytes) {
        let stream = UnixStream::connect(&self.socket).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", "gate");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body.into()));
        let response = sender.send_request(request.unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        connection.abort();
        (status, body)
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Problem> {
        let (status, body) = self.raw(method, path, serde_json::to_vec(body).unwrap()).await;
        if status.is_success() {
            Ok(serde_json::from_slice(&body).unwrap())
        } else {
            let problem: Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem.status, status.as_u16());
            Err(problem)
        }
    }

    pub(crate) async fn put(&self, service: &str, order: &ServiceOrder) -> Result<Applied, Problem> {
        self.call(Method::PUT, &format!("/v1/services/{service}"), order).await
    }

    /// Gives an order that is sure to be taken, and says where the service listens.
    pub(crate) async fn serve(&self, service: &str, order: &ServiceOrder) -> SocketAddr {
        let applied = self.put(service, order).await.unwrap();
        assert_eq!((applied.generation, applied.share_ppm), (order.generation, order.share_ppm));
        assert_eq!(applied.not_saved, None);
        self.service(service).await.listen
    }

    pub(crate) async fn delete(&self, service: &str, number: (u64, u64)) -> Result<gate::wire::Removed, Problem> {
        let path = format!("/v1/services/{service}?fence={}&generation={}", number.0, number.1);
        self.call(Method::DELETE, &path, &()).await
    }

    pub(crate) async fn status(&self) -> Status {
        self.call(Method::GET, "/v1/status", &()).await.unwrap()
    }

    pub(crate) async fn service(&self, service: &str) -> ServiceStatus {
        self.call(Method::GET, &format!("/v1/services/{service}"), &()).await.unwrap()
    }

    /// Waits until a version is as it should be, and gives its process id.
    pub(crate) async fn is(&self, service: &str, version: &str, state: VersionState) -> Option<u32> {
        until(&format!("{version} to be {state:?}"), async || {
            let versions = self.service(service).await.versions;
            versions.iter().find(|one| one.version == version && one.state == state).map(|one| one.pid)
        })
        .await
    }

    pub(crate) async fn blocks(&self, service: &str, after: u64) -> Blocks {
        self.call(Method::GET, &format!("/v1/services/{service}/blocks?after={after}"), &()).await.unwrap()
    }

    pub(crate) async fn shut_down(&self, drain: Duration) -> Status {
        let drain_ms = u64::try_from(drain.as_millis()).unwrap();
        self.call(Method::POST, "/v1/shutdown", &Shutdown { drain_ms }).await.unwrap()
    }

    /// Waits until the gate has ended.
    pub(crate) async fn ended(mut self) -> Result<(), gate::GateError> {
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap()
    }

    pub(crate) async fn client(&self, service: &str) -> Client {
        Client::connect(self.service(service).await.listen).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        use std::io::{Read, Write};
        let Some(thread) = self.thread.take() else { return };
        let mut stream = std::os::unix::net::UnixStream::connect(&self.socket).unwrap();
        let body = r#"{"drain_ms":0}"#;
        let head = format!(
            "POST /v1/shutdown HTTP/1.1\r\nhost: gate\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
        if !std::thread::panicking() {
            thread.join().unwrap().unwrap();
        }
    }
}

/// An order: 1.0 stable, 1.1 canary with `share_ppm`, users named by the header `x-user`, blocks only closed by changes.
pub(crate) fn order(stable: UpstreamOrder, canary: UpstreamOrder, share_ppm: u32) -> ServiceOrder {
    ServiceOrder {
        fence: 1,
        generation: 1,
        listen: "127.0.0.1:0".parse().unwrap(),
        sticky: vec![StickyRule::Header("x-user".into())],
        salt: "test".into(),
        share_ppm,
        interval_ms: 3_600_000,
        stable: "1.0".into(),
        canary: Some("1.1".into()),
        versions: vec![
            VersionOrder { version: "1.0".into(), upstream: stable, protocol: UpstreamProtocol::Http1 },
            VersionOrder { version: "1.1".into(), upstream: canary, protocol: UpstreamProtocol::Http1 },
        ],
        upstream_timeout_ms: 10_000,
        connect_timeout_ms: 5_000,
        expose_arm: true,
        dead_man_ms: None,
        knows_withdrawn_ms: None,
        door: DoorOrder::default(),
    }
}

/// The small application, as a process that the gate keeps.
pub(crate) fn process() -> UpstreamOrder {
    let mut order = ProcessOrder::new(format!("exec {} serve", env!("CARGO_BIN_EXE_gate-test-app")));
    order.health_path = Some("/health".into());
    order.health_interval_ms = 50;
    order.stop_grace_ms = 2_000;
    UpstreamOrder::Process(order)
}

impl From<&super::Upstream> for UpstreamOrder {
    fn from(upstream: &super::Upstream) -> Self {
        UpstreamOrder::Address(AddressOrder::new(upstream.address()))
    }
}
