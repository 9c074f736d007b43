//! What a client may take: connections, heads, time.

use std::time::Duration;

use gate::wire::{DoorOrder, ServiceOrder};
use hyper::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::world::{Client, Running, TempDir, Upstream, order, until};

struct Scene {
    gate: Running,
    order: ServiceOrder,
    address: std::net::SocketAddr,
    _upstream: Upstream,
    _dir: TempDir,
}

async fn scene(door: DoorOrder, client_timeout: Duration) -> Scene {
    let (dir, upstream) = (TempDir::new(), Upstream::saying("here").await);
    let gate = Running::start_with(dir.path(), |options| options.client_timeout = client_timeout).await;
    let order = ServiceOrder { door, ..order((&upstream).into(), (&upstream).into(), 0) };
    let address = gate.serve("shop", &order).await;
    Scene { gate, order, address, _upstream: upstream, _dir: dir }
}

#[tokio::test]
async fn who_comes_when_all_places_are_taken_is_served_when_one_is_free() {
    let mut scene = scene(DoorOrder { most_connections: 3, ..DoorOrder::default() }, Duration::from_secs(60)).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(scene.address).await;
        assert_eq!(client.get("/", "ann").await.body, "here");
        clients.push(client);
    }
    let mut fourth = Client::connect(scene.address).await;
    let mut waiting = tokio::spawn(async move { fourth.get("/", "bob").await.body });
    assert!(timeout(Duration::from_millis(300), &mut waiting).await.is_err(), "there is no place");
    assert_eq!(clients[0].get("/", "ann").await.body, "here", "and who has one keeps it");
    drop(clients.pop());
    assert_eq!(timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap(), "here");
    // The fourth has left with its task; two places more are taken, and an order makes room for more than that.
    let mut more = Vec::new();
    scene.order.generation = 2;
    scene.order.door.most_connections = 20;
    scene.gate.serve("shop", &scene.order).await;
    for _ in 0..10 {
        let mut client = Client::connect(scene.address).await;
        assert_eq!(client.get("/", "ann").await.body, "here");
        more.push(client);
    }
    let (_, page) = scene.gate.raw(hyper::Method::GET, "/metrics", "").await;
    let page = String::from_utf8_lossy(&page).into_owned();
    assert!(page.contains("tidegate_gate_connections_waited_total{service=\"shop\"} 1\n"), "{page}");
}

#[tokio::test]
async fn a_head_above_the_limit_is_refused_and_the_next_client_is_served() {
    let scene = scene(DoorOrder { largest_head: 4_096, ..DoorOrder::default() }, Duration::from_secs(60)).await;
    let padded = |length: usize| Request::get("/").header("x-padding", "x".repeat(length));
    let large = Client::connect(scene.address).await.send(padded(3_000), "").await;
    assert_eq!(large.body, "here");
    for length in [5_000, 100_000] {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: a\r\nx-padding: {}\r\n\r\n", "x".repeat(length));
        let _ = stream.write_all(head.as_bytes()).await;
        let mut said = Vec::new();
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await.unwrap();
        // A client that is still writing when it is hung up on may not get to read why.
        assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 431 "), "{}", String::from_utf8_lossy(&said));
    }
    assert_eq!(Client::connect(scene.address).await.get("/", "ann").await.body, "here");
}

#[tokio::test]
async fn an_http_2_client_that_asks_for_nothing_is_bidden_good_bye() {
    let scene = scene(DoorOrder::default(), Duration::from_millis(300)).await;
    let stream = TcpStream::connect(scene.address).await.unwrap();
    let (sender, connection) = hyper::client::conn::http2::handshake::<_, _, http_body_util::Empty<bytes::Bytes>>(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .unwrap();
    let connection = tokio::spawn(connection);
    timeout(Duration::from_secs(20), connection).await.unwrap().unwrap().unwrap();
    assert!(sender.is_closed());
    until("the place to be free", async || {
        let (_, page) = scene.gate.raw(hyper::Method::GET, "/metrics", "").await;
        String::from_utf8_lossy(&page).contains("tidegate_gate_connections{service=\"shop\"} 0\n").then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_much_and_reads_nothing_of_it_is_hung_up_on() {
    let dir = TempDir::new();
    let upstream = Upstream::answering(|_, _| hyper::Response::new(vec![7_u8; 64 << 20].into())).await;
    let gate = Running::start_with(dir.path(), |options| options.client_timeout = Duration::from_millis(300)).await;
    let address = gate.serve("shop", &order((&upstream).into(), (&upstream).into(), 0)).await;
    let mut lazy = TcpStream::connect(address).await.unwrap();
    lazy.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    until("the place to be free again", async || {
        let (_, page) = gate.raw(hyper::Method::GET, "/metrics", "").await;
        let page = String::from_utf8_lossy(&page).into_owned();
        let counted = page.contains("tidegate_gate_requests_total{");
        (counted && page.contains("tidegate_gate_connections{service=\"shop\"} 0\n")).then_some(())
    })
    .await;
    let mut said = Vec::new();
    let _ = timeout(Duration::from_secs(20), lazy.read_to_end(&mut said)).await.unwrap();
    assert!(said.len() < 64 << 20);
}

#[tokio::test]
async fn limits_that_make_no_sense_are_refused() {
    let mut scene = scene(DoorOrder::default(), Duration::from_secs(60)).await;
    scene.order.generation = 2;
    for door in [
        DoorOrder { most_connections: 0, ..DoorOrder::default() },
        DoorOrder { largest_head: 100, ..DoorOrder::default() },
        DoorOrder { largest_head: 1 << 30, ..DoorOrder::default() },
    ] {
        scene.order.door = door;
        assert_eq!(scene.gate.put("shop", &scene.order).await.unwrap_err().code, "TG-4012");
    }
}
