//! What is counted is what the applications did, and what is missing is not zero.

use super::apps::App;
use super::server::Server;
use super::{Reader, arms, brief, canary, counted_by, release, signal_of, stable};
use crate::house::eventually;
use control::ports::{Counted, Reading};
use engine::Gap;
use policy::PrometheusArms;
use std::time::Duration;

async fn both() -> (App, App, Server) {
    let (old, new) = (App::start("1.0").await, App::start("1.1").await);
    let server = Server::scraping(&[&old, &new]).await;
    (old, new, server)
}

#[tokio::test]
async fn every_request_is_counted_once_and_the_cursor_outlives_control() {
    let (old, new, server) = both().await;
    (0..500).for_each(|_| new.answer(500, 0.9));
    let wiring = counted_by(&server.scratch, &server.url(), None, arms());
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut reader = Reader::new(&wiring, release(&wiring, Some("1.0"), "1.1"));
    reader.begin().await;
    reader.more(1).await;
    assert_eq!(brief(&reader.all)[0].1, Some(0), "it was there and did nothing, and what was before is not counted");

    for n in 0..300 {
        old.answer(if n % 50 == 0 { 503 } else { 200 }, 0.02);
        if n % 3 == 0 {
            new.answer(if n % 30 == 0 { 500 } else { 200 }, 0.2);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Another control plane reads on where the journal says that the last one was.
    reader.signal = signal_of(&wiring);
    let done = |all: &[Counted], of: fn(&Counted) -> Option<&judge::Arm>| {
        all.iter().filter_map(of).map(|arm| arm.requests).sum::<u64>()
    };
    reader.until("all were counted", |all| done(all, canary) >= 100 && done(all, stable) >= 300).await;
    reader.more(1).await;
    assert_eq!((reader.sum(canary, |arm| arm.requests), reader.sum(stable, |arm| arm.requests)), (100, 300));
    assert_eq!((reader.sum(canary, |arm| arm.errors), reader.sum(stable, |arm| arm.errors)), (10, 6));
    assert_eq!(
        (reader.sum(canary, |arm| arm.latency.total()), reader.sum(stable, |arm| arm.latency.total())),
        (100, 300)
    );
    let slow = |arm: &judge::Arm| arm.latency.count_above(judge::sketch::bucket_of(100_000));
    assert_eq!((reader.sum(canary, slow), reader.sum(stable, slow)), (100, 0));
    for pair in reader.all.windows(2) {
        assert_eq!(pair[0].to, pair[1].from, "no gap, no overlap");
        assert_eq!((pair[1].to.0 % 3_000, pair[1].to.0 - pair[1].from.0), (0, 3_000));
    }
    // A version that nobody counts is missing; that of a first release has nobody beside it.
    let from = reader.all[0].cursor.clone();
    let mut other = Reader::new(&wiring, release(&wiring, Some("1.0"), "9.9"));
    other.cursor.clone_from(&from);
    other.until("the arm is given up", |all| !all.is_empty()).await;
    assert!(other.all.iter().all(|block| block.canary.is_none() && block.stable.is_some()), "{:?}", brief(&other.all));
    let mut first = Reader::new(&wiring, release(&wiring, None, "1.1"));
    first.cursor.clone_from(&from);
    first.read().await;
    assert!(first.all.iter().all(|block| block.canary.is_some() && block.stable.is_none()), "{:?}", brief(&first.all));
    let mut nobody = Reader::new(&wiring, release(&wiring, Some("8.8"), "9.9"));
    nobody.cursor.clone_from(&reader.cursor);
    assert_eq!(nobody.read().await, Reading::NotYet, "the newest blocks may still come");
    nobody.cursor.clone_from(&from);
    assert_eq!(nobody.read().await, Reading::None(Gap::NoData), "the oldest cannot");
}

#[tokio::test]
async fn a_counter_that_began_anew_is_missing_and_never_negative() {
    let (old, mut new, server) = both().await;
    (0..1_000).for_each(|_| new.answer(200, 0.02));
    let wiring = counted_by(&server.scratch, &server.url(), None, arms());
    let mut reader = Reader::new(&wiring, release(&wiring, Some("1.0"), "1.1"));
    reader.begin().await;
    new.restart().await;
    (0..40).for_each(|_| new.answer(200, 0.02));
    (0..50).for_each(|_| old.answer(200, 0.02));
    reader
        .until("the new counter is counted", |all| {
            let missing = all.iter().position(|block| block.canary.is_none());
            missing.is_some_and(|at| all[at..].iter().any(|block| block.canary.is_some()))
        })
        .await;
    (0..7).for_each(|_| new.answer(500, 0.02));
    reader
        .until("new errors are counted", |all| all.iter().filter_map(canary).map(|arm| arm.errors).sum::<u64>() == 7)
        .await;
    let requests = reader.sum(canary, |arm| arm.requests);
    assert!((7..=47).contains(&requests), "only what was certainly counted: {:?}", brief(&reader.all));
    assert_eq!(reader.sum(stable, |arm| arm.requests), 50, "the other arm is not concerned");
    assert!(reader.all.iter().filter(|block| block.canary.is_none()).count() <= 2, "{:?}", brief(&reader.all));
}

#[tokio::test]
async fn a_version_that_is_not_scraped_any_more_is_missing_and_comes_back() {
    let (_old, mut new, server) = both().await;
    let wiring = counted_by(&server.scratch, &server.url(), None, arms());
    let mut reader = Reader::new(&wiring, release(&wiring, Some("1.0"), "1.1"));
    reader.begin().await;
    new.stop().await;
    reader.until("the arm is missing", |all| all.iter().filter(|block| block.canary.is_none()).count() >= 2).await;
    assert!(reader.all.iter().all(|block| block.stable.is_some()), "{:?}", brief(&reader.all));
    new.restart().await;
    reader.until("it is back", |all| all.last().is_some_and(|block| block.canary.is_some())).await;
    assert_eq!(reader.sum(canary, |arm| arm.requests), 0);
}

#[tokio::test]
async fn a_misspelled_label_is_told_and_not_taken_for_no_errors() {
    let (_old, _new, server) = both().await;
    let wrong = |errors: &str| {
        let mut arms = arms();
        if let PrometheusArms::Label(by) = &mut arms {
            by.errors = errors.into();
        }
        counted_by(&server.scratch, &server.url(), None, arms)
    };
    let well = counted_by(&server.scratch, &server.url(), None, arms());
    let mut reader = Reader::new(&well, release(&well, Some("1.0"), "1.1"));
    reader.begin().await;
    let wiring = wrong(r#"http_requests_total{job="shop",status=~"5.."}"#);
    reader.signal = signal_of(&wiring);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let Reading::None(Gap::Unreachable { detail }) = reader.read().await else { panic!("{:?}", reader.read().await) };
    assert!(detail.starts_with("TG-5059") && detail.contains("`status`"), "{detail}");
    // Of another metric, nothing is not no errors.
    reader.signal = signal_of(&wrong("http_errors_total"));
    eventually("both arms are given up", async || reader.read().await == Reading::None(Gap::NoData)).await;
}
