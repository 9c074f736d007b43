//! Tokens: who may what, and for how long.

use crate::ask::Events;
use crate::world::{BEGIN, World, leading};
use axum::body::Bytes;
use http_body_util::BodyExt;
use journal::{Draft, Journal};
use serde_json::{Value, json};
use server::NoBootstrap;
use std::time::Duration;

async fn issue(world: &World, ask: Value) -> (String, String) {
    let issued = world.admin().post("/v1/tokens", &ask).await.expect(201);
    let id = issued["token"]["id"].as_str().unwrap().to_string();
    (id, issued["secret"].as_str().unwrap().to_string())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_issued_used_shown_and_revoked() {
    let world = World::new().await;
    let (id, secret) = issue(&world, json!({"name": "ci@build", "scopes": ["read", "operate"]})).await;
    let ci = world.holder_of(&secret);
    ci.get("/v1/releases").await.expect(200);
    let ask = json!({"service": "shop", "channel": "production", "type": "feature", "version": "2.0.0"});
    assert_eq!(ci.post("/v1/releases", &ask).await.expect(201)["opened_by"], "token:ci@build");
    ci.post("/v1/tokens", &json!({"name": "x", "scopes": ["read"]})).await.refused(403, "TG-6005");

    let list = world.admin().get("/v1/tokens").await;
    assert!(!list.text().contains(secret.split('_').next_back().unwrap()));
    let token = list.expect(200)["tokens"][1].clone();
    assert_eq!((&token["name"], &token["state"]), (&json!("ci@build"), &json!("active")));
    assert_eq!(token["issued_by"], "token:bootstrap");

    let revoked = world.admin().delete(&format!("/v1/tokens/{id}")).await.expect(200);
    assert_eq!(revoked["state"], "revoked");
    let problem = ci.get("/v1/releases").await.refused(401, "TG-6004");
    assert!(problem.detail.contains("ci@build"));
    let again = world.admin().delete(&format!("/v1/tokens/{id}")).await.expect(200);
    assert_eq!(again["revoked_at_ms"], revoked["revoked_at_ms"]);

    // What the journal keeps is no secret.
    let journal = world.admin().get("/v1/journal?stream=tokens").await;
    assert!(!journal.text().contains(secret.split('_').next_back().unwrap()));
    let kinds: Vec<Value> =
        journal.expect(200)["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["token_issued", "token_issued", "token_revoked"]);
}

#[tokio::test(start_paused = true)]
async fn tokens_end_with_their_time() {
    let world = World::new().await;
    let ask = json!({"name": "guest", "scopes": ["read"], "expires_at_ms": BEGIN + 60_000});
    let (_, secret) = issue(&world, ask).await;
    let guest = world.holder_of(&secret);
    guest.get("/v1/status").await.expect(200);
    let mut events = Events::of(&guest, "/v1/journal/events").await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    let problem = guest.get("/v1/status").await.refused(401, "TG-6003");
    assert_eq!(problem.detail, "the token guest expired at 2026-11-18T11:07:40Z");
    while events.block().await.is_some() {}
    let late = json!({"name": "late", "scopes": ["read"], "expires_at_ms": BEGIN});
    let problem = world.admin().post("/v1/tokens", &late).await.refused(422, "TG-6042");
    assert!(problem.detail.starts_with("it would have expired already: 2026-11-18T11:06:40Z is not after 2026"));
    assert!(!problem.hint.contains("expires_at_ms"), "{}", problem.hint);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_token_opens_nothing() {
    let world = World::new().await;
    world.nobody().get("/v1/status").await.refused(401, "TG-6001");
    for header in ["Basic dXNlcjpwYXNz", "Bearer", "tg_t1_00"] {
        world.nobody().with("authorization", header).get("/v1/status").await.refused(401, "TG-6001");
    }
    let zeros = format!("Bearer tg_t1_{}", "0".repeat(64));
    let unknown = format!("Bearer tg_t99_{}", "0".repeat(64));
    for header in ["Bearer x", &zeros, &unknown] {
        world.nobody().with("authorization", header).get("/v1/status").await.refused(401, "TG-6002");
    }
    let twice = world.admin().with("authorization", "Bearer x");
    twice.get("/v1/status").await.refused(401, "TG-6001");
}

#[tokio::test(start_paused = true)]
async fn tokens_that_make_no_sense_are_not_issued() {
    let world = World::new().await;
    for ask in [
        json!({"name": "", "scopes": ["read"]}),
        json!({"name": "a b", "scopes": ["read"]}),
        json!({"name": "x".repeat(65), "scopes": ["read"]}),
        json!({"name": "ci", "scopes": []}),
        json!({"name": "ci", "scopes": ["read", "read"]}),
    ] {
        world.admin().post("/v1/tokens", &ask).await.refused(422, "TG-6042");
    }
    world.admin().post("/v1/tokens", &json!({"name": "ci", "scopes": ["root"]})).await.refused(400, "TG-6013");
    for id in ["t9", "x", "t", "t-1", "%F0%9F%98%80"] {
        let problem = world.admin().delete(&format!("/v1/tokens/{id}")).await.refused(404, "TG-6040");
        assert!(problem.hint.contains("tidegate token list"), "{}", problem.hint);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_can_lock_everybody_out() {
    let world = World::new().await;
    world.admin().delete("/v1/tokens/t1").await.refused(409, "TG-6041");
    let (_, secret) = issue(&world, json!({"name": "second", "scopes": ["admin"]})).await;
    world.holder_of(&secret).delete("/v1/tokens/t1").await.expect(200);
    world.admin().get("/v1/status").await.refused(401, "TG-6004");
    // As long as some admin token is good, no other is given out.
    assert_eq!(server::bootstrap(&world.control, never).await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_loses_its_open_streams() {
    let world = World::new().await;
    let id = world.open().await;
    let (token, secret) = issue(&world, json!({"name": "wall", "scopes": ["read"]})).await;
    let wall = world.holder_of(&secret);
    let mut live = Events::of(&wall, &format!("/v1/releases/{id}/live")).await;
    let mut journal = Events::of(&wall, "/v1/journal/events?after=0").await;
    assert!(live.next().await.is_some() && journal.next().await.is_some());
    world.admin().delete(&format!("/v1/tokens/{token}")).await.expect(200);
    let ended = async {
        while live.block().await.is_some() {}
        while journal.block().await.is_some() {}
    };
    tokio::time::timeout(Duration::from_secs(1), ended).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_does_not_get_the_rest_of_an_export() {
    let world = World::new().await;
    let (token, secret) = issue(&world, json!({"name": "archive", "scopes": ["read"]})).await;
    let mut export = world.holder_of(&secret).send("GET", "/v1/journal/export", None, Bytes::new()).await.body;
    let first = export.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b"{"), "{first:?}");
    world.admin().delete(&format!("/v1/tokens/{token}")).await.expect(200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(export.frame().await.is_none(), "nothing is sent after the token was revoked");
}

#[tokio::test(start_paused = true)]
async fn the_person_behind_a_token_is_named_if_the_name_can_be_kept() {
    let world = World::new().await;
    let id = world.ramping().await;
    let why = json!({"reason": "lunch"});
    let ada = world.admin().with("x-tidegate-actor", "  Ada L. ");
    ada.post(&format!("/v1/releases/{id}/pause"), &why).await.expect(200);
    let journal = world.admin().get(&format!("/v1/journal?stream=release/{id}")).await.expect(200);
    let entries = journal["entries"].as_array().unwrap();
    let paused = entries.iter().find(|entry| entry["kind"] == "paused").unwrap();
    assert_eq!(paused["actor"], "Ada L. via token:bootstrap");
    for name in ["", " ", &"x".repeat(81), "a via token:admin", "\u{202e}eve"] {
        let client = world.admin().with("x-tidegate-actor", name);
        client.post(&format!("/v1/releases/{id}/resume"), &json!({})).await.refused(400, "TG-6016");
    }
}

/// It might be a revocation in words of a newer version.
#[tokio::test(start_paused = true)]
async fn an_entry_that_cannot_be_understood_shuts_everybody_out() {
    let world = World::new().await;
    let body = "{\"kind\":\"token_narrowed\",\"id\":1}".to_string();
    let draft = Draft { kind: "token_narrowed".into(), at_ms: BEGIN, actor: "newer".into(), body };
    world.journal.append("tokens", 1, world.control.fence().unwrap(), vec![draft]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.admin().get("/v1/status").await.refused(503, "TG-6006");
    assert_eq!(server::bootstrap(&world.control, never).await.unwrap_err().code, "TG-6006");
}

/// Killed, or out of space, between the two: the secret opens nothing, and the next start gives out another one.
#[tokio::test(start_paused = true)]
async fn the_first_token_is_good_only_after_it_was_kept() {
    let (control, journal) = leading().await;
    let lost = server::bootstrap(&control, never).await;
    assert_eq!(lost, Err(full()));
    assert!(journal.read_stream("tokens", 0, 9).await.unwrap().is_empty(), "nobody has the secret of this token");
    let mut kept = 0;
    let issued = server::bootstrap(&control, |_| {
        kept += 1;
        Ok::<(), NoBootstrap>(())
    });
    assert_eq!((issued.await, kept), (Ok(true), 1));
    assert_eq!(server::bootstrap(&control, never).await, Ok(false));
}

fn never(_: &str) -> Result<(), NoBootstrap> {
    Err(full())
}

fn full() -> NoBootstrap {
    NoBootstrap { code: "TG-7014".into(), message: "no space".into(), hint: String::new() }
}
