//! Several instances of one version: who gets the next request, who is passed over, and what is told of each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gate::wire::{AddressOrder, ServiceOrder, UpstreamOrder, VersionState, VersionStatus};
use http_body_util::Full;
use hyper::{Response, StatusCode};

use crate::world::{Client, Running, TempDir, Upstream, order, process, until};

fn servers(servers: &[&Upstream]) -> UpstreamOrder {
    let (first, others) = servers.split_first().unwrap();
    let mut order = AddressOrder::new(first.address());
    order.others = others.iter().map(|server| server.address()).collect();
    order.health_interval_ms = 20;
    UpstreamOrder::Address(order)
}

fn processes(instances: u16) -> UpstreamOrder {
    match process() {
        UpstreamOrder::Process(mut order) => {
            order.instances = instances;
            UpstreamOrder::Process(order)
        }
        other => other,
    }
}

async fn stable(gate: &Running) -> VersionStatus {
    gate.service("shop").await.versions.into_iter().find(|one| one.version == "1.0").unwrap()
}

async fn all_are(gate: &Running, count: usize, state: VersionState) -> VersionStatus {
    until("the instances", async || {
        let status = stable(gate).await;
        (status.instances.len() == count && status.instances.iter().all(|one| one.state == state)).then_some(status)
    })
    .await
}

async fn answers(client: &mut Client, count: usize) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    for _ in 0..count {
        let answer = client.get("/", "ann").await;
        *answers.entry(answer.body).or_default() += 1;
    }
    answers
}

#[tokio::test]
async fn requests_go_around_among_equals_and_the_counts_are_the_arms() {
    let dir = TempDir::new();
    let (a, b, c) = (Upstream::saying("a").await, Upstream::saying("b").await, Upstream::saying("c").await);
    let gate = Running::start(dir.path()).await;
    let order = order(servers(&[&a, &b, &c]), (&a).into(), 0);
    gate.serve("shop", &order).await;
    all_are(&gate, 3, VersionState::Healthy).await;
    let answers = answers(&mut gate.client("shop").await, 30).await;
    assert!(answers.len() == 3 && answers.values().all(|&count| count >= 5), "{answers:?}");
    gate.serve("shop", &ServiceOrder { generation: 2, ..order }).await;
    assert_eq!(gate.blocks("shop", 0).await.blocks[0].stable.requests, 30);
}

#[tokio::test]
async fn a_server_that_is_down_is_passed_over_and_the_last_one_never() {
    let dir = TempDir::new();
    let (a, nobody) = (Upstream::saying("a").await, Upstream::nobody().await);
    let gate = Running::start(dir.path()).await;
    gate.serve("shop", &order(servers(&[&a, &nobody]), (&a).into(), 0)).await;
    until("one of two to be known as down", async || {
        let states: Vec<_> = stable(&gate).await.instances.iter().map(|one| one.state).collect();
        (states == [VersionState::Healthy, VersionState::Unhealthy]).then_some(())
    })
    .await;
    assert_eq!(answers(&mut gate.client("shop").await, 20).await, BTreeMap::from([("a".into(), 20)]));
    drop(a);
    let last = until("the last one to fail", async || {
        let answer = gate.client("shop").await.get("/", "ann").await;
        (answer.status != StatusCode::OK).then_some(answer)
    })
    .await;
    assert_eq!(last.code(), "TG-4030");
}

#[tokio::test]
async fn a_server_whose_requests_fail_gets_none_for_a_while_though_its_checks_are_well() {
    let dir = TempDir::new();
    let bad = Upstream::answering(|request, _| {
        let mut response = Response::new(Full::new(Bytes::from_static(b"bad")));
        if request.uri().path() != "/health" {
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
        response
    })
    .await;
    let good = Upstream::saying("good").await;
    let gate = Running::start(dir.path()).await;
    gate.serve("shop", &order(servers(&[&good, &bad]), (&good).into(), 0)).await;
    all_are(&gate, 2, VersionState::Healthy).await;
    let mut client = gate.client("shop").await;
    until("it to be ejected", async || {
        client.get("/", "ann").await;
        stable(&gate).await.instances[1].ejected.then_some(())
    })
    .await;
    assert_eq!(answers(&mut client, 20).await, BTreeMap::from([("good".into(), 20)]));
    assert_eq!(stable(&gate).await.state, VersionState::Healthy);
    // With the good one gone nobody is passed over.
    drop(good);
    until("the ejected one to be asked", async || (client.get("/", "ann").await.body == "bad").then_some(())).await;
}

#[tokio::test]
async fn a_slow_server_collects_requests_and_gets_no_more() {
    let dir = TempDir::new();
    let stuck = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&stuck);
    let slow = Upstream::handling(move |mut stream| {
        let asked = Arc::clone(&asked);
        async move {
            if !crate::world::read_head(&mut stream).await.is_empty() {
                asked.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
        }
    })
    .await;
    let quick = Upstream::saying("quick").await;
    let gate = Running::start(dir.path()).await;
    // Checked once: a machine that is too busy to answer checks in time would pass over the quick one.
    let both = match servers(&[&quick, &slow]) {
        UpstreamOrder::Address(order) => {
            UpstreamOrder::Address(AddressOrder { health_interval_ms: 3_600_000, ..order })
        }
        other => other,
    };
    gate.serve("shop", &order(both, (&quick).into(), 0)).await;
    all_are(&gate, 2, VersionState::Healthy).await;
    let mut waiting = Vec::new();
    until("a request to be stuck", async || {
        let mut client = gate.client("shop").await;
        waiting.push(tokio::spawn(async move { client.get("/", "ann").await }));
        tokio::time::sleep(Duration::from_millis(20)).await;
        (stuck.load(Ordering::SeqCst) > 0).then_some(())
    })
    .await;
    let before = stuck.load(Ordering::SeqCst);
    assert_eq!(answers(&mut gate.client("shop").await, 30).await, BTreeMap::from([("quick".into(), 30)]));
    assert_eq!(stuck.load(Ordering::SeqCst), before);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn processes_have_ports_of_their_own_and_one_that_dies_comes_back_while_the_other_serves() {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let order = order(processes(2), processes(1), 0);
    gate.serve("shop", &order).await;
    let status = all_are(&gate, 2, VersionState::Healthy).await;
    let (one, two) = (&status.instances[0], &status.instances[1]);
    assert!(one.port != two.port && one.pid != two.pid, "{status:?}");
    let pid = rustix::process::Pid::from_raw(two.pid.unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let mut client = gate.client("shop").await;
    until("another process", async || {
        assert_eq!(client.get("/", "ann").await.status, StatusCode::OK);
        let status = stable(&gate).await;
        assert_eq!(status.state, VersionState::Healthy, "one is enough for a version that was up");
        (status.restarts == 1 && status.instances[1].state == VersionState::Healthy).then_some(())
    })
    .await;

    // Fewer, then more: the first goes on throughout.
    let before = stable(&gate).await.instances[0].pid;
    let mut change = ServiceOrder { generation: 2, ..order };
    change.versions[0].upstream = processes(1);
    gate.serve("shop", &change).await;
    let gone = Client::connect(gate.service("shop").await.listen).await.get("/", "ann").await;
    assert_eq!(gone.status, StatusCode::OK);
    all_are(&gate, 1, VersionState::Healthy).await;
    change.generation = 3;
    change.versions[0].upstream = processes(3);
    gate.serve("shop", &change).await;
    let status = all_are(&gate, 3, VersionState::Healthy).await;
    assert_eq!(status.instances[0].pid, before);
}

#[tokio::test]
async fn orders_that_cannot_be_are_refused() {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let server = Upstream::saying("a").await;
    let fixed = |instances, port| match processes(instances) {
        UpstreamOrder::Process(mut order) => {
            order.port = port;
            UpstreamOrder::Process(order)
        }
        other => other,
    };
    for wrong in [processes(0), processes(33), fixed(2, 4_000), servers(&[&server, &server])] {
        let problem = gate.put("shop", &order(wrong, (&server).into(), 0)).await.unwrap_err();
        assert_eq!(problem.code, "TG-4012", "{}", problem.detail);
    }
    let written = serde_json::to_value(servers(&[&server, &server])).unwrap();
    assert_eq!(written["addresses"].as_array().unwrap().len(), 2, "{written}");
}
