//! HTTP/1.1 as upstreams speak it when they do more than answer: interim responses, responses before the request's end, trailers.

use std::time::Duration;

use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::world::{Client, Running, TempDir, Upstream, order, read_head};

async fn before(upstream: &Upstream) -> (TempDir, Running, std::net::SocketAddr) {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let address = gate.serve("shop", &order(upstream.into(), upstream.into(), 0)).await;
    (dir, gate, address)
}

/// Everything that comes until `end` or the connection's end.
async fn until_end(stream: &mut TcpStream, end: &[u8]) -> String {
    let mut all = Vec::new();
    while !all.ends_with(end) {
        let mut piece = [0; 4096];
        match timeout(Duration::from_secs(10), stream.read(&mut piece)).await.unwrap().unwrap() {
            0 => break,
            read => all.extend_from_slice(&piece[..read]),
        }
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn interim_responses_are_not_the_response() {
    let upstream = Upstream::handling(|mut stream| async move {
        while !read_head(&mut stream).await.is_empty() {
            let said = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            for piece in said.as_bytes().chunks(7) {
                if stream.write_all(piece).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let mut client = Client::connect(address).await;
    for _ in 0..3 {
        let answer = client.get("/", "ann").await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "ok"));
        assert!(answer.headers.get("link").is_none(), "{:?}", answer.headers);
    }
}

/// Both sides talk at once, and much more than any buffer holds: neither may wait for the other to be done.
#[tokio::test]
async fn an_answer_may_begin_before_the_request_has_ended_and_both_go_on() {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 200;
    let upstream = Upstream::handling(|mut stream| async move {
        let head = read_head(&mut stream).await;
        assert!(head.contains("\r\ncontent-length: 13107200\r\n"), "{head}");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 13107200\r\n\r\n").await.unwrap();
        let (mut read, mut write) = stream.split();
        let mut taken = (&mut read).take((PIECE * PIECES) as u64);
        tokio::io::copy(&mut taken, &mut write).await.unwrap();
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", PIECE * PIECES);
    stream.write_all(head.as_bytes()).await.unwrap();
    let told = until_end(&mut stream, b"\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 200 OK\r\n"), "{told}");
    let (mut read, mut write) = stream.into_split();
    let writing = tokio::spawn(async move {
        for number in 0..PIECES {
            write.write_all(&[number as u8; PIECE]).await.unwrap();
        }
        write
    });
    for number in 0..PIECES {
        let mut piece = vec![0; PIECE];
        timeout(Duration::from_secs(10), read.read_exact(&mut piece)).await.unwrap().unwrap();
        assert!(piece.iter().all(|&byte| byte == number as u8), "piece {number}");
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn an_application_that_refuses_a_large_body_and_hangs_up_is_heard() {
    let upstream = Upstream::handling(|mut stream| async move {
        read_head(&mut stream).await;
        let said = b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno!";
        stream.write_all(said).await.unwrap();
        // Reads on for a moment, as a careful server does, so that its words are not lost in a reset.
        let _ = timeout(Duration::from_millis(200), tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let writing = tokio::spawn(async move {
        let head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
        let mut written = write.write_all(head.as_bytes()).await;
        while written.is_ok() {
            written = write.write_all(&[b"8000\r\n".as_slice(), &[b'x'; 0x8000], b"\r\n"].concat()).await;
        }
    });
    let mut said = vec![0; 12];
    timeout(Duration::from_secs(10), read.read_exact(&mut said)).await.unwrap().unwrap();
    assert_eq!(said, b"HTTP/1.1 413");
    writing.abort();
}

#[tokio::test]
async fn chunks_and_announced_trailers_reach_the_application() {
    let upstream = Upstream::handling(|mut stream| async move {
        while !read_head(&mut stream).await.is_empty() {
            let body = until_end(&mut stream, b"\r\n\r\n").await;
            let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(said.as_bytes()).await.unwrap();
        }
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for (trailer, expected) in
        [("trailer: x-sum\r\n", "4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n"), ("", "4\r\nbody\r\n0\r\n\r\n")]
    {
        let request = format!(
            "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n{trailer}\r\n4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = until_end(&mut stream, format!("\r\n\r\n{expected}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_post_without_a_body_says_so_and_a_large_one_arrives_whole() {
    let upstream = Upstream::handling(|mut stream| async move {
        loop {
            let head = read_head(&mut stream).await;
            let Some(length) = head.lines().find_map(|line| line.strip_prefix("content-length: ")) else { return };
            let mut body = vec![0; length.trim().parse().unwrap()];
            stream.read_exact(&mut body).await.unwrap();
            let sum: u64 = body.iter().map(|&byte| u64::from(byte)).sum();
            let said = format!("{} {sum}", body.len());
            let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{said}", said.len());
            stream.write_all(said.as_bytes()).await.unwrap();
        }
    })
    .await;
    let (_dir, _gate, address) = before(&upstream).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(until_end(&mut stream, b"\r\n\r\n0 0").await.starts_with("HTTP/1.1 200 OK"));
    // Kept whole, as a PUT may be sent again: below and above what is written in one piece with its head.
    for length in [1, 10_000, 60_000] {
        let head = format!("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), &vec![3; length]].concat()).await.unwrap();
        let end = format!("\r\n\r\n{length} {}", 3 * length);
        assert!(until_end(&mut stream, end.as_bytes()).await.starts_with("HTTP/1.1 200 OK"));
    }
}
