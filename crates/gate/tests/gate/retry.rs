//! What the client sees, and what is counted, when an upstream fails.

use std::time::Duration;

use gate::wire::ServiceOrder;
use hyper::{Method, Request, StatusCode};
use tokio::io::AsyncWriteExt;

use crate::world::{Client, Running, TempDir, Upstream, order, read_head};

struct Scene {
    gate: Running,
    client: Client,
    order: ServiceOrder,
    _dir: TempDir,
}

/// Everybody on a canary that is `canary`; stable echoes bodies.
async fn scene(stable: &Upstream, canary: &Upstream) -> Scene {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let order = ServiceOrder { upstream_timeout_ms: 300, ..order(stable.into(), canary.into(), 1_000_000) };
    let client = Client::connect(gate.serve("shop", &order).await).await;
    Scene { gate, client, order, _dir: dir }
}

impl Scene {
    /// Closes the block and gives the counts of the canary: requests, errors, retried, with a latency.
    async fn canary(&mut self) -> (u64, u64, u64, u64) {
        let after = self.gate.blocks("shop", 0).await.newest_seq;
        self.order.generation += 1;
        self.gate.put("shop", &self.order).await.unwrap();
        let blocks = self.gate.blocks("shop", after).await.blocks;
        assert_eq!(blocks.len(), 1);
        let canary = &blocks[0].canary;
        assert_eq!(blocks[0].stable.requests, 0, "nobody was given to stable");
        (canary.requests, canary.errors, canary.retried_on_stable, canary.latency.iter().map(|(_, count)| count).sum())
    }
}

async fn echo() -> Upstream {
    Upstream::answering(|request, body| {
        let text = format!("{} {}", request.method(), String::from_utf8_lossy(&body));
        hyper::Response::new(http_body_util::Full::from(text))
    })
    .await
}

/// Reads the request's head, then hangs up.
async fn hangs_up() -> Upstream {
    Upstream::handling(|mut stream| async move { drop(read_head(&mut stream).await) }).await
}

#[tokio::test]
async fn an_idempotent_request_whose_canary_refuses_the_connection_is_answered_by_stable() {
    let (stable, canary) = (echo().await, Upstream::nobody().await);
    let mut scene = scene(&stable, &canary).await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let body = if method == Method::PUT { "body" } else { "" };
        let answer = scene.client.send(Request::builder().method(&method).uri("/"), body).await;
        assert_eq!((answer.status, answer.arm().0), (StatusCode::OK, "stable"), "{method}");
        assert_eq!(answer.body, format!("{method} {body}"));
    }
    assert_eq!(scene.canary().await, (4, 4, 4, 0));
}

#[tokio::test]
async fn an_order_is_in_force_for_a_server_that_is_new_in_it_as_soon_as_it_is_answered() {
    let (stable, dir) = (Upstream::saying("stable").await, TempDir::new());
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&stable).into(), 1_000_000);
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    for round in 0..20 {
        let canary = Upstream::saying("canary").await;
        order.generation += 1;
        order.canary = Some(format!("2.{round}"));
        order.versions[1] = gate::wire::VersionOrder {
            version: format!("2.{round}"),
            upstream: (&canary).into(),
            protocol: gate::wire::UpstreamProtocol::Http1,
        };
        gate.put("shop", &order).await.unwrap();
        assert_eq!(client.get("/", "ann").await.body, "canary", "round {round}");
    }
}

#[tokio::test]
async fn an_idempotent_request_whose_canary_hangs_up_is_sent_again_with_its_body() {
    let (stable, canary) = (echo().await, hangs_up().await);
    let mut scene = scene(&stable, &canary).await;
    assert_eq!(scene.client.send(Request::get("/"), "").await.body, "GET ");
    let body = "x".repeat(60_000);
    assert_eq!(scene.client.send(Request::put("/"), body.clone()).await.body, format!("PUT {body}"));
    assert_eq!(scene.canary().await, (2, 2, 2, 0));
}

#[tokio::test]
async fn a_post_is_not_sent_twice() {
    for canary in [Upstream::nobody().await, hangs_up().await] {
        let stable = echo().await;
        let mut scene = scene(&stable, &canary).await;
        scene.order.connect_timeout_ms = 100;
        let answer = scene.client.send(Request::post("/"), "body").await;
        assert_eq!((answer.status, answer.arm().0), (StatusCode::BAD_GATEWAY, "canary"));
        assert!(["TG-4030", "TG-4032"].contains(&answer.code().as_str()));
        assert_eq!(scene.canary().await, (1, 1, 0, 0));
    }
}

#[tokio::test]
async fn a_body_too_large_to_keep_is_not_sent_twice() {
    let (stable, canary) = (echo().await, hangs_up().await);
    let mut scene = scene(&stable, &canary).await;
    let answer = scene.client.send(Request::put("/"), "x".repeat(3_000_000)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_GATEWAY, "TG-4032"));
    assert_eq!(scene.canary().await.2, 0);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_time_out_and_not_a_retry() {
    let stable = echo().await;
    let canary = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(3_600)).await;
    })
    .await;
    let mut scene = scene(&stable, &canary).await;
    let answer = scene.client.send(Request::get("/"), "").await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "TG-4031"));
    assert_eq!(scene.canary().await, (1, 1, 0, 1), "a time-out has a latency: the time waited");
}

#[tokio::test]
async fn the_canarys_own_errors_reach_the_client_and_are_counted() {
    let stable = echo().await;
    let canary = Upstream::answering(|_, _| {
        let mut response = hyper::Response::new(http_body_util::Full::from("sorry"));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    })
    .await;
    let mut scene = scene(&stable, &canary).await;
    let answer = scene.client.send(Request::get("/"), "").await;
    assert_eq!(
        (answer.status, answer.body.as_str(), answer.arm().0),
        (StatusCode::SERVICE_UNAVAILABLE, "sorry", "canary")
    );
    assert_eq!(scene.canary().await, (1, 1, 0, 1));
}

#[tokio::test]
async fn nonsense_from_an_upstream_is_a_broken_connection() {
    let (stable, canary) = (
        echo().await,
        Upstream::handling(|mut stream| async move {
            read_head(&mut stream).await;
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
        })
        .await,
    );
    let mut scene = scene(&stable, &canary).await;
    assert_eq!(scene.client.send(Request::get("/"), "").await.arm().0, "stable");
    assert_eq!(scene.canary().await, (1, 1, 1, 0));
}

/// A canary that changes the protocol for somebody who has not asked for another one.
#[tokio::test]
async fn an_upgrade_that_nobody_asked_for_is_a_broken_connection() {
    let canary = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        let _ =
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n").await;
    })
    .await;
    let mut scene = scene(&echo().await, &canary).await;
    assert_eq!(scene.client.send(Request::get("/"), "").await.arm().0, "stable");
    let answer = scene.client.send(Request::post("/"), "").await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_GATEWAY, "TG-4032"));
    assert_eq!(scene.canary().await, (2, 2, 1, 0));
}

/// The system drops connection requests to a server whose queue is full, and repeats them after a second.
#[tokio::test]
async fn a_server_with_a_short_queue_is_waited_for() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let listener = std::net::TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    let _fills_the_queue = std::net::TcpStream::connect(address).unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                use std::io::{Read, Write};
                if stream.read(&mut [0; 1_024]).is_ok_and(|read| read > 0) {
                    let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nat last");
                }
            });
        }
    });
    let upstream = gate::wire::AddressOrder { health_interval_ms: 3_600_000, ..gate::wire::AddressOrder::new(address) };
    let upstream = gate::wire::UpstreamOrder::Address(upstream);
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    // The settings that an order has if it does not say otherwise.
    let order = order(upstream.clone(), upstream, 0);
    let mut order = serde_json::to_value(order).unwrap();
    order.as_object_mut().unwrap().remove("connect_timeout_ms");
    let mut client = Client::connect(gate.serve("shop", &serde_json::from_value(order).unwrap()).await).await;
    let answer = client.get("/", "ann").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "at last"));
}

/// A server that closes each connection a moment after its answer, without having said so. Whoever keeps connections to it will
/// now and then send a request into one that is being closed.
#[tokio::test]
async fn connections_that_an_upstream_gives_up_cost_nobody_a_request() {
    let canary = Upstream::handling(|mut stream| async move {
        for _ in 0..2 {
            if read_head(&mut stream).await.is_empty() {
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        }
        // The third request on this connection is answered by its end.
        read_head(&mut stream).await;
    })
    .await;
    let stable = echo().await;
    let mut scene = scene(&stable, &canary).await;
    for _ in 0..50 {
        let answer = scene.client.send(Request::get("/"), "").await;
        assert_eq!((answer.status, answer.body.as_str(), answer.arm().0), (StatusCode::OK, "ok", "canary"));
    }
    assert_eq!(scene.canary().await, (50, 0, 0, 50));
}

#[tokio::test]
async fn a_client_that_goes_away_is_no_error() {
    let stable = echo().await;
    let canary = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(3_600)).await;
    })
    .await;
    let mut scene = scene(&stable, &canary).await;
    scene.order.upstream_timeout_ms = 60_000;
    scene.order.generation += 1;
    let address = scene.gate.serve("shop", &scene.order).await;
    let mut impatient = tokio::net::TcpStream::connect(address).await.unwrap();
    impatient.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(impatient);
    let gate = &scene.gate;
    crate::world::until("the request to be given up", async || {
        let (_, page) = gate.raw(Method::GET, "/metrics", "").await;
        let page = String::from_utf8(page.to_vec()).unwrap();
        page.contains("tidegate_gate_abandoned_total{service=\"shop\",arm=\"canary\",version=\"1.1\"} 1").then_some(())
    })
    .await;
    assert_eq!(scene.canary().await, (0, 0, 0, 0));
}

#[tokio::test]
async fn a_response_that_breaks_off_is_counted_apart() {
    let stable = echo().await;
    let canary = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await;
    })
    .await;
    let mut scene = scene(&stable, &canary).await;
    assert!(scene.client.try_send(Request::get("/"), "").await.is_err(), "a torn body must not look whole");
    let after = scene.gate.blocks("shop", 0).await.newest_seq;
    scene.order.generation += 1;
    scene.gate.put("shop", &scene.order).await.unwrap();
    let canary = scene.gate.blocks("shop", after).await.blocks.remove(0).canary;
    assert_eq!((canary.requests, canary.errors, canary.truncated), (1, 0, 1));
}
