//! Control is gone for longer than the policy allows: the gate takes users back, and the release waits for a person.

use crate::environment::Environment;
use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Control looks four times as often as it must, so that a busy machine is not taken for a dead one.
const POLICY: &str = r#"
extends: standard
services:
  shop: { target: here, lever: edge, live: "1.0" }
targets:
  here: { process: { command: "exec python3 -m http.server --bind 127.0.0.1 $PORT", health: / } }
levers:
  edge: { gate: { listen: "127.0.0.1:0", dead_man: 6 s } }
rollouts:
  canary: { interval: 500 ms, stale_after: 4 s }
"#;

/// The gate outlives its server, and must not outlive the test.
struct Gate<'a>(&'a Environment);

impl Gate<'_> {
    fn shop(&self) -> Option<Value> {
        let mut stream = UnixStream::connect(self.0.path(".tidegate/gate/gate.sock")).ok()?;
        stream.write_all(b"GET /v1/services/shop HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }

    fn share(&self) -> Option<u64> {
        self.shop()?["share_ppm"].as_u64()
    }
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        let _stopped = self.0.run("gate stop --dir .tidegate/gate --drain 0");
    }
}

fn eventually(what: &str, env: &Environment, is_true: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_true() {
        assert!(since.elapsed() < Duration::from_secs(60), "never: {what}\n{}", env.run("release show r1").screen());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn users_are_taken_back_without_control_and_the_journal_tells_it() {
    let env = Environment::new();
    env.write("tidegate.yaml", POLICY);
    let gate = Gate(&env);
    let mut server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    eventually("the first phase", &env, || {
        env.run("release show r1 --json").stdout.contains("\"confirmed_percent\":5") && gate.share() == Some(50_000)
    });
    // Whoever is watched keeps users for longer than the limit.
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(gate.share(), Some(50_000), "{}", env.read("serve.log"));

    server.kill();
    eventually("nobody is on the canary", &env, || gate.share() == Some(0));

    let _server = env.serve();
    eventually("the release waits for a person", &env, || {
        env.run("release show r1 --json").stdout.contains("\"stage\":\"held\"")
    });
    let shown = env.run("release show r1");
    assert!(shown.stdout.contains("the lever took users back by itself"), "{}", shown.screen());
    assert_eq!(env.run("audit export --out journal.jsonl").code, 0);
    let told = env.read("journal.jsonl").lines().filter(|line| line.contains("taken_back")).count();
    assert_eq!(told, 1, "the journal tells it, once");
    assert_eq!(gate.share(), Some(0));

    assert_eq!(env.run("release resume r1").code, 0);
    eventually("users are on the canary again, by a person's word", &env, || gate.share() == Some(50_000));
    assert_eq!(gate.shop().unwrap()["withdrawn_by_gate"], Value::Null);
}
