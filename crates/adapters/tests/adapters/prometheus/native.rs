//! Native histograms, through a real server: two versions that expose them in the one format that carries them, protocol
//! buffers, at two resolutions.

use super::server::Server;
use super::{Reader, arms, brief, canary, counted_by, release, stable};
use policy::{LatencySource, PrometheusArms};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A version whose requests all lie in one bucket.
struct Version {
    name: &'static str,
    schema: i64,
    /// The upper edge is `2^(index / 2^schema)` seconds.
    index: i64,
    requests: AtomicU64,
}

#[tokio::test]
async fn native_histograms_of_two_resolutions_are_read_at_the_coarser() {
    let version = |name, schema, index| Arc::new(Version { name, schema, index, requests: AtomicU64::new(3) });
    // Both about 100 ms: (91.7, 95.8] and (88.4, 105.1].
    let (old, new) = (version("1.0", 4, -54), version("1.1", 2, -13));
    let addresses = [serve(Arc::clone(&old)).await, serve(Arc::clone(&new)).await];
    let server = Server::scraping_at(&[&addresses[0], &addresses[1]]).await;
    let mut arms = arms();
    if let PrometheusArms::Label(by) = &mut arms {
        by.latency = Some(LatencySource::Native("http_request_duration_seconds".into()));
    }
    let wiring = counted_by(&server.scratch, &server.url(), None, arms);
    let mut reader = Reader::new(&wiring, release(&wiring, Some("1.0"), "1.1"));
    reader.begin().await;
    let mut done = 0;
    while reader.sum(canary, |arm| arm.requests) == 0 {
        for version in [&old, &new] {
            version.requests.fetch_add(64, Ordering::SeqCst);
        }
        done += 64;
        assert!(done <= 640, "nothing is counted: {:?}", brief(&reader.all));
        reader.more(3).await;
    }
    for arm in reader.all.iter().flat_map(|block| [canary(block), stable(block)]).flatten() {
        assert_eq!((arm.latency.total(), arm.errors), (arm.requests, 0));
        for (bucket, _) in arm.latency.iter() {
            let (low, high) = (judge::sketch::bucket_of(88_388), judge::sketch::bucket_of(105_112));
            assert!((low..=high).contains(&bucket), "{bucket} is not in {low}..={high}");
        }
    }
    assert!(reader.sum(canary, |arm| arm.requests) <= done, "{:?}", brief(&reader.all));
}

async fn serve(version: Arc<Version>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let body = exposition(&version);
            let kind = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
    });
    address
}

/// `io.prometheus.client.MetricFamily`, each with its length before it: a counter, and a native histogram.
fn exposition(version: &Version) -> Vec<u8> {
    let requests = version.requests.load(Ordering::SeqCst);
    let label = |name: &str, value: &str| bytes(1, &[bytes(1, name.as_bytes()), bytes(2, value.as_bytes())].concat());
    let counter =
        [label("version", version.name), label("code", "200"), bytes(3, &double(1, requests as f64))].concat();
    let counter = [bytes(1, b"http_requests_total"), number(3, 0), bytes(4, &counter)].concat();
    let span = [number(1, zigzag(version.index)), number(2, 1)].concat();
    let histogram = [
        number(1, requests),
        double(2, requests as f64 / 10.0),
        number(5, zigzag(version.schema)),
        double(6, 1e-9),
        number(7, 0),
        bytes(12, &span),
        number(13, zigzag(i64::try_from(requests).unwrap())),
    ]
    .concat();
    let histogram = [label("version", version.name), bytes(7, &histogram)].concat();
    let histogram = [bytes(1, b"http_request_duration_seconds"), number(3, 4), bytes(4, &histogram)].concat();
    let delimited = |family: Vec<u8>| [varint(family.len() as u64), family].concat();
    [delimited(counter), delimited(histogram)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn double(field: u64, value: f64) -> Vec<u8> {
    [varint(field << 3 | 1), value.to_le_bytes().to_vec()].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}
