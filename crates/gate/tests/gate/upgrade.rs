//! Another program takes the gate's place: nobody's request fails, and nothing that runs is started again.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gate::wire::{DoorOrder, ServiceOrder, Status, Upgrade, VersionState};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::process::{Pid, Signal, kill_process};
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::tls::{connect, issue, tls};
use crate::world::{Client, Running, TempDir, order, process, until};

/// A gate in a process of its own.
struct Alone(Child);

impl Alone {
    fn start(dir: &TempDir) -> Alone {
        Alone::start_with(dir, None)
    }

    fn start_with(dir: &TempDir, access_log: Option<&Path>) -> Alone {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gate-test-app"));
        command.arg("gate").arg(dir.path()).args(access_log);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Alone(command.spawn().unwrap())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn upgrade(gate: &Running, program: Option<&str>) -> (StatusCode, String) {
    let wanted = Upgrade { drain_ms: 5_000, program: program.map(str::to_owned) };
    let (status, body) = gate.raw(Method::POST, "/v1/upgrade", serde_json::to_vec(&wanted).unwrap()).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The gate after another program took its place.
async fn renewed(gate: &Running, before: &Status) -> Status {
    until("the next program", async || {
        let status = gate.status().await;
        (status.boot_id != before.boot_id).then_some(status)
    })
    .await
}

/// Asks again and again, as clients do: over one connection for as long as it lasts.
async fn ask(address: std::net::SocketAddr, user: usize, going: Arc<AtomicBool>, done: Arc<AtomicU64>) {
    let mut client = Client::connect(address).await;
    while going.load(Ordering::SeqCst) {
        match client.try_send(Request::get("/version").header("x-user", user.to_string()), "").await {
            Ok(answer) => {
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
                done.fetch_add(1, Ordering::SeqCst);
                if answer.headers.get("connection").is_some_and(|value| value == "close") {
                    client = Client::connect(address).await;
                }
            }
            // The connection ended before the request was sent: nothing is lost, and any client connects again.
            Err(error) => {
                assert!(error.is_canceled() || error.is_closed(), "a request failed: {error:?}");
                client = Client::connect(address).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_and_no_process_is_started_again() {
    let dir = TempDir::new();
    let mut alone = Alone::start(&dir);
    let gate = Running::elsewhere(dir.path()).await;
    let order = order(process(), process(), 500_000);
    let address = gate.serve("shop", &order).await;
    let pids =
        [gate.is("shop", "1.0", VersionState::Healthy).await, gate.is("shop", "1.1", VersionState::Healthy).await];
    let (going, done) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
    let asking: Vec<_> =
        (0..8).map(|user| tokio::spawn(ask(address, user, Arc::clone(&going), Arc::clone(&done)))).collect();
    let mut before = gate.status().await;
    for _ in 0..3 {
        let reached = done.load(Ordering::SeqCst) + 100;
        until("some requests", async || (done.load(Ordering::SeqCst) >= reached).then_some(())).await;
        let (status, body) = upgrade(&gate, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let after = renewed(&gate, &before).await;
        assert_eq!(after.pid, before.pid, "the process stays");
        before = after;
    }
    let reached = done.load(Ordering::SeqCst) + 100;
    until("some requests", async || (done.load(Ordering::SeqCst) >= reached).then_some(())).await;
    going.store(false, Ordering::SeqCst);
    for asked in asking {
        asked.await.unwrap();
    }
    let status = gate.service("shop").await;
    assert_eq!((status.listen, status.share_ppm), (address, 500_000));
    let now: Vec<_> = status.versions.iter().map(|one| one.pid).collect();
    assert_eq!(now, pids, "the versions went on");
    assert!(status.versions.iter().all(|one| one.restarts == 0 && one.last_exit.is_none()), "{status:?}");

    // What was taken over is kept like what was started: its end is noticed, and orders stop it.
    let first = Pid::from_raw(pids[0].unwrap().cast_signed()).unwrap();
    kill_process(first, Signal::KILL).unwrap();
    until("another process", async || {
        let status = gate.service("shop").await;
        let one = status.versions.iter().find(|one| one.version == "1.0").unwrap();
        let ended = one.last_exit.as_ref().is_some_and(|exit| exit.signal == Some(9));
        (ended && one.state == VersionState::Healthy && one.restarts == 1).then_some(())
    })
    .await;
    let mut alone_now = ServiceOrder { generation: 2, canary: None, share_ppm: 0, ..order };
    alone_now.versions.truncate(1);
    gate.serve("shop", &alone_now).await;
    until("the canary to be gone", async || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pids[1].unwrap())).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    })
    .await;
    kill_process(Pid::from_raw(alone.0.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert!(alone.0.wait().unwrap().success());
}

/// Asks by TLS, in HTTP/1.1 and in HTTP/2 by turns, over connections that end after a few requests or when the gate says so. Counts
/// the answers.
async fn ask_by_tls(
    address: std::net::SocketAddr,
    certificate: CertificateDer<'static>,
    going: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
) {
    let request = || Request::get("https://shop.example/version").header("host", "shop.example");
    let request = || request().body(Full::<Bytes>::default()).unwrap();
    let answered = async |response: hyper::Result<hyper::Response<hyper::body::Incoming>>| match response {
        Ok(response) => {
            assert_eq!(response.status(), StatusCode::OK);
            response.into_body().collect().await.unwrap();
            done.fetch_add(1, Ordering::SeqCst);
            true
        }
        // Nothing of it was sent, or it came after the last that the gate took, which GOAWAY names (RFC 9113, section 6.8): any client
        // asks again.
        Err(error) => {
            let refused = format!("{error:?}").contains("GoAway(b\"\", NO_ERROR, Remote)");
            assert!(error.is_canceled() || error.is_closed() || refused, "a request failed: {error:?}");
            false
        }
    };
    while going.load(Ordering::SeqCst) {
        let stream = connect(address, &certificate, &["http/1.1"]).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        for _ in 0..5 {
            if sender.ready().await.is_err() || !answered(sender.send_request(request()).await).await {
                break;
            }
        }
        let stream = connect(address, &certificate, &["h2"]).await.unwrap();
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        for _ in 0..5 {
            if sender.ready().await.is_err() || !answered(sender.send_request(request()).await).await {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_and_the_access_log_go_over_and_no_request_by_tls_fails() {
    let dir = TempDir::new();
    let log = dir.path().join("access.log");
    let _alone = Alone::start_with(&dir, Some(&log));
    let gate = Running::elsewhere(dir.path()).await;
    let certificate = issue(dir.path());
    let mut order = order(process(), process(), 500_000);
    order.door = DoorOrder { tls: Some(tls(dir.path())), ..DoorOrder::default() };
    let address = gate.serve("shop", &order).await;
    gate.is("shop", "1.0", VersionState::Healthy).await;
    gate.is("shop", "1.1", VersionState::Healthy).await;
    let (going, done) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
    let asking: Vec<_> = (0..4)
        .map(|_| tokio::spawn(ask_by_tls(address, certificate.clone(), Arc::clone(&going), Arc::clone(&done))))
        .collect();
    let mut before = gate.status().await;
    for _ in 0..3 {
        let reached = done.load(Ordering::SeqCst) + 100;
        until("some requests", async || (done.load(Ordering::SeqCst) >= reached).then_some(())).await;
        let (status, body) = upgrade(&gate, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        before = renewed(&gate, &before).await;
        assert!(before.warnings.is_empty(), "{before:?}");
    }
    let reached = done.load(Ordering::SeqCst) + 100;
    until("some requests", async || (done.load(Ordering::SeqCst) >= reached).then_some(())).await;
    going.store(false, Ordering::SeqCst);
    for asked in asking {
        asked.await.unwrap();
    }
    let done = done.load(Ordering::SeqCst);
    until("every line", async || {
        let text = std::fs::read_to_string(&log).unwrap();
        (text.lines().filter(|line| line.contains("\"status\":200")).count() as u64 == done).then_some(())
    })
    .await;
    // A log that cannot be had is no reason to end what runs.
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    assert_eq!(upgrade(&gate, None).await.0, StatusCode::OK);
    let after = renewed(&gate, &before).await;
    assert_eq!((after.pid, after.warnings[0].code.as_str()), (before.pid, "TG-4008"));
    connect(address, &certificate, &[]).await.unwrap();
}

#[tokio::test]
async fn a_program_that_cannot_be_started_leaves_the_gate_as_it_is() {
    let dir = TempDir::new();
    let _alone = Alone::start(&dir);
    let gate = Running::elsewhere(dir.path()).await;
    let address = gate.serve("shop", &order(process(), process(), 0)).await;
    let pid = gate.is("shop", "1.0", VersionState::Healthy).await;
    let before = gate.status().await;
    assert_eq!(upgrade(&gate, Some("/nowhere/tidegate")).await.0, StatusCode::OK);
    renewed(&gate, &before).await;
    assert_eq!(gate.is("shop", "1.0", VersionState::Healthy).await, pid);
    let answer = Client::connect(address).await.get("/version", "ann").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "1.0"));
}

/// The disk is full, say, when what is left is to be written down: nothing of it may be lost by that.
#[tokio::test]
async fn a_hand_over_that_cannot_be_written_leaves_the_gate_as_it_is() {
    let dir = TempDir::new();
    let _alone = Alone::start(&dir);
    let gate = Running::elsewhere(dir.path()).await;
    let address = gate.serve("shop", &order(process(), process(), 0)).await;
    let pid = gate.is("shop", "1.0", VersionState::Healthy).await;
    let before = gate.status().await;
    std::fs::create_dir(dir.path().join("handover.json")).unwrap();
    assert_eq!(upgrade(&gate, None).await.0, StatusCode::OK);
    renewed(&gate, &before).await;
    assert_eq!(gate.is("shop", "1.0", VersionState::Healthy).await, pid);
    let answer = Client::connect(address).await.get("/version", "ann").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "1.0"));
}

#[tokio::test]
async fn a_guest_does_not_replace_its_host() {
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let (status, body) = upgrade(&gate, None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("TG-4022"), "{body}");
}

#[tokio::test]
async fn a_signal_asks_for_it_too() {
    let dir = TempDir::new();
    let alone = Alone::start(&dir);
    let gate = Running::elsewhere(dir.path()).await;
    let before = gate.status().await;
    kill_process(Pid::from_raw(alone.0.id().cast_signed()).unwrap(), Signal::USR2).unwrap();
    assert_eq!(renewed(&gate, &before).await.pid, alone.0.id());
}
