//! Live streams: first what is, then what changes; nothing twice and nothing missed.

use crate::ask::Events;
use crate::world::World;
use serde_json::json;
use server::dto::Release;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_release_is_shown_at_once_and_after_each_change() {
    let world = World::new().await;
    let id = world.ramping().await;
    let mut events = Events::of(&world.admin(), &format!("/v1/releases/{id}/live")).await;
    let first = events.next().await.unwrap();
    assert_eq!(first.name, "release");
    let first: Release = serde_json::from_value(first.json()).unwrap();
    assert_eq!(json!(first.stage), "ramping");
    world.admin().post(&format!("/v1/releases/{id}/pause"), &json!({"reason": "lunch"})).await.expect(200);
    loop {
        let release = events.next().await.unwrap().json();
        if release["stage"] == "paused" && release["unwritten"] == 0 {
            assert_eq!(release["paused"], "lunch");
            break;
        }
    }
    world.admin().get("/v1/releases/r9/live").await.refused(404, "TG-2105");
}

#[tokio::test(start_paused = true)]
async fn the_journal_goes_on_where_a_client_left_it() {
    let world = World::new().await;
    let id = world.ramping().await;
    let mut events = Events::of(&world.admin(), "/v1/journal/events?after=0").await;
    let first = events.next().await.unwrap();
    assert_eq!((first.name.as_str(), first.id.as_deref()), ("entry", Some("1")));
    assert_eq!((&first.json()["stream"], &first.json()["kind"]), (&json!("tokens"), &json!("token_issued")));
    let second = events.next().await.unwrap();
    assert_eq!(second.id.as_deref(), Some("2"));
    drop(events);

    // `Last-Event-ID` goes before `after`, since a browser repeats the address as it was.
    let back = world.admin().with("last-event-id", "2");
    let mut events = Events::of(&back, "/v1/journal/events?after=0").await;
    assert_eq!(events.next().await.unwrap().id.as_deref(), Some("3"));

    // Without a place only what comes from now on.
    let mut fresh = Events::of(&world.admin(), "/v1/journal/events").await;
    world.admin().post(&format!("/v1/releases/{id}/pause"), &json!({"reason": "lunch"})).await.expect(200);
    assert_eq!(fresh.next().await.unwrap().json()["kind"], "paused");
    for id in ["x", "-1", ""] {
        let answer = world.admin().with("last-event-id", id).get("/v1/journal/events").await;
        answer.refused(400, "TG-6015");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_is_alive() {
    let world = World::new().await;
    let mut events = Events::of(&world.admin(), "/v1/journal/events").await;
    let begin = tokio::time::Instant::now();
    assert_eq!(events.block().await.unwrap(), ": alive");
    assert_eq!(begin.elapsed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_does_not_read_delays_nobody() {
    let world = World::new().await;
    let id = world.ramping().await;
    let _sleeper = Events::of(&world.admin(), "/v1/journal/events?after=0").await;
    let mut slow = Events::of(&world.admin(), &format!("/v1/releases/{id}/live")).await;
    for _ in 0..50 {
        let begin = tokio::time::Instant::now();
        world.admin().post(&format!("/v1/releases/{id}/pause"), &json!({"reason": "a"})).await.expect(200);
        world.admin().post(&format!("/v1/releases/{id}/resume"), &json!({})).await.expect(200);
        assert!(begin.elapsed() < Duration::from_secs(1));
    }
    // The states in between are gone, the last one is not.
    let seen = slow.next().await.unwrap().json();
    let now = world.admin().get(&format!("/v1/releases/{id}")).await.expect(200);
    assert_eq!(seen["seq"], now["seq"]);
}

#[tokio::test(start_paused = true)]
async fn streams_end_when_the_server_stops() {
    let world = World::new().await;
    let id = world.open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(server::serve(listener, world.app.clone(), crate::world::no_page, async move {
        let _ = stopped.await;
    }));
    let mut live = Events::of(&world.admin(), &format!("/v1/releases/{id}/live")).await;
    let mut journal = Events::of(&world.admin(), "/v1/journal/events").await;
    assert!(live.next().await.is_some());
    stop.send(()).unwrap();
    while live.block().await.is_some() {}
    while journal.block().await.is_some() {}
    server.await.unwrap().unwrap();
}
