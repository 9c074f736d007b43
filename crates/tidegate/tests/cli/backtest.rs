//! `tidegate backtest` as people run it: over a table, a server that speaks as Prometheus does, and a store.

use crate::environment::Environment;
use expect_test::expect;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

pub(crate) const POLICY: &str = "extends: standard\n\
    services:\n  shop: { target: anywhere, lever: anyhow, signals: [metrics] }\n\
    targets:\n  anywhere:\n    command: { deploy: \"true\", promote: \"true\", withdraw: \"true\" }\n\
    levers:\n  anyhow:\n    command: { shift: \"true\", observe: echo 0 }\n\
    signals:\n  metrics:\n    prometheus:\n      url: http://127.0.0.1:9\n      arms:\n        queries:\n          \
    canary: { requests: 'http_requests_total{v=\"new\"}', errors: 'http_requests_total{v=\"new\",code=~\"5..\"}' }\n          \
    stable: { requests: 'http_requests_total', errors: 'http_requests_total{code=~\"5..\"}' }\n\
    rollouts:\n  quick:\n    extends: canary\n    phases:\n      \
    - { share: 10 %, soak: 10 min }\n      - { share: 50 %, soak: 10 min }\n      - share: 100 %\n    judge: { warm_up: 1 min }\n\
    types:\n  feature: { rollout: quick }\n";

/// An hour of ten pods that do the same every time; `web-3` fails from minute 20 to 40.
fn table(rows: impl Fn(u64) -> bool) -> String {
    let mut text = String::from("time,pod,requests,errors\n");
    for n in (0..360_u64).filter(|n| rows(*n)) {
        for pod in 0..10 {
            let bad = pod == 3 && (120..240).contains(&n);
            let errors = if bad { 30 } else { u64::from((n + pod) % 7 == 0) };
            writeln!(text, "{},web-{pod},300,{errors}", 1_772_359_200 + n * 10).unwrap();
        }
    }
    text
}

pub(crate) fn environment() -> Environment {
    let env = Environment::new();
    env.write("tidegate.yaml", POLICY);
    env.write("hour.csv", &table(|_| true));
    env
}

#[test]
fn a_table_and_an_incident() {
    let env = environment();
    let line = "backtest --csv hour.csv --rollout quick --runs 5 --seed 2 --svg hour.svg \
                --incident 2026-03-01T10:20:00Z..2026-03-01T10:40:00Z@web-3:disk";
    let ran = env.run(line);
    let text = ran.screen();
    assert_eq!(ran.code, 0, "{text}");
    for part in [
        "hour.csv: 2026-03-01T10:00:00Z to 2026-03-01T11:00:00Z, 1 h in 360 intervals, 10 pods\n",
        "rollout  length  runs  false alarms",
        "quick    20 min  5     ",
        "quick    disk      the other pods  1 of 1",
        "harm: ",
        "fit into the recording side by side",
        "Pods stay together.",
        "leave the marked incidents out",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert_eq!(env.run(line).screen(), text, "the same seed says the same");
    let picture = env.read("hour.svg");
    assert_eq!((picture.matches("<polyline").count(), picture.ends_with("</svg>\n")), (6, true));
    let json: serde_json::Value = serde_json::from_str(&env.run(&format!("{line} --json")).stdout).unwrap();
    let quick = &json["rollouts"][0];
    assert_eq!((&json["partial"], &quick["healthy"]["summary"]["runs"]), (&false.into(), &5.into()));
    assert_eq!((&quick["incidents"][0]["found"], &json["recording"]["split_by"]), (&1.into(), &"pods".into()));
    let delay = quick["incidents"][0]["median_ms"].as_i64().unwrap();
    assert!((10_000..600_000).contains(&delay), "{delay}");
}

#[test]
fn what_is_wrong_with_a_recording_is_told_with_its_line() {
    let env = environment();
    let refused = |text: &str, more: &str| {
        env.write("bad.csv", text);
        let ran = env.run(&format!("backtest --csv bad.csv --rollout quick {more}"));
        (ran.code, ran.stderr.lines().next().unwrap_or_default().to_owned())
    };
    for (text, more, first) in [
        ("time,requests\n1,2\n", "", "error[TG-7051]: bad.csv:1: there is no column `errors`"),
        ("time,requests,errors\n1,NaN,0\n", "", "error[TG-7052]: bad.csv:2: requests is `NaN`"),
        (
            "time,requests,errors\n9,1,0\n5,1,0\n",
            "",
            "error[TG-7053]: bad.csv:3: 1970-01-01T00:00:05Z goes back in time",
        ),
        (
            "time,requests,errors\n1,9,5\n2,10,4\n3,11,5\n",
            "--totals",
            "error[TG-7054]: bad.csv:3: the running total `errors` falls from 5 to 4",
        ),
        ("time,requests,errors\n", "", "error[TG-7055]: bad.csv holds 0 moments"),
        (
            "time,requests,errors\n1,9,0\n2,9,0\n",
            "",
            "error[TG-7056]: the recording is shorter than the rollout `quick`",
        ),
        ("time,pod,requests,errors\n1,a,9,0\n2,a,9,0\n", "", "error[TG-7057]: the recording knows only one pod, `a`"),
    ] {
        assert_eq!(refused(text, more), (1, first.to_owned()));
    }
    assert!(env.run("backtest --csv none.csv").stderr.contains("TG-7050"));
    assert!(env.run("backtest --csv hour.csv --rollout direct").stderr.contains("TG-7061"));
    assert!(env.run("backtest --csv hour.csv --service cart").stderr.contains("TG-7060"));
    assert!(env.run("backtest --csv hour.csv --rollout quick --runs 1 --svg no/where.svg").stderr.contains("TG-7062"));
    let nowhere = env.run("backtest --csv hour.csv --rollout quick --runs 0 --incident 1..2");
    assert!(nowhere.stdout.contains("cannot be replayed"), "{}", nowhere.screen());
    assert_eq!(env.run("backtest --csv hour.csv --incident soon").code, 2);
    assert_eq!(env.run("backtest").code, 2);
}

#[test]
fn totals_only_are_said_to_hide_clusters() {
    let env = environment();
    let mut text = String::from("time,requests,errors\n");
    (0..200).for_each(|n| writeln!(text, "{},900,1", n * 10).unwrap());
    env.write("totals.csv", &text);
    let ran = env.run("backtest --csv totals.csv --rollout quick --runs 3");
    assert!(ran.code == 0 && ran.stdout.contains("cannot show errors that come together"), "{}", ran.screen());
}

#[test]
fn whoever_stops_it_has_what_was_computed() {
    let env = environment();
    let mut running = env
        .command("backtest --csv hour.csv --rollout quick --runs 1000000 --json")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Its first progress comes after five seconds, and by then it computes.
    let mut stderr = running.stderr.take().unwrap();
    let (since, mut heard) = (Instant::now(), [0; 9]);
    stderr.read_exact(&mut heard).unwrap();
    assert!(&heard == b"backtest:" && since.elapsed() < Duration::from_secs(120));
    let pid = running.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = running.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = json["rollouts"][0]["healthy"]["summary"]["runs"].as_u64().unwrap();
    assert_eq!((output.status.code(), &json["partial"]), (Some(10), &true.into()));
    assert!((1..1_000_000).contains(&runs), "{runs}");
}

/// Two processes of which each counter grows by the same every ten seconds; the question's own times choose the samples.
fn prometheus() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4_096];
            while !String::from_utf8_lossy(&request).contains("&time=") {
                match stream.read(&mut piece) {
                    Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let body = answer(&request);
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _gone = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

fn answer(request: &str) -> String {
    let time: f64 = request.split("&time=").nth(1).unwrap().split('&').next().unwrap().trim().parse().unwrap();
    let back: u64 = request.split("%5B").nth(1).unwrap().split("ms").next().unwrap().parse().unwrap();
    let step = if request.contains("5..") { 1 } else { 500 };
    let (end, mut series) = (time as u64, Vec::new());
    for pod in ["a", "b", "c", "d"] {
        let from = end - back / 1_000;
        let samples: Vec<String> =
            (from / 10 + 1..=end / 10).map(|n| format!("[{},\"{}\"]", n * 10, (n - 1_000) * step)).collect();
        let name =
            format!("\"__name__\":\"http_requests_total\",\"code\":\"{step}\",\"job\":\"shop\",\"instance\":\"{pod}\"");
        series.push(format!("{{\"metric\":{{{name}}},\"values\":[{}]}}", samples.join(",")));
    }
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{}]}}}}", series.join(","))
}

#[test]
fn a_prometheus_server_is_asked_by_the_policys_selectors() {
    let env = environment();
    let url = prometheus();
    let ran = env.run(&format!(
        "backtest --prometheus {url} --from 2026-03-01T10:00:00Z --to 2026-03-01T11:00:00Z --step 10 --rollout quick --runs 2 --json"
    ));
    assert_eq!(ran.code, 0, "{}", ran.screen());
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&json["recording"]["intervals"], &json["recording"]["split_by"]), (&360.into(), &"pods".into()));
    assert_eq!(json["rollouts"][0]["healthy"]["summary"]["false_alarms"]["count"], 0);
    let silent =
        env.run("backtest --prometheus http://127.0.0.1:9 --from 2026-03-01T10:00:00Z --to 2026-03-01T11:00:00Z");
    assert!(silent.code == 1 && silent.stderr.contains("TG-5050"), "{}", silent.screen());
}

#[test]
fn a_store_without_measurements_says_so() {
    let env = Environment::new();
    env.write_policy();
    let server = env.serve();
    expect![[r#"
        error[TG-7055]: no measurement of shop is in .tidegate
          = why: of 0 releases none was measured while the old version had users
          = hint: look at --service, --from and --to, and at `tidegate release list`
        exit 1
    "#]]
    .assert_eq(&env.run("backtest --data .tidegate").screen());
    drop(server);
    assert!(env.run("backtest --data nowhere").stderr.contains("TG-3"));
}
