//! Flags as those who manage them meet them: who may what, what the journal keeps, and that nobody overwrites anybody.

use crate::ask::Client;
use crate::world::{BEGIN, World};
use serde_json::{Value, json};
use std::time::Duration;

/// A boolean flag that is off everywhere.
pub(crate) fn flag(key: &str, kind: &str) -> Value {
    json!({
        "key": key, "kind": kind, "value_type": "boolean", "owner": "ada",
        "variants": [{"name": "on", "value": true}, {"name": "off", "value": false}], "off": "off",
    })
}

pub(crate) async fn create(client: &Client, key: &str, kind: &str) {
    let ask = json!({"flag": flag(key, kind), "reason": "new code"});
    client.post("/v1/flags", &ask).await.expect(201);
}

pub(crate) async fn turn(client: &Client, key: &str, to: &str) -> Value {
    let ask = json!({"channel": "production", "reason": "let us see"});
    client.post(&format!("/v1/flags/{key}/{to}"), &ask).await.expect(200)
}

/// A client with these roles for flags and no scope.
pub(crate) async fn with_roles(world: &World, roles: Value) -> (Client, String) {
    let ask = json!({"name": "someone", "flags": roles});
    let issued = world.admin().post("/v1/tokens", &ask).await.expect(201);
    let id = issued["token"]["id"].as_str().unwrap().to_string();
    (world.holder_of(issued["secret"].as_str().unwrap()), id)
}

#[tokio::test(start_paused = true)]
async fn a_flag_is_created_turned_on_and_remembered() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    let changed = turn(&admin, "new_ui", "on").await;
    assert_eq!((&changed["done"], &changed["after"]["revision"]), (&json!(true), &json!(2)));
    assert_eq!(changed["differences"][0]["path"], "/flag/channels/production");
    assert_eq!(turn(&admin, "new_ui", "off").await["differences"][0]["path"], "/flag/channels/production/on");

    let history = admin.get("/v1/flags/new_ui/history").await.expect(200);
    let whats: Vec<&Value> = history["changes"].as_array().unwrap().iter().map(|change| &change["what"]).collect();
    assert_eq!(whats, ["disabled", "enabled", "created"]);
    assert_eq!(
        (&history["changes"][1]["actor"], &history["changes"][1]["reason"]),
        (&json!("token:bootstrap"), &json!("let us see"))
    );

    let entries = admin.get("/v1/journal?stream=flag/new_ui").await.expect(200);
    assert_eq!(entries["entries"][1]["kind"], "flag_enabled");
    assert_eq!(entries["entries"][1]["body"]["before"]["flag"]["channels"], json!({}));
    assert_eq!(entries["entries"][1]["body"]["after"]["flag"]["channels"]["production"]["on"], true);
    admin
        .post("/v1/flags", &json!({"flag": flag("new_ui", "release"), "reason": "again"}))
        .await
        .refused(409, "TG-8003");
    let ask = json!({"channel": "production", "reason": "again"});
    assert!(admin.post("/v1/flags/new_ui/off", &ask).await.refused(409, "TG-8003").detail.contains("is so already"));
}

#[tokio::test(start_paused = true)]
async fn two_who_change_the_same_flag_do_not_overwrite_each_other() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    let mut mine = flag("new_ui", "release");
    mine["description"] = "mine".into();
    let put = |description: &str| {
        let mut flag = flag("new_ui", "release");
        flag["description"] = description.into();
        json!({"flag": flag, "reason": "words", "revision": 1})
    };
    admin.put("/v1/flags/new_ui", &put("mine")).await.expect(200);
    let problem = admin.put("/v1/flags/new_ui", &put("yours")).await.refused(409, "TG-8004");
    assert!(problem.detail.contains("revision 2") && problem.detail.contains("token:bootstrap"), "{}", problem.detail);
    assert_eq!(admin.get("/v1/flags/new_ui").await.expect(200)["flag"]["description"], "mine");
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    let decision = json!({"rules": {"rules": [], "otherwise": {"split": {"weights": [
        {"variant": "on", "weight": 25_000}, {"variant": "off", "weight": 75_000}]}}}});
    let ask = json!({"decision": decision, "reason": "a quarter"});
    let would = admin.put("/v1/flags/new_ui/channels/production?dry_run=true", &ask).await.expect(200);
    assert_eq!(
        (&would["done"], &would["differences"][0]["path"]),
        (&json!(false), &json!("/flag/channels/production"))
    );
    assert_eq!(admin.get("/v1/flags/new_ui").await.expect(200)["revision"], 1);
    admin.put("/v1/flags/new_ui/channels/production", &ask).await.expect(200);
    assert_eq!(admin.get("/v1/flags/new_ui").await.expect(200)["revision"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_refused_with_its_place_and_nothing_is_lost() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    let decision = json!({"rules": {"rules": [{"name": "friends", "when": {"segment": {"name": "friends"}},
        "serve": {"variant": "of"}}], "otherwise": {"variant": "on"}}});
    let ask = json!({"decision": decision, "reason": "friends first"});
    let problem = admin.put("/v1/flags/new_ui/channels/production", &ask).await.refused(422, "TG-8005");
    let places: Vec<&str> = problem.problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(places, ["/flags/new_ui/channels/production/decision/rules/rules/0/serve/variant"]);
    assert_eq!(admin.get("/v1/flags/new_ui").await.expect(200)["revision"], 1);

    let ask = json!({"channel": "prod", "reason": "typo"});
    assert!(admin.post("/v1/flags/new_ui/on", &ask).await.refused(422, "TG-8006").hint.contains("production"));
    admin.post("/v1/flags/nobody/on", &ask).await.refused(404, "TG-8001");
    admin.post("/v1/flags/new_ui/on", &json!({"channel": "production", "reason": " "})).await.refused(422, "TG-6017");
}

#[tokio::test(start_paused = true)]
async fn the_newest_change_can_be_taken_back_and_taken_back_again() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    turn(&admin, "new_ui", "on").await;
    let undo = json!({"reason": "too early"});
    let undone = admin.post("/v1/flags/new_ui/undo", &undo).await.expect(200);
    assert_eq!(undone["after"]["flag"]["channels"], json!({}));
    let redone = admin.post("/v1/flags/new_ui/undo", &undo).await.expect(200);
    assert_eq!(redone["after"]["flag"]["channels"]["production"]["on"], true);
    admin.post("/v1/flags/new_ui/undo", &json!({"of": 2, "reason": "x"})).await.refused(409, "TG-8008");
    let history = admin.get("/v1/flags/new_ui/history").await.expect(200);
    assert_eq!((&history["changes"][0]["what"], &history["changes"][0]["undoes"]), (&json!("undone"), &json!(3)));
}

#[tokio::test(start_paused = true)]
async fn what_was_planned_happens_at_its_time_and_not_before() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    let step = json!({"turn": {"channel": "production", "on": true}});
    let ask = json!({"at_ms": BEGIN + 60_000, "step": step, "reason": "at nine"});
    let planned = admin.post("/v1/flags/new_ui/schedule", &ask).await.expect(200);
    assert_eq!(planned["after"]["schedule"][0]["id"], 1);
    let ask =
        json!({"at_ms": BEGIN + 90_000, "step": {"turn": {"channel": "production", "on": false}}, "reason": "at ten"});
    admin.post("/v1/flags/new_ui/schedule", &ask).await.expect(200);
    tokio::time::sleep(Duration::from_secs(50)).await;
    assert_eq!(admin.get("/v1/flags/new_ui").await.expect(200)["flag"]["channels"], json!({}));
    tokio::time::sleep(Duration::from_secs(15)).await;
    let now = admin.get("/v1/flags/new_ui").await.expect(200);
    assert_eq!(
        (&now["flag"]["channels"]["production"]["on"], now["schedule"].as_array().unwrap().len()),
        (&json!(true), 1)
    );
    assert_eq!(now["changed_by"], "tidegate, planned by token:bootstrap");
    let why = json!({"reason": "stays on"}).to_string();
    let gone = admin.send("DELETE", "/v1/flags/new_ui/schedule/2", Some("application/json"), why.into()).await;
    gone.whole().await.expect(200);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(admin.get("/v1/flags/new_ui").await.expect(200)["flag"]["channels"]["production"]["on"], true);
    let past = json!({"at_ms": BEGIN, "step": step, "reason": "late"});
    admin.post("/v1/flags/new_ui/schedule", &past).await.refused(422, "TG-8003");
}

#[tokio::test(start_paused = true)]
async fn roles_hold_for_their_channels_and_kinds_and_for_nothing_else() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    create(&admin, "search", "kill_switch").await;
    turn(&admin, "search", "on").await;
    let production = json!({"channel": "production", "reason": "x"});
    let staging = json!({"channel": "staging", "reason": "x"});

    let (operator, _) = with_roles(&world, json!([{"role": "operator"}])).await;
    operator.post("/v1/flags/search/off", &production).await.refused(403, "TG-8007");
    operator.post("/v1/flags/new_ui/kill", &production).await.refused(409, "TG-8003");
    let killed = operator.post("/v1/flags/search/kill", &json!({"channel": "production"})).await.expect(200);
    assert_eq!(
        (&killed["after"]["flag"]["channels"]["production"]["on"], &killed["reach"]["clients"]),
        (&json!(false), &json!(0))
    );
    operator.post("/v1/flags/search/on", &production).await.refused(403, "TG-8007");

    let (editor, _) =
        with_roles(&world, json!([{"role": "editor", "channels": ["staging"], "kinds": ["release"]}])).await;
    editor.post("/v1/flags/new_ui/on", &staging).await.expect(200);
    editor.post("/v1/flags/new_ui/on", &production).await.refused(403, "TG-8007");
    editor.post("/v1/flags/search/on", &staging).await.refused(404, "TG-8001");
    assert_eq!(editor.get("/v1/flags").await.expect(200)["flags"].as_array().unwrap().len(), 1);

    // Another off variant would be seen where it is on.
    turn(&admin, "new_ui", "on").await;
    let mut changed = admin.get("/v1/flags/new_ui").await.expect(200);
    changed["flag"]["variants"][0]["value"] = false.into();
    let ask = json!({"flag": changed["flag"], "reason": "x", "revision": changed["revision"]});
    editor.put("/v1/flags/new_ui", &ask).await.refused(403, "TG-8007");

    let (viewer, _) = with_roles(&world, json!([{"role": "viewer"}])).await;
    viewer.get("/v1/flags/search").await.expect(200);
    viewer.post("/v1/flags/search/on", &production).await.refused(403, "TG-8007");
    let (evaluator, _) = with_roles(&world, json!([{"role": "evaluate"}])).await;
    assert_eq!(evaluator.get("/v1/flags").await.expect(200)["flags"], json!([]));
    evaluator.get("/v1/status").await.refused(403, "TG-6005");
    world.nobody().get("/v1/flags").await.refused(401, "TG-6001");
}

#[tokio::test(start_paused = true)]
async fn a_flag_that_is_put_away_is_served_nowhere_and_its_key_stays_taken() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    turn(&admin, "new_ui", "on").await;
    admin.post("/v1/flags/new_ui/archive", &json!({"reason": "done"})).await.expect(200);
    assert_eq!(admin.get("/v1/flags").await.expect(200)["flags"], json!([]));
    assert_eq!(admin.get("/v1/channels/production/flagd").await.expect(200)["flags"], json!({}));
    admin.post("/v1/flags/new_ui/on", &json!({"channel": "production", "reason": "x"})).await.refused(409, "TG-8003");
    admin.post("/v1/flags", &json!({"flag": flag("new_ui", "release"), "reason": "x"})).await.refused(409, "TG-8003");
    let back = admin.post("/v1/flags/new_ui/restore", &json!({"reason": "not done"})).await.expect(200);
    assert_eq!(back["after"]["flag"]["channels"]["production"]["on"], false);
}

#[tokio::test(start_paused = true)]
async fn segments_change_all_flags_that_use_them_and_stay_while_they_are_used() {
    let world = World::new().await;
    let admin = world.admin();
    create(&admin, "new_ui", "release").await;
    let segment = json!({"name": "friends", "when": {"is": {"attribute": "team", "one_of": ["core"]}}});
    let put = json!({"segment": segment, "reason": "who they are", "revision": 0});
    assert_eq!(admin.put("/v1/segments/friends", &put).await.expect(200)["revision"], 1);
    admin.put("/v1/segments/friends", &put).await.refused(409, "TG-8004");
    let decision = json!({"rules": {"rules": [{"name": "friends", "when": {"segment": {"name": "friends"}},
        "serve": {"variant": "on"}}], "otherwise": {"variant": "off"}}});
    let ask = json!({"decision": decision, "reason": "friends first"});
    admin.put("/v1/flags/new_ui/channels/production", &ask).await.expect(200);
    turn(&admin, "new_ui", "on").await;
    let why = json!({"reason": "away"}).to_string();
    let path = "/v1/segments/friends?revision=1";
    let gone = admin.send("DELETE", path, Some("application/json"), why.into()).await.whole().await;
    gone.refused(422, "TG-8005");
    let explain = json!({"channel": "production", "context": {"targetingKey": "ada", "team": "core"}});
    let why = admin.post("/v1/flags/new_ui/explain", &explain).await.expect(200);
    assert!(why.to_string().contains("friends"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn flagds_json_is_taken_in_and_given_out() {
    let world = World::new().await;
    let admin = world.admin();
    let document = json!({"flags": {
        "color": {"state": "ENABLED", "variants": {"red": "r", "blue": "b"}, "defaultVariant": "red",
            "targeting": {"if": [{"==": [{"var": "beta"}, true]}, "blue", "red"]}},
        "gone": {"state": "DISABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"}}});
    let ask = json!({"channel": "production", "document": document, "reason": "from flagd", "owner": "ada"});
    let told = admin.post("/v1/flags/import", &ask).await.expect(200);
    assert_eq!(told, json!({"created": ["color", "gone"], "changed": [], "same": []}));
    assert_eq!(admin.post("/v1/flags/import", &ask).await.expect(200)["same"], json!(["color", "gone"]));
    let out = admin.get("/v1/channels/production/flagd").await.expect(200);
    assert_eq!(out["flags"]["color"]["targeting"], document["flags"]["color"]["targeting"]);
    assert_eq!(out["flags"]["gone"]["state"], "DISABLED");
    let bad = json!({"channel": "production", "reason": "x", "document": {"flags": {
        "fine": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"},
        "bad": {"state": "MAYBE", "variants": {"on": true}, "defaultVariant": "on"}}}});
    let problem = admin.post("/v1/flags/import", &bad).await.refused(422, "TG-8005");
    assert_eq!(problem.problems[0].path, "/flags/bad/state");
    admin.get("/v1/flags/fine").await.refused(404, "TG-8001");
}

#[tokio::test(start_paused = true)]
async fn the_manifest_declares_flags_from_code() {
    let world = World::new().await;
    let admin = world.admin();
    let declared = json!({"key": "new_ui", "type": "boolean", "description": "The new page", "defaultValue": false});
    admin.post("/openfeature/v0/manifest/flags", &declared).await.expect(201);
    let manifest = admin.get("/openfeature/v0/manifest").await;
    assert_eq!(manifest.headers["x-manifest-capabilities"], "read,write,delete");
    assert_eq!(manifest.expect(200)["flags"], json!([declared]));
    let other = json!({"type": "string"});
    admin.put("/openfeature/v0/manifest/flags/new_ui", &other).await.refused(409, "TG-8003");
    admin.put("/openfeature/v0/manifest/flags/new_ui", &json!({"description": "It"})).await.expect(200);
    admin.delete("/openfeature/v0/manifest/flags/new_ui").await.expect(200);
    assert_eq!(admin.get("/openfeature/v0/manifest").await.expect(200)["flags"], json!([]));
}
