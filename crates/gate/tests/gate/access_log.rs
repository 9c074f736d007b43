//! The access log: a line per request, what is in it, and what happens when the file is taken away.

use std::path::Path;

use hyper::Request;
use serde_json::Value;

use crate::world::{Client, Running, TempDir, Upstream, order, until};

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn logged(path: &Path, count: usize) -> Vec<Value> {
    until("the lines", async || Some(lines(path)).filter(|lines| lines.len() >= count)).await
}

#[tokio::test]
async fn every_request_has_its_line_without_its_query() {
    let (dir, upstream) = (TempDir::new(), Upstream::saying("hello").await);
    let path = dir.path().join("access.log");
    let gate = Running::start_with(dir.path(), |options| options.access_log = Some(path.clone())).await;
    let address = gate.serve("shop", &order((&upstream).into(), (&upstream).into(), 1_000_000)).await;
    let mut client = Client::connect(address).await;
    client.send(Request::post("/buy/it?card=4111").header("x-request-id", "one"), "body").await;
    client.send(Request::connect("example.org:443").header("x-request-id", "two"), "").await;
    let lines = logged(&path, 2).await;
    let expected = serde_json::json!({
        "time_ms": lines[0]["time_ms"], "service": "shop", "arm": "canary", "version": "1.1", "method": "POST",
        "path": "/buy/it", "status": 200, "duration_us": lines[0]["duration_us"], "bytes": 5, "request_id": "one",
    });
    assert_eq!(lines[0], expected);
    assert!(lines[0]["time_ms"].as_u64() > Some(1_600_000_000_000) && lines[0]["duration_us"].as_u64() > Some(0));
    assert_eq!(
        (&lines[1]["status"], &lines[1]["arm"], &lines[1]["request_id"]),
        (&405.into(), &Value::Null, &"two".into())
    );
    let (_, page) = gate.raw(hyper::Method::GET, "/metrics", "").await;
    assert!(String::from_utf8_lossy(&page).contains("\ntidegate_gate_access_log_dropped_total 0\n"));
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_followed_by_a_new_one_and_nothing_is_lost_at_the_end() {
    let (dir, upstream) = (TempDir::new(), Upstream::saying("hello").await);
    let (path, kept) = (dir.path().join("access.log"), dir.path().join("access.log.1"));
    let gate = Running::start_with(dir.path(), |options| options.access_log = Some(path.clone())).await;
    let address = gate.serve("shop", &order((&upstream).into(), (&upstream).into(), 0)).await;
    let mut client = Client::connect(address).await;
    client.get("/first", "ann").await;
    logged(&path, 1).await;
    std::fs::rename(&path, &kept).unwrap();
    let mut asked = 1;
    until("a new file", async || {
        client.get("/next", "ann").await;
        asked += 1;
        path.exists().then_some(())
    })
    .await;
    gate.shut_down(std::time::Duration::ZERO).await;
    gate.ended().await.unwrap();
    assert_eq!(lines(&path).len() + lines(&kept).len(), asked);
}

#[tokio::test]
async fn a_gate_that_cannot_write_its_log_does_not_start() {
    let dir = TempDir::new();
    let mut options = gate::Options::new(dir.path());
    options.handle_signals = false;
    options.access_log = Some(dir.path().join("nowhere/access.log"));
    let error = tokio::task::spawn_blocking(move || gate::run(&options)).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "TG-4008");
}
