//! The server dies while a crowd edits flags: what was acknowledged is there afterwards, and nothing is there by half.

use crate::environment::Environment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const EDITS: u32 = 1_000;
const FLAGS: u32 = 10;
const PEOPLE: usize = 40;
/// After so many answers the server is killed.
const ENOUGH: usize = 300;

#[test]
fn a_server_that_is_killed_among_a_thousand_edits_keeps_what_it_acknowledged() {
    let env = Environment::new();
    env.write_policy();
    let mut server = env.serve();
    for flag in 0..FLAGS {
        let created = env.run(&format!("flag create f{flag} --owner ada -m 'new code'"));
        assert_eq!(created.code, 0, "{}", created.screen());
    }
    let token = env.read(".tidegate/admin.token").trim().to_owned();
    let (next, acknowledged) = (AtomicU32::new(1), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..PEOPLE {
            scope.spawn(|| {
                while let n @ 1..=EDITS = next.fetch_add(1, Ordering::Relaxed) {
                    match edit(&env.listen(), &token, n) {
                        Some(200) => acknowledged.lock().unwrap().push(n),
                        Some(status) => panic!("edit {n} was refused with {status}"),
                        // The server is dead, and so is every edit after this one.
                        None => return,
                    }
                }
            });
        }
        while acknowledged.lock().unwrap().len() < ENOUGH {
            std::thread::sleep(Duration::from_millis(2));
        }
        server.kill();
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() < EDITS as usize, "it was killed in the middle");

    let _server = env.serve();
    let verified = env.run("audit verify");
    assert_eq!(verified.code, 0, "{}", verified.screen());
    assert_eq!(env.run("audit export --out all.jsonl").code, 0);
    let mut written = BTreeMap::new();
    let mut newest: BTreeMap<String, (u64, Value)> = BTreeMap::new();
    for line in env.read("all.jsonl").lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let Some(key) = entry["stream"].as_str().and_then(|stream| stream.strip_prefix("flag/")) else { continue };
        let body: Value = serde_json::from_str(entry["body"].as_str().unwrap()).unwrap();
        let before = newest.insert(key.to_owned(), (entry["seq"].as_u64().unwrap(), body["after"]["flag"].clone()));
        // Each change begins where the one before it ended.
        assert_eq!(entry["seq"].as_u64().unwrap(), before.as_ref().map_or(0, |before| before.0) + 1);
        assert_eq!(body["before"]["flag"], before.map_or(Value::Null, |before| before.1));
        if entry["kind"] == "flag_decided" {
            let n: u32 = body["reason"].as_str().unwrap().strip_prefix("edit ").unwrap().parse().unwrap();
            let weights =
                &body["after"]["flag"]["channels"]["production"]["decision"]["rules"]["otherwise"]["split"]["weights"];
            assert_eq!((&weights[0]["weight"], &weights[1]["weight"]), (&json!(n), &json!(100_000 - n)), "whole");
            assert!(written.insert(n, key.to_owned()).is_none(), "edit {n} is there twice");
        }
    }
    let lost: Vec<_> = acknowledged.iter().filter(|n| !written.contains_key(n)).collect();
    assert!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
    for (key, (revision, flag)) in &newest {
        let shown: Value = serde_json::from_str(&env.run(&format!("flag show {key} --json")).stdout).unwrap();
        assert_eq!((&shown["revision"], &shown["flag"]), (&json!(revision), flag), "what is served is what is written");
    }
}

/// Edit `n` makes the share of its flag `n`. Answers the status; nothing if nobody answers.
fn edit(server: &str, token: &str, n: u32) -> Option<u16> {
    let split = json!({ "weights": [{ "variant": "on", "weight": n }, { "variant": "off", "weight": 100_000 - n }] });
    let decision = json!({ "rules": { "rules": [], "otherwise": { "split": split } } });
    let body = json!({ "decision": decision, "reason": format!("edit {n}") }).to_string();
    let mut stream = TcpStream::connect(server).ok()?;
    let (flag, length) = (n % FLAGS, body.len());
    let head = format!(
        "PUT /v1/flags/f{flag}/channels/production HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes()).ok()?;
    let mut answer = Vec::new();
    // The head is enough: it is sent when the edit is in the journal.
    let _broken_off = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}
