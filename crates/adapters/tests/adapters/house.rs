//! A gate of one test's own, in a directory of its own, and something to serve.

use adapters::{Adapters, GateAddress};
use control::ports::{Connect, Site};
use policy::Wiring;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// A directory that is gone after the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tg-adapters-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small server: answers `/healthz` once it is up, and everything else with its version and one variable of its environment.
const SERVER: &str = r#"
import os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class H(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = f"{os.environ['TIDEGATE_VERSION']} {os.environ.get('SECRET', '')} {os.environ['TIDEGATE_SERVICE']} {os.getpid()}".encode()
        fail = self.path == "/fail"
        if self.path == "/die": os._exit(7)
        self.send_response(500 if fail else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
"#;

/// A gate that runs in this process.
pub(crate) struct House {
    pub(crate) scratch: Scratch,
    pub(crate) adapters: Adapters,
    gate: Option<JoinHandle<()>>,
}

impl House {
    pub(crate) async fn new() -> Self {
        let scratch = Scratch::new();
        scratch.write("server.py", SERVER);
        let adapters = Adapters::new(Some(GateAddress(socket(&scratch))));
        let mut house = Self { scratch, adapters, gate: None };
        house.open().await;
        house
    }

    pub(crate) async fn open(&mut self) {
        let mut options = gate::Options::new(self.scratch.path().join("gate"));
        options.workers = std::num::NonZeroUsize::new(1);
        options.handle_signals = false;
        options.drain = Duration::ZERO;
        self.gate = Some(std::thread::spawn(move || gate::run(&options).unwrap()));
        let socket = socket(&self.scratch);
        eventually("the gate answers", async || UnixStream::connect(&socket).await.is_ok()).await;
    }

    /// Stops the gate with everything that it runs.
    pub(crate) async fn close(&mut self) {
        stop(&socket(&self.scratch)).await;
        if let Some(gate) = self.gate.take() {
            tokio::task::spawn_blocking(move || gate.join().unwrap()).await.unwrap();
        }
    }

    /// Forgets what the gate was told, as a lost disk would.
    pub(crate) fn forget(&self) {
        std::fs::remove_file(self.scratch.path().join("gate").join("snapshot.json")).unwrap();
    }

    pub(crate) fn site(&self, wiring: &Wiring) -> Site {
        self.adapters.connect(wiring).unwrap()
    }

    /// What the gate says of a service.
    pub(crate) async fn status(&self, key: &str) -> serde_json::Value {
        let request = format!("GET /v1/services/{key} HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n");
        let mut stream = UnixStream::connect(socket(&self.scratch)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Where users connect.
    pub(crate) async fn door(&self, key: &str) -> String {
        self.status(key).await["listen"].as_str().unwrap().to_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let socket = socket(&self.scratch);
        if let Some(gate) = self.gate.take() {
            // A failed test must not leave processes behind.
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(stop(&socket));
                gate.join().unwrap();
            })
            .join()
            .unwrap();
        }
    }
}

fn socket(scratch: &Scratch) -> PathBuf {
    scratch.path().join("gate").join(gate::wire::SOCKET)
}

async fn stop(socket: &Path) {
    let Ok(mut stream) = UnixStream::connect(socket).await else { return };
    let body = r#"{"drain_ms":0}"#;
    let request = format!(
        "POST /v1/shutdown HTTP/1.1\r\nhost: gate\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
}

/// One request of one user; the status and what the body says.
pub(crate) async fn get(address: &str, path: &str, user: &str) -> std::io::Result<(u16, Vec<String>)> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: shop\r\nx-user: {user}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.split(' ').map(str::to_owned).collect()))
}

/// Waits until `what` is true.
pub(crate) async fn eventually(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_true().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether a process with this number runs.
pub(crate) fn runs(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
