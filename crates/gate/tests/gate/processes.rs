//! Processes that the gate keeps: started, watched, promoted without a restart, started again after a crash, stopped when unwanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gate::wire::{ProcessOrder, ServiceOrder, UpstreamOrder, VersionState};
use hyper::StatusCode;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::world::{Client, Running, TempDir, order, process, until};

fn pid(number: Option<u32>) -> Pid {
    Pid::from_raw(number.unwrap().cast_signed()).unwrap()
}

fn changed(change: impl FnOnce(&mut ProcessOrder)) -> UpstreamOrder {
    let UpstreamOrder::Process(mut order) = process() else { unreachable!() };
    change(&mut order);
    UpstreamOrder::Process(order)
}

async fn up(dir: &TempDir, order: &ServiceOrder) -> Running {
    let gate = Running::start(dir.path()).await;
    gate.serve("shop", order).await;
    gate.is("shop", "1.0", VersionState::Healthy).await;
    gate.is("shop", "1.1", VersionState::Healthy).await;
    gate
}

#[tokio::test]
async fn a_killed_canary_costs_no_idempotent_request_and_comes_back() {
    let dir = TempDir::new();
    let mut order = order(process(), process(), 500_000);
    let gate = up(&dir, &order).await;
    let address = gate.service("shop").await.listen;
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..4)
        .map(|number| {
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                let mut sent = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    let answer = client.get("/version", &format!("user-{number}-{}", sent % 50)).await;
                    assert_eq!(answer.status, StatusCode::OK);
                    assert_eq!(answer.body, answer.arm().1);
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let mut killed = Vec::new();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let canary = gate.is("shop", "1.1", VersionState::Healthy).await;
        kill_process(pid(canary), Signal::KILL).unwrap();
        killed.push(canary);
        until("another process", async || {
            let now = gate.is("shop", "1.1", VersionState::Healthy).await;
            (!killed.contains(&now)).then_some(())
        })
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut sent = 0;
    for client in load {
        sent += client.await.unwrap();
    }
    order.generation += 1;
    gate.put("shop", &order).await.unwrap();
    let block = gate.blocks("shop", 0).await.blocks.remove(0);
    assert_eq!(block.stable.requests + block.canary.requests, sent);
    assert_eq!(block.stable.errors, 0);
    assert!(
        block.canary.errors > 0 && block.canary.errors == block.canary.retried_on_stable,
        "{:?}",
        block.canary.errors
    );
    let exits: Vec<_> = block.exits.iter().map(|exit| (exit.version.as_str(), exit.code, exit.signal)).collect();
    assert_eq!(exits, [("1.1", None, Some(9)); 3]);
    let versions = gate.service("shop").await.versions;
    assert_eq!((versions[1].restarts, versions[0].restarts), (3, 0));
    assert_eq!(versions[1].last_exit.as_ref().unwrap().signal, Some(9));
}

#[tokio::test]
async fn promotion_keeps_the_process_and_the_old_version_stays_warm_until_it_is_dropped() {
    let dir = TempDir::new();
    let mut order = order(process(), process(), 250_000);
    let gate = up(&dir, &order).await;
    let (old, new) =
        (gate.is("shop", "1.0", VersionState::Healthy).await, gate.is("shop", "1.1", VersionState::Healthy).await);
    let mut client = gate.client("shop").await;
    (order.generation, order.stable, order.canary, order.share_ppm) = (2, "1.1".into(), None, 0);
    gate.serve("shop", &order).await;
    for user in 0..20 {
        let answer = client.get("/pid", &user.to_string()).await;
        assert_eq!(
            (answer.body, answer.headers["x-tidegate-arm"].to_str().unwrap()),
            (new.unwrap().to_string(), "stable")
        );
    }
    assert_eq!(gate.is("shop", "1.0", VersionState::Healthy).await, old, "kept warm");
    order.generation = 3;
    order.versions.remove(0);
    gate.serve("shop", &order).await;
    until("the old process to be gone", async || test_kill_process(pid(old)).err()).await;
    until("the old version to be gone", async || (gate.service("shop").await.versions.len() == 1).then_some(())).await;
    order.generation = 4;
    gate.put("shop", &order).await.unwrap();
    let blocks = gate.blocks("shop", 0).await.blocks;
    assert!(blocks.iter().all(|block| block.exits.is_empty()), "an end that was asked for is not unexpected");
    assert_eq!(gate.is("shop", "1.1", VersionState::Healthy).await, new);
}

#[tokio::test]
async fn a_version_that_is_dropped_finishes_its_requests_first() {
    let dir = TempDir::new();
    let mut order = order(process(), process(), 1_000_000);
    let gate = up(&dir, &order).await;
    let canary = gate.is("shop", "1.1", VersionState::Healthy).await;
    let mut client = gate.client("shop").await;
    let slow = tokio::spawn(async move { client.get("/slow/600", "ann").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    (order.generation, order.canary, order.share_ppm) = (2, None, 0);
    order.versions.remove(1);
    gate.serve("shop", &order).await;
    let answer = slow.await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "1.1"));
    until("the canary to be gone", async || test_kill_process(pid(canary)).err()).await;
}

#[tokio::test]
async fn a_process_that_ignores_sigterm_is_killed_with_everything_it_started() {
    let dir = TempDir::new();
    let app = env!("CARGO_BIN_EXE_gate-test-app");
    let stubborn = changed(|order| {
        order.command =
            format!("trap '' TERM; sleep 1000 & echo $! > {}/child; {app} serve & wait; wait", dir.path().display());
        order.stop_grace_ms = 300;
    });
    let mut order = order(process(), stubborn, 0);
    let gate = up(&dir, &order).await;
    let leader = gate.is("shop", "1.1", VersionState::Healthy).await;
    let child: u32 = std::fs::read_to_string(dir.path().join("child")).unwrap().trim().parse().unwrap();
    test_kill_process(pid(Some(child))).unwrap();
    (order.generation, order.canary) = (2, None);
    order.versions.remove(1);
    let asked = Instant::now();
    gate.serve("shop", &order).await;
    until("the leader to be gone", async || test_kill_process(pid(leader)).err()).await;
    assert!(asked.elapsed() >= Duration::from_millis(300), "it had its grace");
    until("the child to be gone", async || {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_process_that_keeps_failing_is_tried_less_and_less_often() {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let mut order = order(process(), changed(|order| order.command = "echo failing; exit 7".into()), 0);
    gate.serve("shop", &order).await;
    // Pauses of 0.1, 0.2, 0.4 and 0.8 s: the fourth restart comes after one and a half seconds at the earliest.
    let begun = Instant::now();
    let status = until("four restarts", async || {
        gate.service("shop").await.versions.into_iter().find(|one| one.version == "1.1" && one.restarts >= 4)
    })
    .await;
    assert!(begun.elapsed() >= Duration::from_millis(1_400), "{:?}", begun.elapsed());
    assert_eq!(status.last_exit.unwrap().code, Some(7));
    order.generation = 2;
    gate.put("shop", &order).await.unwrap();
    let exits = &gate.blocks("shop", 0).await.blocks[0].exits;
    assert!(exits.len() >= 4 && exits.iter().all(|exit| exit.code == Some(7) && exit.version == "1.1"), "{exits:?}");
    let log = std::fs::read_to_string(dir.path().join("logs/shop/1.1.log")).unwrap();
    assert!(log.lines().filter(|line| *line == "failing").count() >= 4, "{log}");
}

#[tokio::test]
async fn trouble_with_a_process_is_explained() {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let deaf = changed(|order| (order.command, order.start_timeout_ms) = ("exec sleep 1000".into(), 200));
    let nowhere = changed(|order| order.workdir = Some("/no/such/place".into()));
    gate.serve("shop", &order(deaf, nowhere, 0)).await;
    for (version, code, says) in [("1.0", "TG-4041", "GET /health"), ("1.1", "TG-4040", "/no/such/place")] {
        let trouble = until(&format!("trouble with {version}"), async || {
            gate.service("shop").await.versions.into_iter().find(|one| one.version == version)?.trouble
        })
        .await;
        assert_eq!(trouble.code, code);
        assert!(trouble.detail.contains(says) && !trouble.hint.is_empty(), "{trouble:?}");
    }
}

#[tokio::test]
async fn what_a_process_is_told() {
    let dir = TempDir::new();
    let work = dir.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let app = env!("CARGO_BIN_EXE_gate-test-app");
    let curious = changed(|order| {
        order.command =
            format!("echo \"$TIDEGATE_SERVICE $TIDEGATE_VERSION $COLOUR $PORT $(pwd)\"; echo oh >&2; exec {app} serve");
        order.env.insert("COLOUR".into(), "green 'n' blue".into());
        for (name, value) in [("PORT", "1"), ("TIDEGATE_BOOT", "other")] {
            order.env.insert(name.into(), value.into());
        }
        order.workdir = Some(work.to_str().unwrap().into());
    });
    let gate = up(&dir, &order(process(), curious, 0)).await;
    let port = gate.service("shop").await.versions[1].port.unwrap();
    let log = std::fs::read_to_string(dir.path().join("logs/shop/1.1.log")).unwrap();
    assert_eq!(log, format!("shop 1.1 green 'n' blue {port} {}\noh\n", work.display()));
}

#[tokio::test]
async fn settings_change_without_a_restart_and_another_command_with_one() {
    let dir = TempDir::new();
    let mut order = order(process(), process(), 0);
    let gate = up(&dir, &order).await;
    let before = gate.is("shop", "1.0", VersionState::Healthy).await;
    order.generation = 2;
    order.versions[0].upstream = changed(|order| (order.health_interval_ms, order.stop_grace_ms) = (70, 500));
    gate.serve("shop", &order).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(gate.is("shop", "1.0", VersionState::Healthy).await, before);
    order.generation = 3;
    order.versions[0].upstream = changed(|order| drop(order.env.insert("NEW".into(), "1".into())));
    gate.serve("shop", &order).await;
    // Stable is patient: requests that come while the process changes wait for the new one.
    let mut client = gate.client("shop").await;
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = client.get("/pid", "ann").await;
        // A request that was with the old process when it was told to stop may be cut off; one that comes later may not.
        assert!(answer.status == StatusCode::OK || answer.code() == "TG-4032", "{answer:?}");
        if answer.status == StatusCode::OK && answer.body != before.unwrap().to_string() {
            break;
        }
        assert!(Instant::now() < deadline);
    }
}

#[tokio::test]
async fn a_version_that_stops_answering_is_unhealthy_and_keeps_its_share() {
    let dir = TempDir::new();
    let order = order(process(), process(), 0);
    let gate = up(&dir, &order).await;
    let canary = gate.is("shop", "1.1", VersionState::Healthy).await;
    kill_process(pid(canary), Signal::STOP).unwrap();
    gate.is("shop", "1.1", VersionState::Unhealthy).await;
    assert_eq!(gate.service("shop").await.share_ppm, order.share_ppm);
    kill_process(pid(canary), Signal::CONT).unwrap();
    assert_eq!(gate.is("shop", "1.1", VersionState::Healthy).await, canary);
}
