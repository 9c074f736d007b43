//! The gate's own beginning, end, and everything in between: changes under load, restarts, crashes, damaged files.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gate::wire::{ServiceOrder, VersionState};
use hyper::StatusCode;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::world::{Client, Running, TempDir, Upstream, order, process, until};

#[tokio::test]
async fn a_thousand_changes_of_the_share_under_load_fail_no_request_and_take_effect_at_once() {
    let (stable, canary) = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    let address = gate.serve("shop", &order).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..4)
        .map(|number| {
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                let mut sent = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    let answer = client.get("/", &format!("{number}-{sent}")).await;
                    assert_eq!(answer.status, StatusCode::OK);
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let mut watcher = Client::connect(address).await;
    for change in 1..=1_000 {
        order.generation += 1;
        order.share_ppm = if change % 2 == 0 { 0 } else { 1_000_000 };
        gate.put("shop", &order).await.unwrap();
        let expected = if change % 2 == 0 { "1.0" } else { "1.1" };
        assert_eq!(watcher.get("/", "ann").await.body, expected, "after change {change}");
    }
    stop.store(true, Ordering::Relaxed);
    let mut sent = 1_000;
    for client in load {
        sent += client.await.unwrap();
    }
    order.generation += 1;
    gate.put("shop", &order).await.unwrap();
    let blocks = gate.blocks("shop", 0).await.blocks;
    let counted: u64 = blocks.iter().map(|block| block.stable.requests + block.canary.requests + block.late).sum();
    assert_eq!((counted, blocks.len()), (sent, 1_001));
}

#[tokio::test]
async fn a_gate_that_comes_back_alone_serves_what_it_served() {
    let (stable, canary) = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 250_000);
    order.listen = gate.serve("shop", &order).await;
    order.generation = 2;
    gate.serve("shop", &order).await;
    let arms = async |client: &mut Client| {
        let mut arms = Vec::new();
        for user in 0..200 {
            arms.push(client.get("/", &user.to_string()).await.body);
        }
        arms
    };
    let before = arms(&mut gate.client("shop").await).await;
    let first = gate.status().await;
    gate.shut_down(Duration::from_secs(5)).await;
    gate.ended().await.unwrap();
    let gate = Running::start(dir.path()).await;
    let status = gate.status().await;
    assert_ne!(status.boot_id, first.boot_id);
    assert_eq!((status.services.as_slice(), status.warnings.as_slice()), (&["shop".to_owned()][..], &[][..]));
    let service = gate.service("shop").await;
    assert_eq!((service.generation, service.share_ppm, service.listen), (2, 250_000, order.listen));
    assert_eq!(arms(&mut gate.client("shop").await).await, before);
    order.generation = 1;
    assert_eq!(gate.put("shop", &order).await.unwrap_err().code, "TG-4013", "its orders are remembered as well");
}

#[tokio::test]
async fn a_damaged_snapshot_is_put_aside_and_reported() {
    let (stable, canary) = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let whole = {
        let dir = TempDir::new();
        let gate = Running::start(dir.path()).await;
        gate.serve("shop", &order((&stable).into(), (&canary).into(), 250_000)).await;
        std::fs::read_to_string(dir.path().join("snapshot.json")).unwrap()
    };
    let damages = [
        String::new(),
        whole[..whole.len() / 2].to_owned(),
        whole.replace("250000", "950000"),
        whole.replacen("snapshot 1", "snapshot 2", 1),
        "not at all a snapshot\n{}\n".to_owned(),
    ];
    for damaged in damages {
        let dir = TempDir::new();
        std::fs::write(dir.path().join("snapshot.json"), &damaged).unwrap();
        let gate = Running::start(dir.path()).await;
        let status = gate.status().await;
        assert_eq!(status.services, Vec::<String>::new());
        assert_eq!(status.warnings.len(), 1);
        assert_eq!(status.warnings[0].code, "TG-4005");
        assert_eq!(std::fs::read_to_string(dir.path().join("snapshot.damaged")).unwrap(), damaged);
        gate.serve("shop", &order((&stable).into(), (&canary).into(), 0)).await;
        assert_eq!(gate.client("shop").await.get("/", "ann").await.body, "1.0");
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_saved_is_in_force_says_so_and_is_saved_later() {
    let (stable, canary) = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    // A directory where the file should go: nothing can be renamed onto it.
    let snapshot = dir.path().join("snapshot.json");
    std::fs::create_dir(&snapshot).unwrap();
    let applied = gate.put("shop", &order((&stable).into(), (&canary).into(), 1_000_000)).await.unwrap();
    assert_eq!(applied.not_saved.unwrap().code, "TG-4006");
    assert_eq!(gate.client("shop").await.get("/", "ann").await.body, "1.1");
    std::fs::remove_dir(&snapshot).unwrap();
    until("the snapshot to be saved", async || {
        std::fs::read_to_string(&snapshot).ok().filter(|text| text.contains("1000000"))
    })
    .await;
}

#[tokio::test]
async fn a_service_whose_port_is_taken_at_the_start_is_served_as_soon_as_it_is_free() {
    let (stable, canary) = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    order.listen = gate.serve("shop", &order).await;
    order.generation = 2;
    gate.serve("shop", &order).await;
    gate.shut_down(Duration::ZERO).await;
    gate.ended().await.unwrap();
    let taken = std::net::TcpListener::bind(order.listen).unwrap();
    let gate = Running::start(dir.path()).await;
    assert_eq!(gate.service("shop").await.not_listening.unwrap().code, "TG-4015");
    drop(taken);
    until("the service to listen", async || gate.service("shop").await.not_listening.is_none().then_some(())).await;
    assert_eq!(gate.client("shop").await.get("/", "ann").await.body, "1.0");
}

#[tokio::test]
async fn a_gate_that_stops_finishes_its_requests_and_stops_its_processes() {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let address = gate.serve("shop", &order(process(), process(), 0)).await;
    let pids =
        [gate.is("shop", "1.0", VersionState::Healthy).await, gate.is("shop", "1.1", VersionState::Healthy).await];
    let mut idle = Client::connect(address).await;
    idle.get("/", "ann").await;
    let mut busy = Client::connect(address).await;
    let slow = tokio::spawn(async move { busy.get("/slow/700", "ann").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let asked = Instant::now();
    gate.shut_down(Duration::from_secs(10)).await;
    until("the door to be closed", async || tokio::net::TcpStream::connect(address).await.err()).await;
    let answer = slow.await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "1.0"));
    gate.ended().await.unwrap();
    assert!(asked.elapsed() < Duration::from_secs(5), "an idle connection kept the gate for {:?}", asked.elapsed());
    for pid in pids {
        assert!(test_kill_process(as_pid(pid)).is_err(), "{pid:?} outlived the gate");
    }
    assert!(!dir.path().join(gate::wire::SOCKET).exists());
}

#[tokio::test]
async fn a_stopping_gate_takes_no_orders() {
    let (stable, canary) = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let order = order((&stable).into(), (&canary).into(), 0);
    gate.serve("shop", &order).await;
    gate.shut_down(Duration::from_secs(1)).await;
    let refused = gate.put("shop", &ServiceOrder { generation: 2, ..order }).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("TG-4019", 503));
    gate.ended().await.unwrap();
}

#[tokio::test]
async fn a_killed_gate_leaves_no_process_behind_and_comes_back_with_the_same_split() {
    let dir = TempDir::new();
    let mut killed = Alone::start(&dir);
    let gate = Running::elsewhere(dir.path()).await;
    let app = env!("CARGO_BIN_EXE_gate-test-app");
    // The shell dies with the gate; what it started in the background does not.
    let mut forking = gate::wire::ProcessOrder::new(format!("{app} serve & wait"));
    forking.health_path = Some("/health".into());
    let mut order = order(process(), gate::wire::UpstreamOrder::Process(forking), 500_000);
    order.listen = gate.serve("shop", &order).await;
    order.generation = 2;
    gate.serve("shop", &order).await;
    let shell = gate.is("shop", "1.1", VersionState::Healthy).await;
    gate.is("shop", "1.0", VersionState::Healthy).await;
    let mut client = gate.client("shop").await;
    let mut orphan = String::new();
    let mut before = Vec::new();
    for user in 0..50 {
        before.push(client.get("/version", &user.to_string()).await.body);
        let answer = client.get("/pid", &user.to_string()).await;
        if answer.arm().0 == "canary" {
            orphan = answer.body;
        }
    }
    let orphan: u32 = orphan.parse().unwrap();
    assert_ne!(Some(orphan), shell);
    kill_process(as_pid(Some(killed.0.id())), Signal::KILL).unwrap();
    killed.0.wait().unwrap();
    let begun = Instant::now();
    let mut second = Alone::start(&dir);
    until("the split to be served again", async || {
        let stream = tokio::net::TcpStream::connect(order.listen).await.ok()?;
        drop(stream);
        let mut client = Client::connect(order.listen).await;
        Some(client.get("/version", "0").await).filter(|answer| answer.status == StatusCode::OK)
    })
    .await;
    let back = begun.elapsed();
    let gate = Running::elsewhere(dir.path()).await;
    gate.is("shop", "1.1", VersionState::Healthy).await;
    let mut client = gate.client("shop").await;
    let mut after = Vec::new();
    for user in 0..50 {
        after.push(client.get("/version", &user.to_string()).await.body);
    }
    assert_eq!(before, after);
    order.generation = 3;
    gate.serve("shop", &order).await;
    let blamed: u64 = gate.blocks("shop", 0).await.blocks.iter().map(|block| block.canary.errors).sum();
    assert_eq!(blamed, 0, "a canary was blamed for the gate's restart");
    assert!(back < Duration::from_secs(5), "back after {back:?}");
    until("the orphan to be gone", async || {
        let stat = std::fs::read_to_string(format!("/proc/{orphan}/stat")).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    })
    .await;
    kill_process(as_pid(Some(second.0.id())), Signal::TERM).unwrap();
    assert!(second.0.wait().unwrap().success(), "SIGTERM is a normal end");
}

/// A gate in a process of its own.
struct Alone(Child);

impl Alone {
    fn start(dir: &TempDir) -> Alone {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gate-test-app"));
        command.arg("gate").arg(dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Alone(command.spawn().unwrap())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn as_pid(number: Option<u32>) -> Pid {
    Pid::from_raw(number.unwrap().cast_signed()).unwrap()
}
