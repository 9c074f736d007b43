//! What a gate, a version or a machine can do to a release, and what control is told of it.

use crate::gate_release::live;
use crate::house::{House, Scratch, eventually, get, runs};
use crate::orders::{env, installed, order, process_wiring};
use adapters::{Adapters, GateAddress};
use control::ports::{Connect, Order, PortError, Reading};
use engine::{Gap, Millis, Share};
use policy::{EnvValue, Lever, Target, Wiring};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

fn with_command(wiring: &Wiring, command: &str, start_within: Millis) -> Wiring {
    let mut wiring = wiring.clone();
    if let Target::Process(target) = &mut wiring.target {
        target.command = command.into();
        target.start_within = start_within;
    }
    wiring
}

fn with_secret(wiring: &Wiring, value: EnvValue) -> Wiring {
    let mut wiring = wiring.clone();
    if let Target::Process(target) = &mut wiring.target {
        target.env = env("SECRET", value);
    }
    wiring
}

#[tokio::test]
async fn an_older_order_is_refused_for_good() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    let mut old = order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&order(&wiring, Some("1.0"), "1.1")).await.unwrap();
    for share in [Share::percent(50), Share::NONE] {
        let error = site.lever.shift(&old, share).await.unwrap_err();
        assert_eq!((error.code, error.retry), ("TG-5004", false), "{error}");
    }
    assert_eq!(site.target.withdraw(&old).await.unwrap_err().code, "TG-5004");
    old.turn.fence += 1;
    site.lever.shift(&old, Share::percent(50)).await.unwrap();
}

#[tokio::test]
async fn a_gate_that_is_away_is_waited_for_and_serves_the_same_split_when_it_is_back() {
    let mut house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&next()).await.unwrap();
    site.lever.shift(&next(), Share::percent(25)).await.unwrap();

    house.close().await;
    let error = site.lever.shift(&next(), Share::percent(50)).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5001", true));
    assert_eq!(site.lever.shift(&next(), Share::NONE).await.unwrap_err().code, "TG-5001");
    assert_eq!(site.lever.observe(&next()).await.unwrap_err().code, "TG-5001");
    let Reading::None(Gap::Unreachable { detail }) = site.signal.read(&next(), "").await else { panic!() };
    assert!(detail.starts_with("TG-5001"), "{detail}");
    let seen = site.prober.probe(&next()).await.unwrap();
    assert!(seen.canary.is_err() && seen.stable.unwrap().is_err(), "neither can be blamed alone");
    assert_eq!(site.prober.probe(&order(&wiring, None, "1.1")).await, None, "nothing was seen of the only one");

    house.open().await;
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::percent(25)));
    eventually("both versions are up again", async || {
        let seen = site.prober.probe(&next()).await.unwrap();
        seen.canary.is_ok() && seen.stable == Some(Ok(()))
    })
    .await;
    site.lever.shift(&next(), Share::NONE).await.unwrap();
}

#[tokio::test]
async fn a_gate_that_forgot_everything_is_told_again_by_the_next_shift() {
    let mut house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&next()).await.unwrap();
    site.lever.shift(&next(), Share::percent(25)).await.unwrap();
    house.close().await;
    house.forget();
    house.open().await;
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::NONE), "control sees that the share was lost");
    assert_eq!(
        site.prober.probe(&next()).await.unwrap().stable,
        Some(Err("the gate does not serve this service".into()))
    );
    site.lever.shift(&next(), Share::percent(25)).await.unwrap();
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::percent(25)));
    let door = house.door("shop").await;
    eventually("users are served", async || matches!(get(&door, "/", "anna").await, Ok((200, _)))).await;
}

#[tokio::test]
async fn a_version_that_ends_at_its_start_fails_its_deployment() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let broken = with_command(&wiring, "echo no database >&2; exit 3", Millis::seconds(30));
    let next = || Order { stable: Some(installed(&wiring, "1.0")), ..order(&broken, Some("1.0"), "1.1") };
    let site = house.site(&broken);
    let error = site.target.deploy(&next()).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5007", false));
    assert!(error.message.contains("3 times") && error.message.contains("exit code 3"), "{}", error.message);
    let log = house.scratch.path().join("gate/logs/shop/1.1.log");
    assert!(error.hint.contains(&log.display().to_string()), "{}", error.hint);
    assert!(std::fs::read_to_string(log).unwrap().contains("no database"));
    site.target.withdraw(&next()).await.unwrap();
    assert_eq!(get(&house.door("shop").await, "/", "anna").await.unwrap().1[0], "1.0");
}

#[tokio::test]
async fn a_version_that_never_gets_well_fails_its_deployment() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    let deaf = with_command(&wiring, "exec sleep 60", Millis(400));
    let error = house.site(&deaf).target.deploy(&order(&deaf, None, "1.0")).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5007", false));
    assert!(error.message.contains("within 0.4 s"), "{}", error.message);
}

#[tokio::test]
async fn an_address_that_is_taken_ends_the_release_and_nothing_else() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut moved = wiring.clone();
    if let Lever::Gate(lever) = &mut moved.lever {
        lever.listen = taken.local_addr().unwrap().to_string();
    }
    let site = house.site(&moved);
    let next = || order(&moved, Some("1.0"), "1.1");
    let error = site.target.deploy(&next()).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5005", false));
    let address = taken.local_addr().unwrap().to_string();
    assert!(error.message.contains("TG-4015") && error.message.contains(&address), "{}", error.message);
    // The same refusal must not keep the release from ending.
    site.lever.shift(&next(), Share::NONE).await.unwrap();
    site.target.withdraw(&next()).await.unwrap();
    assert_eq!(get(&house.door("shop").await, "/", "anna").await.unwrap().1[0], "1.0");
}

#[tokio::test]
async fn a_secret_reaches_the_process_and_its_change_waits_for_the_next_release() {
    let house = House::new().await;
    let path = house.scratch.write("secret", "first\n");
    let wiring = with_secret(&process_wiring(&house.scratch), EnvValue::FromFile(path));
    live(&house, &wiring, "1.0").await;
    let door = house.door("shop").await;
    let said = get(&door, "/", "anna").await.unwrap().1;
    assert_eq!(said[1], "first");

    house.scratch.write("secret", "second\n");
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&next()).await.unwrap();
    assert_eq!(get(&door, "/", "anna").await.unwrap().1, said, "the old process was not started again");
    site.lever.shift(&next(), Share::ALL).await.unwrap();
    assert_eq!(get(&door, "/", "anna").await.unwrap().1[1], "second");
}

#[tokio::test]
async fn a_secret_that_is_missing_is_named_and_does_not_keep_users_on_the_new_version() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let path = house.scratch.path().join("token").display().to_string();
    let secret = with_secret(&wiring, EnvValue::FromFile(path.clone()));
    let next = || Order { stable: Some(installed(&wiring, "1.0")), ..order(&secret, Some("1.0"), "1.1") };
    let site = house.site(&secret);
    let error = site.target.deploy(&next()).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5012", false));
    assert!(error.message.contains("`SECRET`") && error.message.contains(&path), "{}", error.message);

    house.scratch.write("token", "hunter2");
    site.target.deploy(&next()).await.unwrap();
    site.lever.shift(&next(), Share::percent(50)).await.unwrap();
    std::fs::remove_file(path).unwrap();
    // Another control plane, that has not read the secret, must take users back.
    let reborn =
        Adapters::new(Some(GateAddress(house.scratch.path().join("gate/gate.sock")))).connect(&secret).unwrap();
    assert_eq!(reborn.lever.shift(&next(), Share::percent(60)).await.unwrap_err().code, "TG-5012");
    reborn.lever.shift(&next(), Share::NONE).await.unwrap();
    assert_eq!(reborn.lever.observe(&next()).await, Ok(Share::NONE));
    reborn.target.withdraw(&next()).await.unwrap();
    assert_eq!(get(&house.door("shop").await, "/", "anna").await.unwrap().1[0], "1.0");
}

#[tokio::test]
async fn a_process_that_is_killed_is_told_by_signal_and_prober() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&next()).await.unwrap();
    site.lever.shift(&next(), Share::ALL).await.unwrap();
    let door = house.door("shop").await;
    let pid: u64 = get(&door, "/", "anna").await.unwrap().1[3].parse().unwrap();
    let mut cursor = String::new();
    eventually("a first block is read", async || match site.signal.read(&next(), &cursor).await {
        Reading::Counts(counted) => {
            cursor.clone_from(&counted.last().unwrap().cursor);
            true
        }
        Reading::NotYet | Reading::None(_) => false,
    })
    .await;
    let _ = get(&door, "/die", "anna").await;
    eventually("the process is gone", async || !runs(pid)).await;
    eventually("its end is told", async || {
        let Reading::Counts(counted) = site.signal.read(&next(), &cursor).await else { return false };
        cursor.clone_from(&counted.last().unwrap().cursor);
        counted.iter().flat_map(|counts| &counts.exits).any(|exit| exit.version == "1.1" && exit.how == "exit code 7")
    })
    .await;
}

/// A socket that takes connections and answers each with `answer`, or never.
async fn false_gate(scratch: &Scratch, answer: Option<&'static str>) -> Adapters {
    let socket = scratch.path().join("gate.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if let Some(answer) = answer {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            } else {
                held.push(stream);
            }
        }
    });
    Adapters::new(Some(GateAddress(socket)))
}

async fn observed(adapters: &Adapters, wiring: &Wiring) -> PortError {
    adapters.connect(wiring).unwrap().lever.observe(&order(wiring, Some("1.0"), "1.1")).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_hangs_is_not_waited_for_for_ever() {
    let scratch = Scratch::new();
    let error = observed(&false_gate(&scratch, None).await, &process_wiring(&scratch)).await;
    assert_eq!((error.code, error.retry), ("TG-5002", true));
}

#[tokio::test]
async fn an_answer_of_another_protocol_is_not_guessed_at() {
    for answer in
        ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\n{}"]
    {
        let scratch = Scratch::new();
        let error = observed(&false_gate(&scratch, Some(answer)).await, &process_wiring(&scratch)).await;
        assert_eq!((error.code, error.retry), ("TG-5003", false), "{answer}");
    }
}
