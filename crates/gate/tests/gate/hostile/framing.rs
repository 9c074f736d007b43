//! HTTP/1 that can be read in two ways. Whatever the gate makes of it, nobody behind it reads it differently.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Scene, Witness};

/// Sends `bytes` and gives what comes until the gate hangs up, or nothing more comes.
async fn say(scene: &Scene, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    // The gate may have had enough of it before it has all of it.
    let _ = stream.write_all(bytes).await;
    let mut said = Vec::new();
    while let Ok(Ok(read)) = timeout(Duration::from_millis(500), stream.read_buf(&mut said)).await
        && read > 0
    {}
    String::from_utf8_lossy(&said).into_owned()
}

/// Requests that are to be refused, and those hidden in them that must not be made.
const REFUSED: &[&str] = &[
    "GET / HTTP/1.1\r\nhost: a\r\nx: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\nx : a\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\n: a\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\n folded: yes\r\n\r\n",
    "GET /a b HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET / HTTP/1.1 \r\nhost: a\r\n\r\n",
    "GET / HTTP/2.0\r\nhost: a\r\n\r\n",
    "\x01GET / HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET http://a b/ HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0x5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5, 6\r\n\r\nhello",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\nhello",
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
];

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_refused() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    let witness = Witness::of(scene.address).await;
    for request in REFUSED {
        let said = say(&scene, request.as_bytes()).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{request:?}: {said:?}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{request:?}: {said:?}");
    }
    assert!(scene.asked().is_empty(), "{:?}", scene.asked());
    witness.ends_well(scene.address).await;
}

#[tokio::test]
async fn chunks_are_read_as_the_specification_says_or_not_at_all() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    let witness = Witness::of(scene.address).await;
    let head = "POST /chunks HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let extended = say(&scene, format!("{head}5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n").as_bytes()).await;
    assert!(extended.starts_with("HTTP/1.1 200 "), "{extended}");
    assert_eq!(scene.asked(), ["POST /chunks 5"], "extensions are the connection's own");
    for chunks in [
        format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(1 << 20)),
        "5;a=b\nhello\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(),
        "0x5\r\nhello\r\n0\r\n\r\n".to_owned(),
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n".to_owned(),
        "-1\r\nhello\r\n0\r\n\r\n".to_owned(),
        "5\r\nhelloGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(),
        format!("5\r\nhello\r\n0\r\n{}\r\n", "x-trailer: y\r\n".repeat(10_000)),
    ] {
        let said = say(&scene, format!("{head}{chunks}").as_bytes()).await;
        assert!(!said.starts_with("HTTP/1.1 200 "), "{:?}: {said:?}", &chunks[..20]);
    }
    let hidden: Vec<String> = scene.asked().into_iter().filter(|line| line.contains("hidden")).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
    witness.ends_well(scene.address).await;
}

#[tokio::test]
async fn both_lengths_or_bare_line_feeds_make_no_second_request() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    let witness = Witness::of(scene.address).await;
    for request in [
        "POST /one HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /one HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /one HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 44\r\n\r\nhelloGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /one HTTP/1.1\r\nhost: a\r\nx: y\n\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /one?a=%0d%0a%0d%0aGET%20/hidden HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    ] {
        let before = scene.asked().len();
        let said = say(&scene, request.as_bytes()).await;
        let asked = scene.asked();
        let new = &asked[before..];
        // A line that ends early ends the head as well: what follows is another request, to us and to whoever is behind us, and
        // is answered as one. What must not be is one request here and two there.
        assert!(new.len() <= said.matches("HTTP/1.1 ").count(), "{request:?}: {new:?} for {said:?}");
        assert!(!request.contains("content-length") || !new.iter().any(|line| line.contains("hidden")), "{new:?}");
    }
    witness.ends_well(scene.address).await;
}
