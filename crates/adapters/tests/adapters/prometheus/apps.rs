//! A small application that counts as clients of Prometheus do, and that knows what it did.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const EDGES: [f64; 7] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0];

#[derive(Default)]
struct Counters {
    requests: BTreeMap<u16, u64>,
    buckets: [u64; EDGES.len() + 1],
}

/// One version that serves its counters at an address of its own.
pub(super) struct App {
    version: String,
    pub(super) address: String,
    counters: Arc<Mutex<Counters>>,
    serving: JoinHandle<()>,
}

impl App {
    pub(super) async fn start(version: &str) -> Self {
        Self::listen(version, "127.0.0.1:0").await
    }

    async fn listen(version: &str, address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let counters = Arc::new(Mutex::new(Counters::default()));
        let (told, shown) = (version.to_owned(), Arc::clone(&counters));
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4_096];
                let _ = stream.read(&mut request).await;
                let body = exposition(&told, &shown.lock().unwrap());
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain; version=0.0.4";
                let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { version: version.to_owned(), address, counters, serving }
    }

    /// Answers a request.
    pub(super) fn answer(&self, code: u16, seconds: f64) {
        let mut counters = self.counters.lock().unwrap();
        *counters.requests.entry(code).or_default() += 1;
        let bucket = EDGES.partition_point(|edge| *edge < seconds);
        counters.buckets[bucket] += 1;
    }

    /// Ends, and nobody listens there.
    pub(super) async fn stop(&self) {
        self.serving.abort();
        while tokio::net::TcpStream::connect(&self.address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Starts again where it was, and counts from zero.
    pub(super) async fn restart(&mut self) {
        self.stop().await;
        *self = Self::listen(&self.version, &self.address).await;
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A series is there from its first event on, as with most clients; that of successes from the beginning.
fn exposition(version: &str, counters: &Counters) -> String {
    let mut out = String::from("# TYPE http_requests_total counter\n");
    let successes = BTreeMap::from([(200, 0)]);
    let requests = successes.into_iter().chain(counters.requests.clone()).collect::<BTreeMap<_, _>>();
    for (code, count) in requests {
        let _ = writeln!(out, "http_requests_total{{version=\"{version}\",code=\"{code}\"}} {count}");
    }
    out.push_str("# TYPE http_request_duration_seconds histogram\n");
    let mut sum = 0;
    for (count, edge) in counters.buckets.iter().zip(EDGES.iter().map(f64::to_string).chain(["+Inf".to_owned()])) {
        sum += count;
        let _ = writeln!(out, "http_request_duration_seconds_bucket{{version=\"{version}\",le=\"{edge}\"}} {sum}");
    }
    let _ = writeln!(out, "http_request_duration_seconds_sum{{version=\"{version}\"}} 0");
    let _ = writeln!(out, "http_request_duration_seconds_count{{version=\"{version}\"}} {sum}");
    out
}
