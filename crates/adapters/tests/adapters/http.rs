//! Probes at URLs.

use crate::house::Scratch;
use crate::orders::{command_wiring, order};
use adapters::Adapters;
use control::ports::{Connect, Seen};
use engine::Millis;
use policy::{Probe, Wiring};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers every request with `head`; without one it never answers.
pub(crate) async fn server(head: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match head {
                Some(head) => {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
                }
                None => held.push(stream),
            }
        }
    });
    format!("http://{address}/healthz")
}

async fn seen(canary: &str, stable: &str, first: bool) -> Seen {
    let scratch = Scratch::new();
    let probe = Probe { canary: canary.into(), stable: stable.into(), every: Millis::seconds(5), timeout: Millis(300) };
    let wiring = Wiring { probe: Some(probe), ..command_wiring(&scratch) };
    let site = Adapters::new(None).connect(&wiring).unwrap();
    site.prober.probe(&order(&wiring, (!first).then_some("1.0"), "1.1")).await.unwrap()
}

#[tokio::test]
async fn each_version_is_asked_at_its_own_url() {
    let (well, ill) = (server(Some("204 No Content")).await, server(Some("503 Service Unavailable")).await);
    let seen_ill = seen(&ill, &well, false).await;
    assert_eq!(seen_ill.stable, Some(Ok(())));
    assert_eq!(seen_ill.canary, Err(format!("{ill} answered 503 Service Unavailable")));
    assert_eq!(seen(&well, &ill, true).await, Seen { canary: Ok(()), stable: None });
}

#[tokio::test]
async fn a_version_that_says_nothing_is_not_well() {
    let (silent, begun) = (server(None).await, Instant::now());
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let seen = seen(&silent, &format!("http://{free}/"), false).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    let (canary, stable) = (seen.canary.unwrap_err(), seen.stable.unwrap().unwrap_err());
    assert!(canary.starts_with("TG-5032") && canary.contains("nothing came within 300 ms"), "{canary}");
    assert!(stable.starts_with("TG-5032") && stable.contains("refused"), "{stable}");
}
