//! Pushed counts: taken when they can be true, stored, judged, and shown.

use crate::world::{BEGIN, World};
use serde_json::{Value, json};
use server::dto::Release;
use std::time::Duration;

fn interval(from_s: i64, to_s: i64) -> Value {
    let (from_ms, to_ms) = (BEGIN + from_s * 1_000, BEGIN + to_s * 1_000);
    json!({"from_ms": from_ms, "to_ms": to_ms,
        "stable": {"requests": 1_900, "errors": 2, "latency_buckets": [[400, 1_000], [420, 900]]},
        "canary": {"requests": 4, "errors": 1, "latency_us": [9_000, 10_000, 11_000, 200_000]}})
}

#[tokio::test(start_paused = true)]
async fn counts_are_taken_stored_and_shown() {
    let world = World::new().await;
    let id = world.ramping().await;
    let path = format!("/v1/releases/{id}/measurements");
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(world.admin().post(&path, &interval(10, 20)).await.status, 202);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let release: Release =
        serde_json::from_value(world.admin().get(&format!("/v1/releases/{id}")).await.expect(200)).unwrap();
    let canary = release.arms.canary.last.unwrap();
    assert_eq!((canary.requests, canary.errors, canary.error_percent), (4, 1, Some(25.0)));
    assert!((9_000.0..12_000.0).contains(&canary.p50_us.unwrap()), "{canary:?}");
    assert_eq!(release.shares.observed.unwrap().stable_requests, 1_900);
    assert_eq!(release.arms.stable.total.requests, 1_900);
    let verdict = release.verdict.unwrap();
    assert_eq!(json!(verdict.outcome), "undecided");
    assert!(!verdict.sentence.is_empty() && verdict.findings.iter().all(|finding| !finding.sentence.is_empty()));

    let page = world.admin().get(&path).await.expect(200);
    assert_eq!(page["measurements"][0]["n"], 1);
    assert_eq!(page["measurements"][0]["measurement"]["canary"]["requests"], 4);
    assert_eq!(page["next_after"], Value::Null);
    let page = world.admin().get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!(page["next_after"], 1);
    let rest = world.admin().get(&format!("{path}?after=1")).await.expect(200);
    assert_eq!(rest["measurements"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn requests_begun_and_fresh_errors_reach_the_judge() {
    let world = World::new().await;
    let id = world.ramping().await;
    let path = format!("/v1/releases/{id}/measurements");
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut counts = interval(10, 20);
    counts["canary"]["started"] = json!(7);
    counts["canary"]["fresh_errors"] = json!(1);
    assert_eq!(world.admin().post(&path, &counts).await.status, 202);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let page = world.admin().get(&path).await.expect(200);
    let canary = &page["measurements"][0]["measurement"]["canary"];
    assert_eq!((&canary["started"], &canary["fresh_errors"]), (&json!(7), &json!(1)));
    assert_eq!(page["measurements"][0]["measurement"]["stable"].get("started"), None);
}

#[tokio::test(start_paused = true)]
async fn counts_that_cannot_be_true_are_refused_where_they_can_be_mended() {
    let world = World::new().await;
    let id = world.ramping().await;
    let path = format!("/v1/releases/{id}/measurements");
    let with = |change: fn(&mut Value)| {
        let mut counts = interval(0, 10);
        change(&mut counts);
        counts
    };
    let cases: [(Value, u16, &str); 11] = [
        (interval(10, 10), 422, "TG-6032"),
        (interval(100_000, 100_010), 422, "TG-6032"),
        (with(|c| c["from_ms"] = json!(-1)), 422, "TG-6032"),
        (json!({"from_ms": BEGIN, "to_ms": BEGIN + 1}), 422, "TG-6032"),
        (with(|c| c["canary"]["errors"] = json!(5)), 422, "TG-6031"),
        (with(|c| c["canary"]["fresh_errors"] = json!(2)), 422, "TG-6031"),
        (with(|c| c["canary"]["latency_buckets"] = json!([[1, 1]])), 422, "TG-6031"),
        (with(|c| c["stable"]["latency_buckets"] = json!([[5, 1], [5, 1]])), 422, "TG-6031"),
        (with(|c| c["stable"]["latency_buckets"] = json!([[70_000, 1]])), 422, "TG-6031"),
        (with(|c| c["canary"]["user_buckets"] = json!([[1, 0, 0]])), 422, "TG-6031"),
        (with(|c| c["canary"]["requests"] = json!(-4)), 400, "TG-6013"),
    ];
    for (counts, status, code) in cases {
        world.admin().post(&path, &counts).await.refused(status, code);
    }
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(world.admin().post(&path, &interval(0, 20)).await.status, 202);
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.admin().post(&path, &interval(10, 20)).await.refused(409, "TG-6033");
    world.admin().post("/v1/releases/r9/measurements", &interval(0, 10)).await.refused(404, "TG-2105");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_counted_by_its_gate_takes_no_counts() {
    let world = World::new().await;
    let ask = json!({"service": "blog", "channel": "production", "type": "feature", "version": "1.0.0"});
    world.admin().post("/v1/releases", &ask).await.expect(201);
    world.admin().post("/v1/releases/r1/measurements", &interval(0, 10)).await.refused(409, "TG-6030");
}
