//! Errors that no route makes: wrong places, methods, bodies; and the pages that explain every code.

use crate::world::World;
use axum::body::Bytes;
use control::{Control, Leadership};
use journal::{Draft, Journal};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn wrong_places_and_methods_have_the_shape_of_every_error() {
    let world = World::new().await;
    for path in ["/", "/v1", "/v1/", "/v1/release", "/v1/releases/", "/v1/releases/r1/", "/v2/status"] {
        world.admin().get(path).await.refused(404, "TG-6010");
    }
    let answer = world.admin().send("PUT", "/v1/releases", None, Bytes::new()).await.whole().await;
    answer.refused(405, "TG-6011");
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"), "{:?}", answer.headers);
    for id in ["r0", "r", "17", "r01", "R1", "latest", "%00", "..%2fr1", "r99999999999999999999"] {
        world.admin().get(&format!("/v1/releases/{id}")).await.refused(404, "TG-2105");
    }
    world.admin().get("/v1/releases/%ff").await.refused(400, "TG-6015");
}

#[tokio::test(start_paused = true)]
async fn wrong_bodies_say_what_is_wrong() {
    let world = World::new().await;
    let send = async |kind: Option<&str>, body: Vec<u8>| {
        world.admin().send("POST", "/v1/releases", kind, body.into()).await.whole().await
    };
    let json = Some("application/json");
    send(None, b"{}".to_vec()).await.refused(415, "TG-6014");
    send(Some("text/plain"), b"{}".to_vec()).await.refused(415, "TG-6014");
    send(json, b"".to_vec()).await.refused(400, "TG-6013");
    send(json, b"{\"service\":".to_vec()).await.refused(400, "TG-6013");
    let unknown = b"{\"service\":\"shop\",\"verzion\":\"1\"}".to_vec();
    let problem = send(Some("application/json; charset=utf-8"), unknown).await.refused(400, "TG-6013");
    assert!(problem.detail.contains("verzion"), "{problem:?}");
    let missing = b"{\"service\":\"shop\"}".to_vec();
    assert!(send(json, missing).await.refused(400, "TG-6013").detail.contains("channel"));
    let huge = format!("{{\"service\":\"{}\"}}", "x".repeat(1 << 20));
    send(json, huge.into_bytes()).await.refused(413, "TG-6012");
    let long = json!({"service": "shop", "channel": "production", "type": "feature", "version": "2", "note": "x".repeat(2_001)});
    world.admin().post("/v1/releases", &long).await.refused(422, "TG-6017");
}

#[tokio::test(start_paused = true)]
async fn probes_need_no_token_and_say_no_more_than_they_must() {
    let world = World::new().await;
    assert_eq!(world.nobody().get("/healthz").await.text(), "ok\n");
    assert_eq!(world.nobody().get("/readyz").await.text(), "ready\n");
    world.nobody().get("/openapi.json").await.refused(401, "TG-6001");
    world.nobody().get("/metrics").await.refused(401, "TG-6001");
}

/// Somebody wrote what this version cannot read: it is told everywhere, and nobody is kept from going back.
#[tokio::test(start_paused = true)]
async fn a_release_that_cannot_be_read_is_told() {
    let world = World::new().await;
    let id = world.ramping().await;
    let strange =
        Draft { kind: "opened".into(), at_ms: 0, actor: "ann".into(), body: "{\"kind\":\"foreseen\"}".into() };
    let fence = world.control.fence().unwrap();
    world.journal.append("release/r9", 0, fence, vec![strange]).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2 * control::RENEW_MS)).await;

    assert_eq!(world.nobody().get("/readyz").await.text(), "ready, but a release cannot be read [TG-2110]\n");
    let status = world.admin().get("/v1/status").await.expect(200);
    let one = &status["unreadable"][0];
    assert_eq!((&one["release"], &one["code"]), (&json!("r9"), &json!("TG-2108")));
    assert!(world.admin().get("/metrics").await.text().contains("\ntidegate_unreadable_releases 1\n"));
    world.admin().get("/v1/releases/r9").await.refused(503, "TG-2110");
    let ask = json!({"service": "blog", "channel": "production", "type": "feature", "version": "1.0.0"});
    let problem = world.admin().post("/v1/releases", &ask).await.refused(503, "TG-2110");
    assert!(problem.detail.starts_with("r9 cannot be read: "), "{problem:?}");
    world.admin().post(&format!("/v1/releases/{id}/rollback"), &json!({"reason": "broken"})).await.expect(200);
}

/// A second replica on the same journal: it serves reads and tokens, and takes no commands.
#[tokio::test(start_paused = true)]
async fn a_replica_that_follows_reads_and_does_not_command() {
    let world = World::new().await;
    let id = world.open().await;
    let (control, run) = Control::new(world.journal.clone(), Arc::new(Nothing), Arc::new(Still), "second");
    tokio::spawn(run.run());
    control.leadership().wait_for(|l| matches!(l, Leadership::Follows { .. })).await.unwrap();
    let app = server::App::new(control, world.shelf.clone());
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let second = server::router(app);
    let issued = world.admin().post("/v1/tokens", &json!({"name": "ops", "scopes": ["admin"]})).await.expect(201);
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let client = crate::ask::Client::new(&second, issued["secret"].as_str());
    let status = client.get("/v1/status").await.expect(200);
    assert_eq!((&status["leadership"]["state"], &status["leadership"]["leader"]), (&json!("follows"), &json!("test")));
    let not_ready = crate::ask::Client::new(&second, None).get("/readyz").await.refused(503, "TG-6050");
    assert!(!not_ready.detail.contains("test"), "{not_ready:?}");
    let abort = client.post(&format!("/v1/releases/{id}/abort"), &json!({"reason": "no"})).await;
    assert_eq!(abort.refused(503, "TG-2106").detail, "this replica does not lead; test does");
    client.post("/v1/tokens", &json!({"name": "x", "scopes": ["read"]})).await.refused(503, "TG-2106");
    let batch = json!({"channel": "production", "events": []});
    client.post("/v1/exposures", &batch).await.refused(503, "TG-2106");
}

struct Nothing;

impl control::ports::Connect for Nothing {
    fn connect(&self, _: &policy::Wiring) -> control::ports::PortResult<control::ports::Site> {
        panic!("a follower drives nothing")
    }

    fn settle<'a>(
        &'a self,
        _: &'a policy::Wiring,
        _: &'a control::ports::Installed,
        _: control::ports::Turn,
    ) -> control::ports::BoxFuture<'a, control::ports::PortResult<()>> {
        panic!("a follower settles nothing")
    }
}

struct Still;

impl control::ports::Clock for Still {
    fn now(&self) -> engine::Timestamp {
        engine::Timestamp(crate::world::BEGIN)
    }
}

/// Every code of the server has a page with the three parts.
#[test]
fn every_code_has_its_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(root.join("src/code.rs")).unwrap();
    let codes: Vec<&str> = source.split('"').filter(|text| text.starts_with("TG-6")).collect();
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        let page = root.join(format!("../../docs/errors/{code}.md"));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
        assert!(text.starts_with(&format!("# {code}: ")), "{code}");
        for part in ["## What happened\n", "## Why\n", "## What to do\n"] {
            assert!(text.contains(part), "{code} lacks {part}");
        }
    }
}
