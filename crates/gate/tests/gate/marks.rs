//! What the gate adds to requests and honours in them: ids, traces, and the wish for an arm.

use gate::wire::DoorOrder;
use http_body_util::Full;
use hyper::{Request, Response};

use crate::world::{Client, Running, TempDir, Upstream, order};

/// Says the id and the trace that it was sent.
async fn reader() -> Upstream {
    Upstream::answering(|request, _| {
        let said = |name: &str| request.headers().get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        Response::new(Full::from(format!("{} {} {}", said("x-request-id"), said("traceparent"), said("tracestate"))))
    })
    .await
}

#[tokio::test]
async fn a_request_and_its_response_have_the_same_id() {
    let (dir, reader) = (TempDir::new(), reader().await);
    let gate = Running::start(dir.path()).await;
    let mut client = Client::connect(gate.serve("shop", &order((&reader).into(), (&reader).into(), 0)).await).await;
    let own =
        client.send(Request::get("/").header("x-request-id", "abc-1").header("traceparent", "as it is"), "").await;
    assert_eq!((own.body.as_str(), &own.headers["x-request-id"]), ("abc-1 as it is -", &"abc-1".parse().unwrap()));
    let made = client.get("/", "ann").await;
    let id = made.headers["x-request-id"].to_str().unwrap();
    assert_eq!((made.body.clone(), id.len()), (format!("{id} - -"), 32));
    let refused = client.send(Request::connect("example.org:443").header("x-request-id", "abc-2"), "").await;
    assert_eq!((refused.code().as_str(), &refused.headers["x-request-id"]), ("TG-4033", &"abc-2".parse().unwrap()));
}

#[tokio::test]
async fn a_trace_begins_at_the_gate_if_it_is_told_to_begin_traces() {
    let (dir, reader) = (TempDir::new(), reader().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&reader).into(), (&reader).into(), 0);
    order.door = DoorOrder { trace_context: true, request_id: false, ..DoorOrder::default() };
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let on = client.send(Request::get("/").header("traceparent", parent).header("tracestate", "a=b"), "").await;
    assert_eq!(on.body, format!("- {parent} a=b"));
    assert!(!on.headers.contains_key("x-request-id"));
    let begun =
        client.send(Request::get("/").header("traceparent", "00-nonsense").header("tracestate", "a=b"), "").await;
    assert!(begun.body.starts_with("- 00-") && begun.body.ends_with("-03 -"), "{}", begun.body);
}

#[tokio::test]
async fn an_arm_that_was_asked_for_is_given_where_that_is_allowed_and_counted_apart() {
    let (dir, stable, canary) = (TempDir::new(), Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let asking = |arm: &str| Request::get("/").header("x-user", "ann").header("x-tidegate-arm", arm);
    assert_eq!(client.send(asking("canary"), "").await.body, "1.0", "nobody allowed it");
    order.generation = 2;
    order.door.allow_forced_arm = true;
    gate.serve("shop", &order).await;
    for (asked, got) in [("canary", "1.1"), ("stable", "1.0"), ("other", "1.0"), ("Canary", "1.0")] {
        assert_eq!(client.send(asking(asked), "").await.body, got, "{asked}");
    }
    order.generation = 3;
    gate.serve("shop", &order).await;
    let block = gate.blocks("shop", 1).await.blocks.remove(0);
    assert_eq!((block.canary.requests, block.canary.forced, block.canary.forced_errors), (0, 1, 0));
    assert_eq!((block.stable.requests, block.stable.forced), (2, 1));
    assert_eq!(block.stable.latency.iter().map(|(_, count)| count).sum::<u64>(), 2);
}

#[tokio::test]
async fn who_asks_for_a_canary_that_is_down_is_told_so() {
    let (dir, stable, canary) = (TempDir::new(), Upstream::saying("1.0").await, Upstream::nobody().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    order.door.allow_forced_arm = true;
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let answer = client.send(Request::get("/").header("x-tidegate-arm", "canary"), "").await;
    assert_eq!((answer.status.as_u16(), answer.arm().0, answer.code().as_str()), (502, "canary", "TG-4030"));
    order.generation = 2;
    (order.canary, order.versions) = (None, vec![order.versions[0].clone()]);
    gate.serve("shop", &order).await;
    let alone = client.send(Request::get("/").header("x-tidegate-arm", "canary"), "").await;
    assert_eq!((alone.body.as_str(), alone.arm().0), ("1.0", "stable"), "there is no canary to be sent to");
}
