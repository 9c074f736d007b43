//! That the blocks tell what happened: every request once, one share per block, and how far back they go.

use std::collections::BTreeMap;
use std::time::Duration;

use flags::bucket::{hash, user_bucket};
use gate::wire::ServiceOrder;
use hyper::{Method, Response, StatusCode};

use crate::world::{Client, Running, TempDir, Upstream, order, until};

/// Fails for users whose name begins with `bad`.
async fn picky() -> Upstream {
    Upstream::answering(|request, _| {
        let bad = request.headers().get("x-user").is_some_and(|user| user.as_bytes().starts_with(b"bad"));
        let mut response = Response::new(http_body_util::Full::from("x"));
        *response.status_mut() = if bad { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        response
    })
    .await
}

#[tokio::test]
async fn blocks_add_up_to_the_requests_that_were_sent_and_each_has_one_share() {
    const ROUNDS: u64 = 40;
    const PER_ROUND: u64 = 30;
    let (dir, stable, canary) = (TempDir::new(), picky().await, picky().await);
    let gate = Running::start(dir.path()).await;
    let mut order = ServiceOrder { interval_ms: 25, ..order((&stable).into(), (&canary).into(), 0) };
    let address = gate.serve("shop", &order).await;
    let mut clients = [Client::connect(address).await, Client::connect(address).await, Client::connect(address).await];
    let mut asked = BTreeMap::from([(1_u64, 0)]);
    let mut canary_answers = 0;
    for round in 0..ROUNDS {
        for user in 0..PER_ROUND {
            let name = if user % 10 == 0 { format!("bad-{user}") } else { format!("user-{user}") };
            let answer = clients[(user % 3) as usize].get("/", &name).await;
            canary_answers += u64::from(answer.arm().0 == "canary");
        }
        order.generation += 1;
        order.share_ppm = u32::try_from(round).unwrap() * 25_000;
        asked.insert(order.generation, order.share_ppm);
        gate.put("shop", &order).await.unwrap();
    }
    let answer = gate.blocks("shop", 0).await;
    assert_eq!((answer.oldest_seq, answer.blocks.len() as u64), (1, answer.newest_seq));
    let (mut requests, mut errors, mut on_canary, mut started) = (0, 0, 0, 0);
    for (before, after) in answer.blocks.iter().zip(&answer.blocks[1..]) {
        assert_eq!((before.seq + 1, before.to_ms), (after.seq, after.from_ms), "no gap, no overlap");
    }
    for block in &answer.blocks {
        assert!(block.from_ms < block.to_ms);
        assert_eq!(block.share_ppm, asked[&block.generation], "block {}", block.seq);
        assert_eq!((block.stable.version.as_deref(), block.canary.version.as_deref()), (Some("1.0"), Some("1.1")));
        if block.share_ppm == 0 {
            assert_eq!(block.canary.requests, 0, "block {}", block.seq);
        }
        for arm in [&block.stable, &block.canary] {
            let sums =
                arm.buckets.iter().fold([0; 3], |sum, group| [sum[0] + group[0], sum[1] + group[1], sum[2] + group[2]]);
            started += arm.started.unwrap();
            assert_eq!((arm.buckets.len(), sums[0], sums[1]), (64, arm.requests, arm.errors));
            assert!(sums[2] <= arm.errors);
            assert_eq!(arm.latency.iter().map(|(_, count)| count).sum::<u64>(), arm.requests);
            assert!(arm.latency.is_sorted_by(|one, other| one.0 < other.0));
        }
        requests += block.stable.requests + block.canary.requests;
        errors += block.stable.errors + block.canary.errors;
        on_canary += block.canary.requests;
        assert_eq!(block.late, 0);
    }
    assert_eq!((requests, errors, on_canary), (ROUNDS * PER_ROUND, ROUNDS * 3, canary_answers));
    assert_eq!(started, requests, "all were answered");
}

#[tokio::test]
async fn users_with_an_error_are_counted_once_per_block_in_their_group() {
    let (dir, stable, canary) = (TempDir::new(), picky().await, picky().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    let address = gate.serve("shop", &order).await;
    for _ in 0..3 {
        // Another connection each time, so that both workers see the user.
        for user in ["bad-ann", "bad-bob", "good-eve"] {
            Client::connect(address).await.get("/", user).await;
        }
    }
    order.generation += 1;
    gate.put("shop", &order).await.unwrap();
    let block = gate.blocks("shop", 0).await.blocks.remove(0);
    let mut expected = vec![[0; 3]; 64];
    for (user, errors, hurt) in [("bad-ann", 3, 1), ("bad-bob", 3, 1), ("good-eve", 0, 0)] {
        let group = &mut expected[usize::from(user_bucket(hash(&["test", user])))];
        *group = [group[0] + 3, group[1] + errors, group[2] + hurt];
    }
    assert_eq!(block.stable.buckets, expected);
}

#[tokio::test]
async fn blocks_are_asked_for_from_where_one_stopped() {
    let (dir, stable, canary) = (TempDir::new(), picky().await, picky().await);
    let gate = Running::start(dir.path()).await;
    gate.serve("shop", &ServiceOrder { interval_ms: 20, ..order((&stable).into(), (&canary).into(), 0) }).await;
    let all = until("ten blocks", async || Some(gate.blocks("shop", 0).await).filter(|all| all.newest_seq >= 10)).await;
    let tail = gate.blocks("shop", 7).await;
    assert_eq!(tail.blocks[0].seq, 8);
    assert_eq!(tail.blocks[..3], all.blocks[7..10]);
    assert!(gate.blocks("shop", tail.newest_seq + 100).await.blocks.is_empty());
    let ask = async |query: String| -> gate::wire::Blocks {
        let (_, body) = gate.raw(Method::GET, &format!("/v1/services/shop/blocks?{query}"), "").await;
        serde_json::from_slice(&body).unwrap()
    };
    assert_eq!(ask("after=3&limit=2".into()).await.blocks.iter().map(|block| block.seq).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(ask(format!("boot={}&after=7", all.boot_id)).await.blocks[0].seq, 8);
    assert_eq!(ask("boot=of-another-run&after=7".into()).await.blocks[0].seq, 1, "another run's numbers mean nothing");
}

#[tokio::test]
async fn an_answer_that_comes_after_the_arms_changed_hands_blames_nobody() {
    let slow = Upstream::handling(|mut stream| async move {
        crate::world::read_head(&mut stream).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await;
    })
    .await;
    let (dir, stable) = (TempDir::new(), picky().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&slow).into(), 1_000_000);
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let answering = tokio::spawn(async move { client.get("/", "ann").await.status });
    tokio::time::sleep(Duration::from_millis(80)).await;
    (order.generation, order.stable, order.canary, order.share_ppm) = (2, "1.1".into(), None, 0);
    gate.put("shop", &order).await.unwrap();
    assert_eq!(answering.await.unwrap(), StatusCode::INTERNAL_SERVER_ERROR);
    order.generation = 3;
    gate.put("shop", &order).await.unwrap();
    let block = gate.blocks("shop", 1).await.blocks.remove(0);
    assert_eq!((block.late, block.stable.requests, block.canary.requests), (1, 0, 0));
    assert_eq!(block.canary, gate::wire::ArmCounts::default());
}

#[tokio::test]
async fn metrics_parse_and_agree_with_the_requests() {
    let (dir, stable, canary) = (TempDir::new(), picky().await, picky().await);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gate = Running::start_with(dir.path(), |options| options.metrics = Some(free)).await;
    let order = order((&stable).into(), (&canary).into(), 1_000_000);
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    for user in ["ann", "bob", "bad-eve"] {
        client.get("/", user).await;
    }
    let over_tcp = Client::connect(free).await.send(hyper::Request::get("/metrics"), "").await;
    assert_eq!(over_tcp.status, StatusCode::OK);
    let forbidden = Client::connect(free).await.send(hyper::Request::post("/v1/shutdown"), r#"{"drain_ms":0}"#).await;
    assert_eq!(forbidden.status, StatusCode::NOT_FOUND, "the network may only ask");
    let mut samples = BTreeMap::new();
    let mut typed = std::collections::BTreeSet::new();
    for line in over_tcp.body.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind));
            assert!(typed.insert(name.to_owned()), "{name} is typed twice");
        } else if !line.starts_with("# HELP ") {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(typed.contains(family), "{name} has no type");
            let value: f64 = value.parse().unwrap();
            assert!(samples.insert(sample.to_owned(), value).is_none(), "{sample} is given twice");
        }
    }
    let arm = r#"{service="shop",arm="canary",version="1.1"}"#;
    assert_eq!(samples[&format!("tidegate_gate_requests_total{arm}")], 3.0);
    assert_eq!(samples[&format!("tidegate_gate_errors_total{arm}")], 1.0);
    assert_eq!(samples[&format!("tidegate_gate_request_duration_seconds_count{arm}")], 3.0);
    assert_eq!(
        samples[r#"tidegate_gate_request_duration_seconds_bucket{service="shop",arm="canary",version="1.1",le="+Inf"}"#],
        3.0
    );
    assert_eq!(samples[r#"tidegate_gate_canary_share{service="shop"}"#], 1.0);
}
