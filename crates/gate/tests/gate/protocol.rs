//! HTTP as it is spoken: streams in both directions, old and new versions, headers that stay behind.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Frame;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::world::{Client, Running, TempDir, Upstream, order, read_head};

/// A gate with everybody on `upstream`.
async fn before(upstream: &Upstream) -> (TempDir, Running, std::net::SocketAddr) {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let address = gate.serve("shop", &order(upstream.into(), upstream.into(), 0)).await;
    (dir, gate, address)
}

/// Says what it was sent: the request line and the headers, sorted, then the body.
async fn mirror() -> Upstream {
    Upstream::answering(|request, body| {
        let mut lines: Vec<String> =
            request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        let text = format!(
            "{} {} {:?}\n{}\n\n{}",
            request.method(),
            request.uri(),
            request.version(),
            lines.join("\n"),
            String::from_utf8_lossy(&body)
        );
        let mut response = Response::new(Full::from(text));
        response.headers_mut().insert("connection", "x-private".parse().unwrap());
        response.headers_mut().insert("x-private", "1".parse().unwrap());
        response.headers_mut().insert("keep-alive", "timeout=3".parse().unwrap());
        response.headers_mut().insert("x-public", "1".parse().unwrap());
        response
    })
    .await
}

#[tokio::test]
async fn hop_by_hop_headers_stay_behind_in_both_directions() {
    let mirror = mirror().await;
    let (_dir, _gate, address) = before(&mirror).await;
    let request = Request::get("/a?b=c")
        .header("connection", "x-mine")
        .header("x-mine", "1")
        .header("x-request-id", "me-1")
        .header("te", "trailers")
        .header("x-yours", "1");
    let answer = Client::connect(address).await.send(request, "").await;
    assert_eq!(
        answer.body,
        "GET /a?b=c HTTP/1.1\nconnection: te\nforwarded: for=127.0.0.1;proto=http\nhost: shop.example\nte: trailers\nx-forwarded-for: 127.0.0.1\nx-forwarded-host: shop.example\nx-forwarded-proto: http\nx-request-id: me-1\nx-yours: 1\n\n"
    );
    assert_eq!(answer.headers["x-public"], "1");
    for name in ["connection", "x-private", "keep-alive"] {
        assert!(!answer.headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn events_arrive_one_by_one_while_the_response_goes_on() {
    let (allow, allowed) = tokio::sync::watch::channel(0);
    let upstream = Upstream::handling(move |mut stream| {
        let mut allowed = allowed.clone();
        async move {
            read_head(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
                .await
                .unwrap();
            for event in 1..=3 {
                allowed.wait_for(|&allowed| allowed >= event).await.unwrap();
                let data = format!("data: {event}\n\n");
                stream.write_all(format!("{:x}\r\n{data}\r\n", data.len()).as_bytes()).await.unwrap();
            }
            stream.write_all(b"0\r\n\r\n").await.unwrap();
            stream.read_u8().await.ok();
        }
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/events").header("host", "a").body(Empty::<Bytes>::new()).unwrap();
    let mut body = sender.send_request(request).await.unwrap().into_body();
    for event in 1..=3 {
        assert!(
            timeout(Duration::from_millis(30), body.frame()).await.is_err(),
            "event {event} came before it was sent"
        );
        allow.send(event).unwrap();
        let frame = timeout(Duration::from_secs(5), body.frame()).await.unwrap().unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), format!("data: {event}\n\n"));
    }
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_large_upload_streams_and_may_take_longer_than_the_time_out() {
    const PIECE: usize = 1 << 20;
    const PIECES: u64 = 24;
    let upstream = Upstream::answering(|_, body| Response::new(Full::from(body.len().to_string()))).await;
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let mut order = order((&upstream).into(), (&upstream).into(), 0);
    order.upstream_timeout_ms = 1_500;
    let address = gate.serve("shop", &order).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (pieces, taken) = tokio::sync::mpsc::channel::<Bytes>(1);
    tokio::spawn(async move {
        for _ in 0..PIECES {
            tokio::time::sleep(Duration::from_millis(100)).await;
            pieces.send(Bytes::from(vec![7; PIECE])).await.unwrap();
        }
    });
    let request = Request::post("/upload").header("host", "a").body(channel_body(taken)).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let length = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(length, (PIECES * PIECE as u64).to_string());
}

fn channel_body(
    pieces: tokio::sync::mpsc::Receiver<Bytes>,
) -> impl hyper::body::Body<Data = Bytes, Error = Infallible> + Send + Unpin {
    struct Pieces(tokio::sync::mpsc::Receiver<Bytes>);
    impl hyper::body::Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
        }
    }
    Pieces(pieces)
}

#[tokio::test]
async fn an_http_2_client_is_served_by_an_http_1_upstream() {
    let mirror = mirror().await;
    let (_dir, gate, address) = before(&mirror).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut answers = Vec::new();
    for path in ["/one", "/two", "/three"] {
        let request = Request::post(format!("http://shop.example{path}"))
            .header("x-user", "ann")
            .body(Full::<Bytes>::from("hello"))
            .unwrap();
        sender.ready().await.unwrap();
        answers.push(tokio::spawn(sender.send_request(request)));
    }
    for (answer, path) in answers.into_iter().zip(["/one", "/two", "/three"]) {
        let response = answer.await.unwrap().unwrap();
        assert_eq!((response.version(), response.status()), (Version::HTTP_2, StatusCode::OK));
        assert_eq!(response.headers()["x-tidegate-arm"], "stable");
        let body = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert!(
            body.starts_with(&format!("POST {path} HTTP/1.1\n")) && body.contains("\nhost: shop.example\n"),
            "{body}"
        );
        assert!(body.ends_with("\n\nhello"), "{body}");
    }
    drop(gate);
}

#[tokio::test]
async fn an_http_1_0_upstream_that_closes_every_connection_is_served_on_one_client_connection() {
    let upstream = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end").await;
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let mut client = Client::connect(address).await;
    for _ in 0..20 {
        let answer = client.get("/", "ann").await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "until the end"));
    }
}

#[tokio::test]
async fn a_websocket_passes_through() {
    let upstream = Upstream::handling(|mut stream| async move {
        let head = read_head(&mut stream).await.to_lowercase();
        assert!(head.contains("\r\nconnection: upgrade\r\n") && head.contains("\r\nupgrade: websocket\r\n"), "{head}");
        stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n").await.unwrap();
        let mut bytes = [0; 4];
        while stream.read_exact(&mut bytes).await.is_ok() {
            bytes.reverse();
            stream.write_all(&bytes).await.unwrap();
        }
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client
        .write_all(b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n")
        .await
        .unwrap();
    let head = read_head(&mut client).await.to_lowercase();
    assert!(
        head.starts_with("http/1.1 101 ")
            && head.contains("\r\nupgrade: websocket\r\n")
            && head.contains("sec-websocket-accept: x"),
        "{head}"
    );
    for (there, back) in [(b"abcd", b"dcba"), (b"1234", b"4321")] {
        client.write_all(there).await.unwrap();
        let mut bytes = [0; 4];
        client.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, back);
    }
}

/// Sends `request` as it is and gives everything that comes until the gate closes or a second has passed.
async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(1), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn requests_that_cannot_be_forwarded_are_refused_and_not_counted() {
    let mirror = mirror().await;
    let (_dir, gate, address) = before(&mirror).await;
    for (request, status) in [
        ("GET / HTTP/1.1\r\nconnection: close\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n", "400"),
        ("CONNECT example.org:443 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "405"),
        ("GET / HTTP/9.9\r\nhost: a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello", "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n", "400"),
    ] {
        let answer = exchange(address, request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {answer:?}");
    }
    let (_, page) = gate.raw(hyper::Method::GET, "/metrics", "").await;
    assert!(!String::from_utf8_lossy(&page).contains("tidegate_gate_requests_total{"), "a refused request was counted");
}

#[tokio::test]
async fn both_lengths_cannot_smuggle_a_second_request() {
    let mirror = mirror().await;
    let (_dir, _gate, address) = before(&mirror).await;
    let smuggling = "POST /first HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n";
    let answer = exchange(address, smuggling).await;
    assert!(!answer.contains("/hidden"), "{answer}");
    assert!(!answer.contains("content-length: 4"), "{answer}");
}

#[tokio::test]
async fn old_clients_and_unusual_requests_are_served() {
    let mirror = mirror().await;
    let (_dir, _gate, address) = before(&mirror).await;
    let old = exchange(address, "GET /old HTTP/1.0\r\n\r\n").await;
    assert!(old.contains("\n\nGET /old") || old.contains("GET /old HTTP/1.1\n"), "{old}");
    assert!(old.contains(&format!("\nhost: {address}\n")), "{old}");
    let absolute =
        exchange(address, "GET http://other.example/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(
        absolute.contains("\r\n\r\nGET /x HTTP/1.1\n") && absolute.contains("\nhost: other.example\n"),
        "{absolute}"
    );
    let head = exchange(address, "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
    let expecting = exchange(
        address,
        "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi",
    )
    .await;
    assert!(
        expecting.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK") && expecting.ends_with("\n\nhi"),
        "{expecting}"
    );
}

#[tokio::test]
async fn trailers_are_passed_on() {
    let upstream = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes()).await;
        stream.read_u8().await.ok();
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://a/").body(Empty::<Bytes>::new()).unwrap();
    let collected = sender.send_request(request).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-sum"], "42");
    assert_eq!(collected.to_bytes(), "body");
}
