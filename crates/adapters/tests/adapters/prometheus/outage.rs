//! A Prometheus that is killed is told as unreachable, and where it left off it goes on.

use super::apps::App;
use super::server::Server;
use super::{Reader, arms, brief, canary, counted_by, release};
use adapters::{Health, Prometheus};
use control::ports::Reading;
use engine::{Gap, Millis};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_prometheus_that_is_killed_and_comes_back() {
    let (old, new) = (App::start("1.0").await, App::start("1.1").await);
    let mut server = Server::scraping(&[&old, &new]).await;
    let wiring = counted_by(&server.scratch, &server.url(), None, arms());
    let mut reader = Reader::new(&wiring, release(&wiring, Some("1.0"), "1.1"));
    reader.begin().await;
    let client = Prometheus::new(&server.url(), None, Millis(1_000)).unwrap();
    assert_eq!(client.health(), Health::Unknown);
    client.now().await.unwrap();
    assert!(matches!(client.health(), Health::Answers { .. }));

    server.kill().await;
    let begun = Instant::now();
    for _ in 0..2 {
        let Reading::None(Gap::Unreachable { detail }) = reader.read().await else { panic!("counts of nobody") };
        assert!(detail.starts_with("TG-5050") && detail.contains(&server.address), "{detail}");
        assert_eq!(client.now().await.unwrap_err().code, "TG-5050");
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    let Health::Fails { times: 2, error, .. } = client.health() else { panic!("{:?}", client.health()) };
    assert_eq!((error.code, error.retry), ("TG-5050", true));

    let begun = reader.all.len();
    server.start().await;
    client.now().await.unwrap();
    assert!(matches!(client.health(), Health::Answers { .. }));
    reader.until("it is counted again", |all| all[begun..].iter().any(|block| canary(block).is_some())).await;
    // A busy machine may miss a scrape, and with it a block: what was done in it is missing, and never counted twice.
    let mut done = 0;
    while reader.sum(canary, |arm| arm.requests) == 0 {
        (0..20).for_each(|_| new.answer(200, 0.01));
        done += 20;
        assert!(done <= 200, "nothing is counted: {:?}", brief(&reader.all));
        reader.more(3).await;
    }
    assert!(reader.sum(canary, |arm| arm.requests) <= done, "{:?}", brief(&reader.all));
}
