//! A server that answers what a test wants.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Where it is, and what it was asked last.
pub(super) struct Fake {
    pub(super) url: String,
    pub(super) asked: Arc<Mutex<String>>,
}

/// Answers every request with what `answer` makes of it: a status line and a body.
pub(super) async fn serve(answer: impl Fn(&str) -> (&'static str, String) + Send + Sync + 'static) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(String::new()));
    let (answer, noted) = (Arc::new(answer), Arc::clone(&asked));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
            tokio::spawn(async move {
                let request = request(&mut stream).await;
                let (status, body) = answer(&request);
                *noted.lock().unwrap() = request;
                let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(body.as_bytes()).await;
            });
        }
    });
    Fake { url, asked }
}

/// Takes connections and says nothing.
pub(super) async fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    url
}

/// A whole request.
async fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        let n = stream.read(&mut piece).await.unwrap_or(0);
        read.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0)
        });
        if whole || n == 0 {
            return text;
        }
    }
}

/// What the server says of its own time; seconds.
pub(super) fn time(seconds: u64) -> (&'static str, String) {
    ("200 OK", format!(r#"{{"status":"success","data":{{"resultType":"scalar","result":[{seconds},"{seconds}"]}}}}"#))
}

/// Whether the time is asked for.
pub(super) fn asks_time(request: &str) -> bool {
    request.ends_with("query=time%28%29")
}

/// An answer with these series.
pub(super) fn matrix(series: &str) -> (&'static str, String) {
    ("200 OK", format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}}}}"#))
}
