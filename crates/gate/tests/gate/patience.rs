//! Clients that take their time: how long the gate waits for them, and that nobody else pays for it.

use std::time::Duration;

use gate::wire::ServiceOrder;
use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::world::{Client, Running, TempDir, Upstream, order};

struct Scene {
    gate: Running,
    order: ServiceOrder,
    address: std::net::SocketAddr,
    _servers: (Upstream, Upstream),
    _dir: TempDir,
}

/// Everybody on the canary, and clients that may make the gate wait for `client_timeout`.
async fn scene(client_timeout: Duration) -> Scene {
    let servers = (Upstream::saying("stable").await, Upstream::saying("canary").await);
    let dir = TempDir::new();
    let gate = Running::start_with(dir.path(), |options| options.client_timeout = client_timeout).await;
    let order = ServiceOrder { upstream_timeout_ms: 100, ..order((&servers.0).into(), (&servers.1).into(), 1_000_000) };
    let address = gate.serve("shop", &order).await;
    Scene { gate, order, address, _servers: servers, _dir: dir }
}

/// What the gate says until it closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await.unwrap().unwrap();
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_client_that_connects_and_says_nothing_is_hung_up_on() {
    let scene = scene(Duration::from_millis(200)).await;
    let mut silent = TcpStream::connect(scene.address).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
    let mut slow = TcpStream::connect(scene.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
    rest(&mut slow).await;
    let mut half_a_preface = TcpStream::connect(scene.address).await.unwrap();
    half_a_preface.write_all(b"PRI * HT").await.unwrap();
    assert_eq!(rest(&mut half_a_preface).await, "");
    assert_eq!(Client::connect(scene.address).await.get("/", "ann").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_stops_coming_is_its_clients_fault_and_charged_to_no_arm() {
    let mut scene = scene(Duration::from_millis(400)).await;
    for head in [
        "PUT / HTTP/1.1\r\nhost: a\r\nx-user: ann\r\ncontent-length: 10\r\n\r\n12345",
        "POST / HTTP/1.1\r\nhost: a\r\nx-user: ann\r\ncontent-length: 10\r\n\r\n12345",
        "POST / HTTP/1.1\r\nhost: a\r\nx-user: ann\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n",
    ] {
        let mut client = TcpStream::connect(scene.address).await.unwrap();
        client.write_all(head.as_bytes()).await.unwrap();
        let said = rest(&mut client).await;
        assert!(said.starts_with("HTTP/1.1 408 ") && said.contains("TG-4034"), "{head:?}: {said:?}");
    }
    scene.order.generation += 1;
    scene.gate.put("shop", &scene.order).await.unwrap();
    let blocks = scene.gate.blocks("shop", 0).await.blocks;
    let errors: u64 = blocks.iter().map(|block| block.stable.errors + block.canary.errors).sum();
    assert_eq!(errors, 0, "the canary was not even slow: {blocks:?}");
}

#[tokio::test]
async fn a_request_that_was_begun_before_everybody_was_taken_back_does_not_reach_the_canary_after_it() {
    let mut scene = scene(Duration::from_secs(60)).await;
    let mut slow = TcpStream::connect(scene.address).await.unwrap();
    slow.write_all(b"PUT / HTTP/1.1\r\nhost: a\r\nx-user: ann\r\nconnection: close\r\ncontent-length: 10\r\n\r\n12345")
        .await
        .unwrap();
    // Another request on another connection of its own: when it is answered, the head above has been read for sure.
    assert_eq!(Client::connect(scene.address).await.get("/", "ann").await.body, "canary");
    tokio::time::sleep(Duration::from_millis(100)).await;
    scene.order.generation += 1;
    scene.order.share_ppm = 0;
    scene.gate.serve("shop", &scene.order).await;
    slow.write_all(b"67890").await.unwrap();
    let said = rest(&mut slow).await;
    assert!(said.ends_with("stable"), "{said:?}");
}
