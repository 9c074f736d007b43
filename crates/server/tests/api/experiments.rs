//! Exposures and metrics as applications tell of them, what people are told, and what the journal keeps.

use crate::ask::Client;
use crate::flags::{turn, with_roles};
use crate::world::{BEGIN, World};
use axum::body::Bytes;
use journal::{Journal, UnavailableKind};
use serde_json::{Value, json};
use std::time::Duration;

const STREAM: &str = "experiment/checkout@production";

/// An experiment that is on in production, half and half.
async fn experiment(world: &World) {
    let flag = json!({"key": "checkout", "kind": "experiment", "value_type": "boolean", "owner": "ada",
        "variants": [{"name": "old", "value": false}, {"name": "new", "value": true}]});
    world.admin().post("/v1/flags", &json!({"flag": flag, "reason": "which sells more"})).await.expect(201);
    split(world, 50_000, 1).await;
    turn(&world.admin(), "checkout", "on").await;
}

async fn split(world: &World, new: u32, revision: u64) {
    let weights = json!([{"variant": "old", "weight": 100_000 - new}, {"variant": "new", "weight": new}]);
    let decision = json!({"rules": {"rules": [], "otherwise": {"split": {"weights": weights}}}});
    let ask = json!({"decision": decision, "reason": "by chance", "revision": revision}).to_string();
    let path = "/v1/flags/checkout/channels/production";
    world.admin().send("PUT", path, Some("application/json"), ask.into()).await.whole().await.expect(200);
}

fn saw(unit: &str, variant: &str) -> Value {
    json!({"kind": "exposure", "flag": "checkout", "variant": variant, "unit": unit})
}

fn did(unit: &str, name: &str) -> Value {
    json!({"kind": "metric", "name": name, "unit": unit})
}

async fn tell(client: &Client, events: Vec<Value>) -> Value {
    client.post("/v1/exposures", &json!({"channel": "production", "events": events})).await.expect(200)
}

async fn shown(world: &World) -> Value {
    world.admin().get("/v1/flags/checkout/experiment?channel=production").await.expect(200)
}

fn users(shown: &Value) -> [u64; 2] {
    [0, 1].map(|at| shown["variants"][at]["users"].as_u64().unwrap())
}

#[tokio::test(start_paused = true)]
async fn what_users_saw_and_did_is_counted_and_told() {
    let world = World::new().await;
    experiment(&world).await;
    assert_eq!(shown(&world).await["sentence"], "nobody was seen with a variant yet");
    let (app, _) = with_roles(&world, json!([{"role": "evaluate", "channels": ["production"]}])).await;

    // Told before what they saw, within one batch.
    let mut events = vec![did("ada-0", "signup")];
    events.extend((0..60).map(|n| saw(&format!("ada-{n}"), if n % 2 == 0 { "old" } else { "new" })));
    events.extend((0..30).map(|n| did(&format!("ada-{n}"), "signup")));
    let mut spent = did("ada-1", "spent");
    spent["value"] = json!(12.5);
    events.extend([spent, saw("ada-2", "new"), did("ada-2", "signup"), did("stranger", "signup")]);
    let took = app.post("/v1/exposures", &json!({"events": events})).await.expect(200);
    assert_eq!(
        took,
        json!({"channel": "production", "counted": 60 + 29 + 1, "repeated": 1, "crossed": 3, "unexposed": 1,
            "refused_count": 0, "refused": []})
    );

    let shown = shown(&world).await;
    assert_eq!((users(&shown), &shown["crossed"], &shown["restarts"]), ([29, 30], &json!(1), &json!(0)));
    assert_eq!((&shown["counting"], &shown["control"]), (&json!(true), &json!("old")));
    let signup = &shown["metrics"][0];
    assert_eq!((&signup["name"], &signup["is_conversion"]), (&json!("signup"), &json!(true)));
    assert_eq!(signup["values"], json!([14.0 / 29.0, 0.5]));
    let comparison = &signup["comparisons"][0];
    assert_eq!((&comparison["variant"], &comparison["decided"]), (&json!("new"), &json!("undecided")));
    assert!(comparison["low"].as_f64().unwrap() < 0.0 && comparison["high"].as_f64().unwrap() > 0.0);
    assert_eq!(shown["metrics"][1]["comparisons"][0]["decided"], "too_few");
    let sentence = shown["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("signup: `new` converts 50.0 % against 48.3 % over 30 and 29 users;"), "{sentence}");

    let path = "/v1/flags/checkout/experiment?channel=production&control=new";
    let turned = world.admin().get(path).await.expect(200);
    assert_eq!(
        (&turned["control"], &turned["metrics"][0]["comparisons"][0]["variant"]),
        (&json!("new"), &json!("old"))
    );
    world.admin().get(&format!("{path}er")).await.refused(400, "TG-6015");
}

#[tokio::test(start_paused = true)]
async fn an_event_with_an_id_counts_once() {
    let world = World::new().await;
    experiment(&world).await;
    let spent = json!({"kind": "metric", "name": "spent", "unit": "ada", "value": 5, "id": "order-7"});
    let other = json!({"kind": "metric", "name": "spent", "unit": "ada", "value": 1});
    let took = tell(&world.admin(), vec![saw("ada", "new"), spent.clone(), spent.clone(), other]).await;
    assert_eq!((&took["counted"], &took["repeated"]), (&json!(3), &json!(1)));
    assert_eq!(tell(&world.admin(), vec![spent]).await["repeated"], 1);
    assert_eq!(shown(&world).await["metrics"][0]["values"][1], 6.0);
}

#[tokio::test(start_paused = true)]
async fn a_bad_event_does_not_take_the_others_with_it() {
    let world = World::new().await;
    experiment(&world).await;
    let with = |mut event: Value, name: &str, value: Value| {
        event[name] = value;
        event
    };
    let other_flag = with(saw("a", "new"), "flag", json!("no_such"));
    let cases = [
        (saw("good", "new"), None),
        (json!(7), Some("TG-8103")),
        (json!({"kind": "exposure", "flag": "checkout"}), Some("TG-8103")),
        (with(saw("a", "new"), "email", json!("a@b")), Some("TG-8103")),
        (saw("", "new"), Some("TG-8103")),
        (saw(&"x".repeat(257), "new"), Some("TG-8103")),
        (with(saw("a", "new"), "id", json!("")), Some("TG-8103")),
        (saw("a", "newer"), Some("TG-8104")),
        (other_flag, Some("TG-8001")),
        (with(saw("a", "new"), "at_ms", json!(BEGIN + 3_600_000)), Some("TG-8107")),
        (with(saw("a", "new"), "at_ms", json!(BEGIN - 3_600_000)), Some("TG-8107")),
        (did("good", "ada@example.com"), Some("TG-8103")),
        (did("good", ""), Some("TG-8103")),
        (with(did("good", "spent"), "value", json!(1e13)), Some("TG-8103")),
        (did("good", "signup"), None),
        (with(did("good", "signup"), "value", json!(1)), Some("TG-8105")),
    ];
    let took = tell(&world.admin(), cases.iter().map(|(event, _)| event.clone()).collect()).await;
    let refused: Vec<(u64, &str)> = took["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["at"].as_u64().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let expected: Vec<(u64, &str)> = (0..).zip(&cases).filter_map(|(at, (_, code))| Some((at, (*code)?))).collect();
    assert_eq!(refused, expected, "{took}");
    assert_eq!((&took["counted"], &took["refused_count"]), (&json!(2), &json!(expected.len())));
    assert!(took["refused"].as_array().unwrap().iter().all(|one| one["detail"].as_str().is_some_and(|d| d.len() > 10)));
}

#[tokio::test(start_paused = true)]
async fn nobody_can_fill_the_memory_with_names() {
    let world = World::new().await;
    experiment(&world).await;
    let mut events = vec![saw("ada", "new")];
    events.extend((0..25).map(|n| did("ada", &format!("metric {n}"))));
    let took = tell(&world.admin(), events).await;
    assert_eq!((&took["counted"], &took["refused_count"]), (&json!(21), &json!(5)));
    assert_eq!(took["refused"][0]["code"], "TG-8106");
    let many: Vec<Value> = (0..5_001).map(|n| json!([n])).collect();
    let batch = json!({"channel": "production", "events": many});
    world.admin().post("/v1/exposures", &batch).await.refused(413, "TG-8102");
    let bad: Vec<Value> = (0..5_000).map(|n| json!([n])).collect();
    let took = tell(&world.admin(), bad).await;
    assert_eq!((&took["refused_count"], took["refused"].as_array().unwrap().len()), (&json!(5_000), 50));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_tells_too_often_is_told_to_wait() {
    let world = World::new().await;
    experiment(&world).await;
    let client = world.admin();
    let batch = json!({"channel": "production", "events": []});
    for _ in 0..20_000 {
        assert_eq!(client.post("/v1/exposures", &batch).await.status, 200);
    }
    let answer = client.post("/v1/exposures", &batch).await;
    answer.refused(429, "TG-8108");
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test(start_paused = true)]
async fn users_that_do_not_fit_the_split_are_told_first() {
    let world = World::new().await;
    experiment(&world).await;
    let events = (0..900).map(|n| saw(&format!("u{n}"), if n % 3 == 0 { "new" } else { "old" })).collect();
    tell(&world.admin(), events).await;
    tell(&world.admin(), vec![did("u0", "signup")]).await;
    let shown = shown(&world).await;
    assert_eq!(shown["ratio"]["mismatch"], true);
    assert!(shown["ratio"]["evidence"].as_f64().unwrap() > 100.0);
    assert!(shown["sentence"].as_str().unwrap().starts_with("Do not trust this: `old` has 66.7 %"), "{shown}");
    assert_eq!(shown["metrics"][0]["comparisons"][0]["decided"], "mistrusted");
}

#[tokio::test(start_paused = true)]
async fn the_journal_gets_sums_once_a_minute_and_nobodys_name() {
    let world = World::new().await;
    experiment(&world).await;
    tell(&world.admin(), vec![saw("ada-lovelace", "new"), did("ada-lovelace", "signup")]).await;
    let samples = async || world.journal.read_samples(STREAM, 0, 100).await.unwrap();
    assert_eq!(samples().await.len(), 0);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(samples().await.len(), 1);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(samples().await.len(), 1, "nothing was counted since");
    tell(&world.admin(), vec![saw("charles", "old")]).await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    let written = samples().await;
    assert_eq!(written.len(), 2);
    let last: Value = serde_json::from_str(&written[1].body).unwrap();
    assert_eq!((&last["users"], &last["metrics"][0]["tally"]["conversion"]), (&json!([1, 1]), &json!([0, 1])));
    let entries = world.admin().get(&format!("/v1/journal?stream={STREAM}")).await;
    let all = format!("{}{}{}", entries.text(), written[0].body, written[1].body);
    assert!(!all.contains("lovelace") && !all.contains("charles"), "{all}");
    assert_eq!(entries.expect(200)["entries"][0]["kind"], "experiment_began");
    assert_eq!(world.admin().get("/v1/journal/verify").await.expect(200)["ok"], true);
}

#[tokio::test(start_paused = true)]
async fn counts_go_on_after_a_restart_and_it_is_said() {
    let world = World::new().await;
    experiment(&world).await;
    for minute in 0..11 {
        tell(&world.admin(), vec![saw(&format!("before-{minute}"), "new")]).await;
        tokio::time::sleep(Duration::from_secs(61)).await;
    }
    let again = server::App::new(world.control.clone(), world.shelf.clone());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let client = Client::new(&server::router(again), Some(world.admin_secret()));
    let path = "/v1/flags/checkout/experiment?channel=production";
    let shown = client.get(path).await.expect(200);
    assert_eq!((users(&shown), &shown["restarts"]), ([0, 11], &json!(0)));
    tell(&client, vec![saw("before-0", "new"), saw("after", "old")]).await;
    let shown = client.get(path).await.expect(200);
    assert_eq!((users(&shown), &shown["restarts"]), ([1, 12], &json!(1)));
    assert!(shown["sentence"].as_str().unwrap().contains("forgot its users once"), "{shown}");

    // The one before was not told that it was replaced; it finds out and drops what it alone has.
    tokio::time::sleep(Duration::from_secs(61)).await;
    tell(&world.admin(), vec![saw("late", "old")]).await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    let first = world.admin().get(path).await.expect(200);
    assert_eq!(users(&first), [1, 12]);
}

#[tokio::test(start_paused = true)]
async fn another_split_is_another_experiment() {
    let world = World::new().await;
    experiment(&world).await;
    tell(&world.admin(), vec![saw("ada", "new")]).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    split(&world, 20_000, 3).await;
    let waiting = shown(&world).await;
    assert_eq!((users(&waiting), &waiting["counting"]), ([0, 1], &json!(false)));
    let mut early = saw("early", "new");
    early["at_ms"] = json!(BEGIN + 1_000);
    let took = tell(&world.admin(), vec![saw("ada", "old"), early]).await;
    assert_eq!(took["refused"][0]["code"], "TG-8107", "{took}");
    let shown = shown(&world).await;
    assert_eq!((users(&shown), &shown["counting"]), ([1, 0], &json!(true)));
    assert_eq!(shown["variants"][1]["weight_percent"], 20.0);
    // What was counted before is kept.
    let samples = world.journal.read_samples(STREAM, 0, 10).await.unwrap();
    assert!(samples[0].body.starts_with("{\"users\":[0,1]"), "{samples:?}");

    turn(&world.admin(), "checkout", "off").await;
    let took = tell(&world.admin(), vec![saw("bob", "old"), did("ada", "signup")]).await;
    assert_eq!((&took["refused"][0]["code"], &took["counted"]), (&json!("TG-8101"), &json!(1)));
    let stopped = self::shown(&world).await;
    assert_eq!((&stopped["counting"], &stopped["why_not"]), (&json!(false), &json!("it is off in this channel")));
}

#[tokio::test(start_paused = true)]
async fn who_may_tell_and_who_may_look() {
    let world = World::new().await;
    experiment(&world).await;
    let batch = json!({"channel": "production", "events": [saw("ada", "new")]});
    let (evaluates, _) = with_roles(&world, json!([{"role": "evaluate", "channels": ["production"]}])).await;
    let path = "/v1/flags/checkout/experiment?channel=production";
    evaluates.get(path).await.refused(404, "TG-8001");
    evaluates.post("/v1/exposures", &batch).await.expect(200);
    let (elsewhere, _) = with_roles(&world, json!([{"role": "sync", "channels": ["staging"]}])).await;
    elsewhere.post("/v1/exposures", &batch).await.refused(403, "TG-8007");
    let (looks, _) = with_roles(&world, json!([{"role": "viewer", "channels": ["staging"]}])).await;
    looks.get(path).await.refused(403, "TG-8007");
    looks.post("/v1/exposures", &batch).await.refused(403, "TG-8007");
    let (both, _) = with_roles(&world, json!([{"role": "sync"}])).await;
    both.post("/v1/exposures", &json!({"events": []})).await.refused(400, "TG-8111");
    let (releases, _) = with_roles(&world, json!([{"role": "evaluate", "kinds": ["release"]}])).await;
    releases.post("/v1/exposures", &batch).await.refused(403, "TG-8007");
    world.admin().get("/v1/flags/checkout/experiment?channel=moon").await.refused(422, "TG-8006");
    world.admin().get("/v1/flags/checkout/experiment?channel=staging").await.refused(409, "TG-8101");
}

fn record(name: &str, attributes: &[(&str, &str)]) -> Value {
    let attributes: Vec<Value> =
        attributes.iter().map(|(key, text)| json!({"key": key, "value": {"stringValue": text}})).collect();
    json!({"timeUnixNano": ((BEGIN + 1_000) * 1_000_000).to_string(), "eventName": name, "attributes": attributes,
        "severityNumber": 9, "traceId": "5b8efff798038103d269b633813fc60c"})
}

#[tokio::test(start_paused = true)]
async fn opentelemetry_tells_of_exposures() {
    let world = World::new().await;
    experiment(&world).await;
    crate::flags::create(&world.admin(), "plain", "release").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let evaluated = |flag: &str, variant: &str, unit: &str| {
        record(
            "feature_flag.evaluation",
            &[
                ("feature_flag.key", flag),
                ("feature_flag.result.variant", variant),
                ("feature_flag.context.id", unit),
                ("feature_flag.provider.name", "tidegate"),
            ],
        )
    };
    let logs = |records: Vec<Value>| json!({"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": records}]}]});
    let path = "/v1/logs?channel=production";
    let good = logs(vec![evaluated("checkout", "new", "ada"), evaluated("checkout", "old", "bob")]);
    assert_eq!(world.admin().post(path, &good).await.expect(200), json!({}));
    assert_eq!(users(&shown(&world).await), [1, 1]);

    let mixed = logs(vec![
        evaluated("plain", "on", "ada"),
        record("http.request", &[]),
        record("feature_flag.evaluation", &[("feature_flag.key", "checkout")]),
        evaluated("checkout", "new", "eve"),
    ]);
    let partial = world.admin().post(path, &mixed).await.expect(200)["partialSuccess"].clone();
    assert_eq!(partial["rejectedLogRecords"], "2");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("2 refused, 1 of flags that are no experiment; the first, record 0: TG-8101"),
        "{message}"
    );
    assert_eq!(users(&shown(&world).await), [1, 2]);

    let admin = world.admin();
    let protobuf = admin.send("POST", path, Some("application/x-protobuf"), Bytes::from_static(b"\x0a\x00"));
    protobuf.await.whole().await.refused(415, "TG-8109");
    let gzip = world.admin().with("content-encoding", "gzip");
    gzip.send("POST", path, Some("application/json"), Bytes::from_static(b"\x1f\x8b"))
        .await
        .whole()
        .await
        .refused(415, "TG-8109");
    world.admin().post("/v1/logs", &good).await.refused(400, "TG-8111");
    assert_eq!(world.admin().post(path, &json!({})).await.expect(200), json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_written_loses_nothing_that_was_taken() {
    let world = World::new().await;
    experiment(&world).await;
    world.journal.stop_writing(Some(UnavailableKind::DiskFull));
    let batch = json!({"channel": "production", "events": [saw("ada", "new")]});
    assert_eq!(world.admin().post("/v1/exposures", &batch).await.status, 503);
    world.journal.stop_writing(None);
    assert_eq!(tell(&world.admin(), vec![saw("ada", "new")]).await["counted"], 1);
    world.journal.stop_writing(Some(UnavailableKind::DiskFull));
    assert_eq!(tell(&world.admin(), vec![saw("bob", "new")]).await["counted"], 1);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(users(&shown(&world).await), [0, 2]);
    world.journal.stop_writing(None);
    tokio::time::sleep(Duration::from_secs(61)).await;
    let samples = world.journal.read_samples(STREAM, 0, 10).await.unwrap();
    assert_eq!(samples.len(), 1);
    assert!(samples[0].body.starts_with("{\"users\":[0,2]"), "{samples:?}");
}
