//! Releases: opened, looked at, commanded.

use crate::world::{BEGIN, World};
use serde_json::json;
use server::dto::{Release, ReleaseList};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_release_is_opened_shown_and_listed() {
    let world = World::new().await;
    let ask = json!({"service": "shop", "channel": "production", "type": "feature", "version": "2.0.0",
        "digest": "sha256:abc", "note": " the new basket\n"});
    let answer = world.admin().with("x-tidegate-actor", "Jürgen").post("/v1/releases", &ask).await;
    assert_eq!(answer.headers["location"], "/v1/releases/r1");
    let opened: Release = serde_json::from_value(answer.expect(201)).unwrap();
    assert_eq!(opened.opened_by, "Jürgen via token:bootstrap");
    assert_eq!(opened.note.as_deref(), Some("the new basket"));
    assert_eq!((opened.live.as_deref(), opened.artifact.as_str()), (Some("1.0.0"), "sha256:abc"));
    assert!(opened.opened_at_ms >= BEGIN);

    let mut changes = world.control.watch("r1".parse().unwrap()).unwrap();
    changes.wait_for(|live| live.state.stage_word() == "ramping").await.unwrap();
    let shown: Release = serde_json::from_value(world.admin().get("/v1/releases/r1").await.expect(200)).unwrap();
    let shares: Vec<f64> = shown.plan.phases.iter().map(|phase| phase.share_percent).collect();
    assert_eq!(shares, [5.0, 25.0, 50.0, 100.0]);
    assert_eq!(json!(shown.plan.phases[0].state), "now");
    assert_eq!(shown.clock.unwrap().soak_for_ms, 30 * 60_000);
    assert_eq!(shown.shares.requested_percent, 5.0);
    assert_eq!(shown.exit_code_hint, 4);

    let list: ReleaseList = serde_json::from_value(world.admin().get("/v1/releases").await.expect(200)).unwrap();
    assert_eq!(list.releases.len(), 1);
    assert_eq!(list.releases[0].id, "r1");
    assert_eq!(list.next_before, None);
    let none = world.admin().get("/v1/releases?over=true").await.expect(200);
    assert_eq!(none["releases"], json!([]));
    let none = world.admin().get("/v1/releases?service=blog").await.expect(200);
    assert_eq!(none["releases"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn lists_are_paged_from_the_newest() {
    let world = World::new().await;
    for n in 1..=3 {
        let ask = json!({"service": "shop", "channel": "production", "type": "feature", "version": format!("2.0.{n}")});
        world.admin().post("/v1/releases", &ask).await.expect(201);
        let mut changes = world.control.watch(format!("r{n}").parse().unwrap()).unwrap();
        changes.wait_for(|live| live.state.stage_word() == "ramping").await.unwrap();
        let abort = world.admin().post(&format!("/v1/releases/r{n}/abort"), &json!({"reason": "enough"})).await;
        abort.expect(200);
        changes.wait_for(|live| live.state.is_over()).await.unwrap();
    }
    let page = world.admin().get("/v1/releases?limit=2").await.expect(200);
    assert_eq!((&page["releases"][0]["id"], &page["releases"][1]["id"]), (&json!("r3"), &json!("r2")));
    assert_eq!(page["next_before"], "r2");
    assert_eq!(page["releases"][0]["exit_code_hint"], 6);
    let rest = world.admin().get("/v1/releases?limit=2&before=r2").await.expect(200);
    assert_eq!((&rest["releases"][0]["id"], &rest["next_before"]), (&json!("r1"), &json!(null)));
}

#[tokio::test(start_paused = true)]
async fn two_releases_of_one_service_are_one_too_many() {
    let world = World::new().await;
    let id = world.open().await;
    let ask = json!({"service": "shop", "channel": "production", "type": "feature", "version": "3.0.0"});
    let problem = world.admin().post("/v1/releases", &ask).await.refused(409, "TG-2102");
    assert!(problem.detail.contains(&id) && problem.hint.contains("--supersede"), "{problem:?}");
    let elsewhere = json!({"service": "shop", "channel": "staging", "type": "feature", "version": "3.0.0"});
    world.admin().post("/v1/releases", &elsewhere).await.expect(201);
    let ask =
        json!({"service": "shop", "channel": "production", "type": "feature", "version": "3.0.0", "supersede": true});
    let newer = world.admin().post("/v1/releases", &ask).await.expect(201);
    assert_eq!(newer["waits_for"], id);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let older = world.admin().get(&format!("/v1/releases/{id}")).await.expect(200);
    assert_eq!((&older["stage"], &older["exit_code_hint"]), (&json!("superseded"), &json!(6)));
}

#[tokio::test(start_paused = true)]
async fn commands_are_obeyed_or_refused_with_what_would_be_accepted() {
    let world = World::new().await;
    let id = world.ramping().await;
    let at = |verb: &str| format!("/v1/releases/{id}/{verb}");
    let why = json!({"reason": "it is Friday"});

    let paused = world.admin().post(&at("pause"), &why).await.expect(200);
    assert_eq!((&paused["stage"], &paused["paused"]), (&json!("paused"), &json!("it is Friday")));
    assert_eq!(paused["waits_for_person"], true);
    let problem = world.admin().post(&at("pause"), &why).await.refused(409, "TG-2002");
    assert!(problem.hint.contains("resume"), "{problem:?}");
    let resumed = world.admin().send("POST", &at("resume"), None, "".into()).await.whole().await.expect(200);
    assert_eq!(resumed["stage"], "ramping");
    world.admin().post(&at("pause"), &why).await.expect(200);
    world.admin().post(&at("resume"), &json!({})).await.expect(200);
    world.admin().post(&at("resume"), &why).await.refused(400, "TG-6013");
    let form = world.admin().send("POST", &at("resume"), Some("text/plain"), "{}".into()).await.whole().await;
    form.refused(415, "TG-6014");

    let advanced = world.admin().post(&at("advance"), &why).await.expect(200);
    assert_eq!(advanced["phase_index"], 1);
    // Said again by somebody who saw the phase before, it moves nobody.
    for phase in [json!(0), json!(u64::MAX)] {
        let again = json!({"reason": "it is Friday", "phase": phase});
        let problem = world.admin().post(&at("advance"), &again).await.refused(409, "TG-2005");
        assert!(problem.detail.ends_with("the release is in phase 2"), "{problem:?}");
    }
    for text in ["", "   "] {
        world.admin().post(&at("advance"), &json!({"reason": text})).await.refused(422, "TG-2003");
    }
    let back = world.admin().post(&at("rollback"), &json!({"reason": "the basket is empty"})).await.expect(200);
    assert_eq!((&back["rollback"]["why"], &back["rollback"]["quarantined"]), (&json!("person"), &json!(true)));
    tokio::time::sleep(Duration::from_secs(60)).await;
    let over: Release =
        serde_json::from_value(world.admin().get(&format!("/v1/releases/{id}")).await.expect(200)).unwrap();
    assert_eq!(over.exit_code_hint, 3);
    // The state forgot the phase; the journal did not.
    assert_eq!(over.phase_index, Some(1));
    let states: Vec<_> = over.plan.phases.iter().map(|phase| json!(phase.state)).collect();
    assert_eq!(states, ["done", "now", "ahead", "ahead"]);
    let steps = over.rollback.unwrap().steps;
    assert!(steps.len() == 6 && steps.iter().all(|step| json!(step.state) == "done" && step.took_ms.is_some()));
    world.admin().post(&at("abort"), &why).await.refused(409, "TG-2001");

    let again = json!({"service": "shop", "channel": "production", "type": "feature", "version": "2.0.0"});
    let problem = world.admin().post("/v1/releases", &again).await.refused(409, "TG-2103");
    assert!(problem.detail.contains("the basket is empty"), "{problem:?}");
    let lifted = json!({"service": "shop", "channel": "production", "type": "feature", "version": "2.0.0",
        "lift_quarantine": "it was the database"});
    world.admin().post("/v1/releases", &lifted).await.expect(201);
}

/// There is nobody to compare with and nothing to go back to.
#[tokio::test(start_paused = true)]
async fn a_first_release_becomes_what_users_have() {
    let world = World::new().await;
    let ask = json!({"service": "blog", "channel": "production", "type": "feature", "version": "1.0.0"});
    world.admin().post("/v1/releases", &ask).await.expect(201);
    let mut changes = world.control.watch("r1".parse().unwrap()).unwrap();
    changes.wait_for(|live| live.state.is_over()).await.unwrap();
    let over: Release = serde_json::from_value(world.admin().get("/v1/releases/r1").await.expect(200)).unwrap();
    assert_eq!((json!(over.stage), over.exit_code_hint, over.live), (json!("completed"), 0, None));
    assert!(over.plan.phases.iter().all(|phase| json!(phase.state) == "done"));
    let services = world.admin().get("/v1/services").await.expect(200);
    let all = services["services"].as_array().unwrap();
    let blog = all.iter().find(|s| s["service"] == "blog" && s["channel"] == "production").unwrap();
    assert_eq!((&blog["live"]["version"], &blog["live"]["release"]), (&json!("1.0.0"), &json!("r1")));
    assert_eq!(blog["under_way"], json!(null));
}

#[tokio::test(start_paused = true)]
async fn alarms_take_users_back_and_name_who_raised_them() {
    let world = World::new().await;
    let id = world.ramping().await;
    let alarm = json!({"kind": "integrity", "detail": "orders without lines"});
    let release = world.admin().post(&format!("/v1/releases/{id}/alarms"), &alarm).await.expect(200);
    assert_eq!(release["rollback"]["why"], "integrity");
    let cause = release["rollback"]["cause"].as_str().unwrap();
    assert!(cause.contains("orders without lines") && cause.contains("token:bootstrap"), "{cause}");
    let unknown = json!({"kind": "rumour", "detail": "x"});
    world.admin().post(&format!("/v1/releases/{id}/alarms"), &unknown).await.refused(400, "TG-6013");
    let silent = json!({"kind": "critical_report", "detail": " "});
    world.admin().post(&format!("/v1/releases/{id}/alarms"), &silent).await.refused(422, "TG-6017");
}

#[tokio::test(start_paused = true)]
async fn what_the_policy_does_not_cover_is_told_with_its_problems() {
    let world = World::new().await;
    let ask = |service: &str, channel: &str, kind: &str, version: &str| json!({"service": service, "channel": channel, "type": kind, "version": version});
    for wrong in [
        ask("shpo", "production", "feature", "2"),
        ask("shop", "prod", "feature", "2"),
        ask("shop", "production", "x", "2"),
    ] {
        let problem = world.admin().post("/v1/releases", &wrong).await.refused(422, "TG-1040");
        assert_eq!(problem.problems.len(), 1, "{problem:?}");
    }
    world.admin().post("/v1/releases", &ask("shop", "production", "feature", "../x")).await.refused(422, "TG-2109");
    world.admin().post("/v1/releases", &ask("shop", "production", "feature", "1.0.0")).await.refused(409, "TG-2104");
    let digest = json!({"service": "shop", "channel": "production", "type": "feature", "version": "2", "digest": ""});
    world.admin().post("/v1/releases", &digest).await.refused(422, "TG-6017");

    *world.shelf.0.lock().unwrap() = "extends: standard\nservices: {shop: {target: nowhere}}\nfoo: 1\n".into();
    let wrong = world.admin().post("/v1/releases", &ask("shop", "production", "feature", "2")).await;
    let problem = wrong.refused(422, "TG-6021");
    assert!(problem.problems.len() > 1, "{problem:?}");
    assert!(problem.problems.iter().any(|p| p.line == Some(3) && p.file.as_deref() == Some("tidegate.yaml")));

    *world.shelf.0.lock().unwrap() = String::new();
    let missing = world.admin().post("/v1/releases", &ask("shop", "production", "feature", "2")).await;
    missing.refused(503, "TG-6020");
    let services = world.admin().get("/v1/services").await.expect(200);
    assert_eq!(services["policy"]["problem"]["code"], "TG-6020");
}

#[tokio::test(start_paused = true)]
async fn services_and_status_say_what_is_where() {
    let world = World::new().await;
    let id = world.open().await;
    let services = world.admin().get("/v1/services").await.expect(200);
    let all = services["services"].as_array().unwrap();
    let shop = all.iter().find(|s| s["service"] == "shop" && s["channel"] == "production").unwrap();
    assert_eq!((&shop["under_way"], &shop["in_policy"]), (&json!(id), &json!(true)));
    assert!(services["policy"]["types"].as_array().unwrap().contains(&json!("hotfix")));
    assert_eq!(services["policy"]["digest"].as_str().unwrap().len(), 64);
    let status = world.admin().get("/v1/status").await.expect(200);
    assert_eq!((&status["leadership"]["state"], &status["under_way"][0]["id"]), (&json!("leads"), &json!(id)));
    assert!(status["journal"]["position"].as_u64() >= Some(2));
}
