//! What the web console asks that nobody else does: who am I, what moves, what a chart draws, what happened last; and pages
//! beside the API.

use crate::ask::{Client, Events};
use crate::world::{BEGIN, World};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use server::dto::{JournalFound, Me, Scope, Series};
use std::time::Duration;

async fn me(client: &Client) -> Me {
    serde_json::from_value(client.get("/v1/me").await.expect(200)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn any_good_token_learns_what_it_allows_and_no_other_does() {
    let world = World::new().await;
    for scope in ["read", "operate", "signal", "admin"] {
        let ask = json!({"name": format!("only-{scope}"), "scopes": [scope], "expires_at_ms": BEGIN + 60_000});
        let issued = world.admin().post("/v1/tokens", &ask).await.expect(201);
        let holder = world.holder_of(issued["secret"].as_str().unwrap());
        let me = me(&holder).await;
        assert_eq!(me.actor, format!("token:only-{scope}"));
        assert_eq!((json!(me.token.scopes), me.token.expires_at_ms), (json!([scope]), Some(BEGIN + 60_000)));
        assert_eq!(json!(me.token.id), issued["token"]["id"]);
        assert!(me.now_ms >= BEGIN);
    }
    let named = world.admin().with("x-tidegate-actor", "Ana");
    let named = me(&named).await;
    assert!(named.actor.starts_with("Ana via token:") && named.token.scopes.contains(&Scope::Admin), "{named:?}");
    tokio::time::sleep(Duration::from_secs(61)).await;
    let issued = world.admin().post("/v1/tokens", &json!({"name": "gone", "scopes": ["read"]})).await.expect(201);
    let holder = world.holder_of(issued["secret"].as_str().unwrap());
    world.admin().delete(&format!("/v1/tokens/{}", issued["token"]["id"].as_str().unwrap())).await.expect(200);
    holder.get("/v1/me").await.refused(401, "TG-6004");
    world.nobody().get("/v1/me").await.refused(401, "TG-6001");
}

#[tokio::test(start_paused = true)]
async fn everything_that_moves_is_in_one_stream() {
    let world = World::new().await;
    let mut events = Events::of(&world.admin(), "/v1/releases/live").await;
    let first = events.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.json()["releases"]), ("under_way", &json!([])));
    let id = world.ramping().await;
    let mut next = events.next().await.unwrap();
    assert_eq!((next.name.as_str(), &next.json()["releases"]), ("under_way", &json!([id])));
    next = events.next().await.unwrap();
    assert_eq!((next.name.as_str(), &next.json()["id"]), ("release", &json!(id)));
    world.admin().post(&format!("/v1/releases/{id}/abort"), &json!({"reason": "enough"})).await.expect(200);
    let mut last = Value::Null;
    while next.name == "release" {
        last = next.json();
        next = events.next().await.unwrap();
    }
    assert_eq!((next.name.as_str(), &next.json()["releases"]), ("under_way", &json!([])));
    let ended = events.next().await.unwrap().json();
    assert_eq!((&ended["stage"], &ended["over"]), (&json!("aborted"), &json!(true)), "before it: {last}");
    // Another reader begins with what is, and not with what was.
    let mut fresh = Events::of(&world.admin(), "/v1/releases/live").await;
    assert_eq!(fresh.next().await.unwrap().json()["releases"], json!([]));
    let silent = tokio::time::timeout(Duration::from_secs(10), fresh.next()).await;
    assert!(silent.is_err(), "nothing moves: {silent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_release_says_what_it_accepts_and_then_does() {
    let world = World::new().await;
    let id = world.ramping().await;
    let path = format!("/v1/releases/{id}");
    let accepts = async || world.admin().get(&path).await.expect(200)["accepts"].clone();
    assert_eq!(accepts().await, json!(["pause", "advance", "abort", "rollback"]));
    world.admin().post(&format!("{path}/pause"), &json!({"reason": "lunch"})).await.expect(200);
    assert_eq!(accepts().await, json!(["resume", "advance", "abort", "rollback"]));
    world.admin().post(&format!("{path}/resume"), &json!({})).await.expect(200);
    world.admin().post(&format!("{path}/rollback"), &json!({"reason": "bad"})).await.expect(200);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(accepts().await, json!([]), "it is over");
    // A first release has nothing to go back to.
    let ask = json!({"service": "blog", "channel": "production", "type": "feature", "version": "1.0.0"});
    let first = world.admin().post("/v1/releases", &ask).await.expect(201);
    assert!(!first["accepts"].as_array().unwrap().contains(&json!("rollback")), "{}", first["accepts"]);
    assert!(first["accepts"].as_array().unwrap().contains(&json!("abort")), "{}", first["accepts"]);
}

#[tokio::test(start_paused = true)]
async fn a_chart_gets_columns_and_later_only_what_is_new() {
    let world = World::new().await;
    let id = world.ramping().await;
    let series = async |query: &str| -> Series {
        let answer = world.admin().get(&format!("/v1/releases/{id}/series{query}")).await;
        serde_json::from_value(answer.expect(200)).unwrap()
    };
    assert_eq!(series("").await, Series::default());
    tokio::time::sleep(Duration::from_secs(30)).await;
    for from in [0, 10, 20] {
        let (from_ms, to_ms) = (BEGIN + from * 1_000, BEGIN + (from + 10) * 1_000);
        let mut counts = json!({"from_ms": from_ms, "to_ms": to_ms,
            "stable": {"requests": 100, "errors": 2, "latency_us": vec![10_000; 100]}});
        if from != 10 {
            counts["canary"] = json!({"requests": 5, "errors": 1, "latency_us": [9_000, 9_000, 9_000, 9_000, 9_000]});
        }
        assert_eq!(world.admin().post(&format!("/v1/releases/{id}/measurements"), &counts).await.status, 202);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let all = series("").await;
    assert_eq!((all.to_ms.len(), all.last, all.next_after), (3, 3, None));
    assert_eq!(all.canary.requests, [Some(5), None, Some(5)], "not measured is not zero");
    assert_eq!(all.stable.errors, [Some(2); 3]);
    assert!(all.stable.p95_us[0].is_some_and(|us| (9_500..10_500).contains(&us)), "{:?}", all.stable.p95_us);
    let first = series("?limit=2").await;
    assert_eq!((first.to_ms.len(), first.next_after), (2, Some(2)));
    let rest = series("?after=2").await;
    assert_eq!((rest.from_ms, rest.last), (vec![BEGIN + 20_000], 3));
    let none = series("?after=3").await;
    assert_eq!((none.to_ms.len(), none.last), (0, 3));
    world.admin().get(&format!("/v1/releases/{id}/series?limit=5001")).await.refused(400, "TG-6015");
    world.admin().get("/v1/releases/r9/series").await.refused(404, "TG-2105");
}

#[tokio::test(start_paused = true)]
async fn the_journal_is_searched_from_its_end() {
    let world = World::new().await;
    let id = world.ramping().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let ana = world.admin().with("x-tidegate-actor", "Ana");
    ana.post(&format!("/v1/releases/{id}/pause"), &json!({"reason": "lunch"})).await.expect(200);
    for n in 0..1_200 {
        let ask = json!({"name": format!("n{n}"), "scopes": ["read"]});
        world.admin().post("/v1/tokens", &ask).await.expect(201);
    }
    let search = async |query: &str| -> JournalFound {
        serde_json::from_value(world.admin().get(&format!("/v1/journal/search{query}")).await.expect(200)).unwrap()
    };
    let newest = search("?limit=2").await;
    assert!(newest.entries[0].position > newest.entries[1].position);
    let next = search(&format!("?limit=1&before={}", newest.next_before.unwrap())).await;
    assert_eq!(next.entries[0].position, newest.entries[1].position - 1);
    // Beyond several pages, to the very beginning.
    let hers = search("?actor=ANA").await;
    assert_eq!((hers.entries.len(), hers.entries[0].kind.as_str(), hers.next_before), (1, "paused", None));
    assert_eq!(hers.looked_at, newest.entries[0].position);
    let stream = search(&format!("?stream=release/{id}")).await;
    assert_eq!((stream.entries[0].kind.as_str(), stream.entries.last().unwrap().seq), ("paused", 1));
    let at = hers.entries[0].at_ms;
    let early = search(&format!("?until_ms={at}&stream=release/{id}")).await;
    assert!(early.entries.iter().all(|entry| entry.at_ms < at) && early.entries.len() == stream.entries.len() - 1);
    let late = search(&format!("?from_ms={at}&stream=release/{id}")).await;
    assert_eq!(late.entries, hers.entries);
    assert_eq!(search("?before=1").await.entries, []);
    assert_eq!(search("?before=0").await.next_before, None);
    for query in ["limit=501", "before=-1", "foo=1"] {
        world.admin().get(&format!("/v1/journal/search?{query}")).await.refused(400, "TG-6015");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_where_the_api_is_not() {
    fn page(_: &Method, path: &str, _: &HeaderMap) -> Response {
        (StatusCode::IM_A_TEAPOT, path.to_string()).into_response()
    }
    let world = World::new().await;
    let both = server::with_pages(world.router.clone(), page);
    let ask = async |method: &str, path: &str| {
        let request = axum::http::Request::builder().method(method).uri(path).body(axum::body::Body::empty()).unwrap();
        tower::ServiceExt::oneshot(both.clone(), request).await.unwrap()
    };
    assert_eq!(ask("GET", "/releases/r1").await.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(ask("HEAD", "/").await.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(ask("GET", "/healthz").await.status(), StatusCode::OK);
    assert_eq!(ask("GET", "/v1/releases").await.status(), StatusCode::UNAUTHORIZED);
    for (method, path) in [("GET", "/v1/made-up"), ("GET", "/ofrep/v9"), ("POST", "/releases/r1"), ("DELETE", "/")] {
        let answer = ask(method, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{method} {path}");
    }
}
