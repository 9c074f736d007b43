//! Applications that die or lie. Their own users pay for it; nobody else does.

use std::time::Duration;

use gate::wire::{AddressOrder, ServiceOrder, UpstreamOrder, VersionOrder};
use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Scene, Witness};
use crate::world::{Client, Upstream, read_head};

/// Has everybody but the witness served by an application that answers every request with `answer` and then does as `after` says.
async fn liar(answer: &'static [u8], after: After) -> Upstream {
    Upstream::handling(move |mut stream| async move {
        while !read_head(&mut stream).await.is_empty() {
            let _ = stream.write_all(answer).await;
            match after {
                After::GoOn => {}
                After::HangUp => return,
                After::Repeat(piece) => while stream.write_all(piece).await.is_ok() {},
            }
        }
    })
    .await
}

#[derive(Clone, Copy)]
enum After {
    GoOn,
    HangUp,
    Repeat(&'static [u8]),
}

/// A second service of the same gate, on the same workers, with the liar behind it.
async fn beside(scene: &Scene, liar: &Upstream) -> std::net::SocketAddr {
    let upstream = UpstreamOrder::Address(AddressOrder::new(liar.address()));
    let version = VersionOrder { upstream, ..scene.order.versions[0].clone() };
    let order =
        ServiceOrder { canary: None, versions: vec![version], upstream_timeout_ms: 1_000, ..scene.order.clone() };
    scene.gate.serve(&format!("liar-{}", liar.address().port()), &order).await
}

#[tokio::test]
async fn an_application_that_never_comes_to_the_end_of_its_headers_is_given_up() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    for (answer, piece) in [
        (&b"HTTP/1.1 200 OK\r\n"[..], &b"x-more: and more\r\n"[..]),
        (b"HTTP/1.1 200 OK\r\nx: ", b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"rubbish", b" and more rubbish\r\n\r\n"),
    ] {
        let witness = Witness::of(scene.address).await;
        let liar = liar(answer, After::Repeat(piece)).await;
        let address = beside(&scene, &liar).await;
        let answer = timeout(Duration::from_secs(30), Client::connect(address).await.get("/", "ann")).await.unwrap();
        assert!([StatusCode::BAD_GATEWAY, StatusCode::GATEWAY_TIMEOUT].contains(&answer.status), "{answer:?}");
        witness.ends_well(scene.address).await;
    }
}

#[tokio::test]
async fn a_body_that_is_shorter_than_announced_is_not_passed_off_as_a_whole_one() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let witness = Witness::of(scene.address).await;
        let liar = liar(answer, After::HangUp).await;
        let address = beside(&scene, &liar).await;
        let broken = Client::connect(address).await.try_send(hyper::Request::get("/"), "").await;
        assert!(broken.is_err(), "{broken:?}");
        witness.ends_well(scene.address).await;
    }
}

#[tokio::test]
async fn what_comes_behind_a_response_is_nobodys_answer() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrueHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue and headers after it: yes\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ntrue\r\n0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
    ] {
        let witness = Witness::of(scene.address).await;
        let liar = liar(answer, After::GoOn).await;
        let address = beside(&scene, &liar).await;
        let mut client = Client::connect(address).await;
        for _ in 0..50 {
            let answer = client.get("/", "ann").await;
            assert!(!answer.body.contains("poison"), "somebody else's words: {answer:?}");
        }
        witness.ends_well(scene.address).await;
    }
}

#[tokio::test]
async fn contradictions_in_a_response_are_not_passed_on() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 6\r\n\r\nfourplus"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: four\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\nother words",
    ] {
        let witness = Witness::of(scene.address).await;
        let liar = liar(answer, After::GoOn).await;
        let address = beside(&scene, &liar).await;
        let refused = Client::connect(address).await.get("/", "ann").await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_GATEWAY, "TG-4032"));
        witness.ends_well(scene.address).await;
    }
    let both = liar(
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n",
        After::GoOn,
    )
    .await;
    let mut stream = TcpStream::connect(beside(&scene, &both).await).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut said = String::new();
    timeout(Duration::from_secs(20), stream.read_to_string(&mut said)).await.unwrap().unwrap();
    assert!(!said.to_lowercase().contains("content-length: 3"), "{said}");
}
