//! OFREP as its clients meet it.

use crate::ask::{Answer, Client, Events};
use crate::flags::{create, turn, with_roles};
use crate::world::World;
use axum::body::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

const ALL: &str = "/ofrep/v1/evaluate/flags";

async fn evaluator(world: &World) -> (Client, String) {
    with_roles(world, json!([{"role": "evaluate", "channels": ["production"]}])).await
}

async fn raw(client: &Client, path: &str, body: &str) -> Answer {
    client.send("POST", path, Some("application/json"), Bytes::from(body.to_string())).await.whole().await
}

fn stream(all: &Value) -> String {
    all["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_string()
}

#[tokio::test(start_paused = true)]
async fn one_flag_says_what_it_says() {
    let world = World::new().await;
    create(&world.admin(), "new_ui", "release").await;
    let (client, _) = evaluator(&world).await;
    let path = format!("{ALL}/new_ui");
    let off = raw(&client, &path, "").await.expect(200);
    assert_eq!((&off["value"], &off["reason"], &off["variant"]), (&json!(false), &json!("DISABLED"), &json!("off")));
    turn(&world.admin(), "new_ui", "on").await;
    let on = raw(&client, &path, r#"{"context":{"targetingKey":"ada"}}"#).await.expect(200);
    assert_eq!((&on["key"], &on["value"], &on["reason"]), (&json!("new_ui"), &json!(true), &json!("STATIC")));
    assert_eq!(on["metadata"]["flagSetId"], "production");
    let missing = raw(&client, &format!("{ALL}/nobody"), "{}").await.expect(404);
    assert_eq!((&missing["errorCode"], missing["errorDetails"].is_string()), (&json!("FLAG_NOT_FOUND"), true));
    for wrong in ["{", "[]", r#"{"context":[]}"#, r#"{"context":{"targetingKey":1}}"#] {
        let answer = raw(&client, &path, wrong).await.expect(400);
        assert!(answer["errorDetails"].is_string() && answer["key"] == "new_ui", "{wrong}: {answer}");
    }
    let large = format!(r#"{{"context":{{"a":"{}"}}}}"#, "x".repeat(1 << 20));
    assert_eq!(raw(&client, &path, &large).await.expect(413)["errorCode"], "GENERAL");
}

#[tokio::test(start_paused = true)]
async fn who_has_no_role_learns_nothing() {
    let world = World::new().await;
    create(&world.admin(), "new_ui", "release").await;
    let unknown = raw(&world.nobody(), &format!("{ALL}/nobody"), "{}").await;
    let known = raw(&world.nobody(), &format!("{ALL}/new_ui"), "{}").await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(
        (known.status.as_u16(), &known.headers["www-authenticate"]),
        (401, &"Bearer realm=\"tidegate\"".parse().unwrap())
    );
    let (viewer, _) = with_roles(&world, json!([{"role": "viewer"}])).await;
    raw(&viewer, ALL, "{}").await.expect(403);
    let (both, _) = with_roles(&world, json!([{"role": "evaluate"}])).await;
    raw(&both, ALL, "{}").await.expect(400);
    raw(&both.with("flagd-selector", "flagSetId=staging"), ALL, "{}").await.expect(200);
    let (mine, _) = evaluator(&world).await;
    raw(&mine.with("flagd-selector", "flagSetId=staging"), ALL, "{}").await.expect(403);
    let answer =
        world.nobody().send("GET", "/ofrep/v1/events?key=1.9999999999999.00.production", None, Bytes::new()).await;
    answer.whole().await.expect(401);
}

#[tokio::test(start_paused = true)]
async fn the_tag_is_of_the_definitions_and_of_the_context() {
    let world = World::new().await;
    create(&world.admin(), "new_ui", "release").await;
    let (client, _) = evaluator(&world).await;
    let ada = r#"{"context":{"targetingKey":"ada","a":1,"b":2}}"#;
    let first = raw(&client, ALL, ada).await;
    let tag = first.headers["etag"].to_str().unwrap().to_string();
    assert_eq!(first.expect(200)["flags"][0]["key"], "new_ui");
    let client = client.with("if-none-match", &tag);
    let same = raw(&client, ALL, r#"{"context":{"b":2,"a":1,"targetingKey":"ada"}}"#).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    raw(&client, ALL, r#"{"context":{"targetingKey":"ada","a":1,"b":3}}"#).await.expect(200);
    // An event that named another edition: the answer must be the newest, whatever tag the client holds.
    raw(&client, &format!("{ALL}?flagConfigEtag=production-0"), ada).await.expect(200);
    turn(&world.admin(), "new_ui", "on").await;
    let news = raw(&client, ALL, ada).await;
    assert_ne!(news.headers["etag"], tag.as_str());
    assert_eq!(news.expect(200)["flags"][0]["value"], true);
}

#[tokio::test(start_paused = true)]
async fn a_flip_is_told_to_whoever_listens_and_a_kill_counts_them() {
    let world = World::new().await;
    create(&world.admin(), "search", "kill_switch").await;
    let (client, id) = evaluator(&world).await;
    let path = stream(&raw(&client, ALL, "{}").await.expect(200));
    let mut events = Events::of(&world.nobody().with("user-agent", "page"), &path).await;
    assert!(events.block().await.unwrap().contains("retry: 1000"));
    turn(&world.admin(), "search", "on").await;
    let event = events.next().await.unwrap();
    assert_eq!((event.name.as_str(), &event.json()["type"]), ("message", &json!("refetchEvaluation")));
    let etag = event.json()["etag"].as_str().unwrap().to_string();
    let seen = raw(&client, &format!("{ALL}?flagConfigEtag={etag}"), "{}").await.expect(200);
    assert_eq!(seen["flags"][0]["value"], true);

    let clients = world.admin().get("/v1/flag-clients").await.expect(200);
    assert_eq!((&clients["count"], &clients["clients"][0]["agent"]), (&json!(1), &json!("page")));
    let reader = tokio::spawn(async move {
        let event = events.next().await;
        (events, event)
    });
    let killed = world.admin().post("/v1/flags/search/kill", &json!({"channel": "production"})).await.expect(200);
    assert_eq!((&killed["reach"]["clients"], &killed["reach"]["reached"]), (&json!(1), &json!(1)));
    let (mut events, event) = reader.await.unwrap();
    let last = event.unwrap().id.unwrap();

    // Who comes back having missed nothing is told nothing; who missed something is told the newest.
    turn(&world.admin(), "search", "on").await;
    let mut back = Events::of(&world.nobody().with("last-event-id", &last), &path).await;
    assert!(back.next().await.unwrap().id.unwrap() > last);

    world.admin().delete(&format!("/v1/tokens/{id}")).await.expect(200);
    let begin = tokio::time::Instant::now();
    while events.block().await.is_some() {}
    assert!(begin.elapsed() < Duration::from_secs(1));
    world.nobody().send("GET", &path, None, Bytes::new()).await.whole().await.expect(401);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_asks_too_often_is_told_when_to_come_back() {
    let world = World::new().await;
    let (client, _) = evaluator(&world).await;
    let mut last = raw(&client, ALL, "{}").await;
    for _ in 0..25_000 {
        if last.status == 429 {
            break;
        }
        last = raw(&client, &format!("{ALL}/x"), "").await;
    }
    assert_eq!((last.status.as_u16(), &last.headers["retry-after"]), (429, &"1".parse().unwrap()));
}
