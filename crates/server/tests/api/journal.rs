//! The journal over HTTP.

use crate::world::World;
use journal::{Journal, chain};
use serde_json::{Value, json};
use server::dto::ExportLine;

#[tokio::test(start_paused = true)]
async fn entries_come_in_pages() {
    let world = World::new().await;
    let id = world.ramping().await;
    let page = world.admin().get("/v1/journal?limit=2").await.expect(200);
    assert_eq!((&page["entries"][1]["position"], &page["next_after"]), (&json!(2), &json!(2)));
    let rest = world.admin().get("/v1/journal?after=2").await.expect(200);
    assert_eq!((&rest["entries"][0]["position"], &rest["next_after"]), (&json!(3), &Value::Null));
    let stream = world.admin().get(&format!("/v1/journal?stream=release/{id}&after=1&limit=1")).await.expect(200);
    assert_eq!((&stream["entries"][0]["seq"], &stream["next_after"]), (&json!(2), &json!(2)));
    let none = world.admin().get("/v1/journal?stream=nothing").await.expect(200);
    assert_eq!(none["entries"], json!([]));
    for query in ["limit=0", "limit=1001", "after=-1", "after=x", "foo=1", "limit=1&limit=2"] {
        world.admin().get(&format!("/v1/journal?{query}")).await.refused(400, "TG-6015");
    }
}

#[tokio::test(start_paused = true)]
async fn verification_answers_and_takes_anchors() {
    let world = World::new().await;
    world.ramping().await;
    let report = world.admin().get("/v1/journal/verify").await.expect(200);
    assert_eq!(report["ok"], true);
    let anchor = report["head"].as_str().unwrap();
    let again = world.admin().get(&format!("/v1/journal/verify?anchor={anchor}")).await.expect(200);
    assert_eq!(again["ok"], true);
    let other = format!("1:{}", "0".repeat(64));
    let report = world.admin().get(&format!("/v1/journal/verify?anchor={other}")).await.expect(200);
    assert_eq!((&report["ok"], &report["damage"]["code"]), (&json!(false), &json!("TG-3043")));
    world.admin().get("/v1/journal/verify?anchor=x").await.refused(400, "TG-6015");
}

#[tokio::test(start_paused = true)]
async fn an_export_is_whole_and_its_hashes_can_be_computed_again() {
    let world = World::new().await;
    let id = world.ramping().await;
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    let now = world.control.now().0;
    let counts = json!({"from_ms": now - 10_000, "to_ms": now, "stable": {"requests": 10, "errors": 0}});
    assert_eq!(world.admin().post(&format!("/v1/releases/{id}/measurements"), &counts).await.status, 202);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for n in 0..300 {
        let ask = json!({"name": format!("n{n}"), "scopes": ["read"]});
        world.admin().post("/v1/tokens", &ask).await.expect(201);
    }
    let export = world.admin().get("/v1/journal/export").await;
    assert_eq!(export.headers["content-type"], "application/x-ndjson");
    let lines: Vec<ExportLine> = export.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let head = world.journal.head().await.unwrap();
    let mut last = journal::Hash::ZERO;
    let (mut entries, mut samples) = (0, 0);
    for line in &lines {
        match line {
            ExportLine::Entry { position, stream, seq, at_ms, actor, kind, body, hash } => {
                let entry = journal::Entry {
                    position: *position,
                    stream: stream.clone(),
                    seq: *seq,
                    at_ms: *at_ms,
                    actor: actor.clone(),
                    kind: kind.clone(),
                    body: body.clone(),
                    hash: hash.parse().unwrap(),
                };
                assert_eq!(chain::entry_hash(last, &entry), entry.hash);
                last = entry.hash;
                entries += 1;
            }
            ExportLine::Sample { .. } => samples += 1,
            ExportLine::End { entries: said, samples: measured, head: end } => {
                assert_eq!((*said, *measured), (entries, samples));
                assert_eq!(*end, head.to_string());
            }
            ExportLine::Failed { .. } => panic!("{line:?}"),
        }
    }
    assert_eq!((entries, samples), (head.position, 1));
    assert!(matches!(lines.last(), Some(ExportLine::End { .. })));
}
