//! Releases by hand, over commands: no traffic is measured, so nothing moves by itself, and every step is a person's.

use crate::environment::Environment;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Stdio;

#[test]
fn a_release_is_opened_steered_and_ended_by_hand() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();

    let none = env.run("release show latest");
    assert!(none.stderr.starts_with("error[TG-7021]: there is no release yet"), "{}", none.screen());

    let opened = env.run("release open shop --version 1.1 --note 'a note'");
    assert_eq!(opened.code, 0, "{}", opened.screen());
    assert!(opened.stdout.starts_with("r1 shop 1.1: "), "{}", opened.screen());

    let second = env.run("release open shop --version 1.2");
    assert_eq!(second.code, 5, "{}", second.screen());
    assert!(second.stderr.starts_with("error[TG-2102]: r1 of shop in production is "), "{}", second.screen());
    assert!(second.stderr.contains("--supersede"), "{}", second.screen());

    env.ramping();
    let paused = env.run("release pause latest --reason lunch");
    assert!(paused.stdout.contains("paused: lunch"), "{}", paused.screen());
    let waiting = env.run("release watch r1 --until-waiting");
    assert_eq!(waiting.code, 4, "{}", waiting.screen());
    let told: Vec<_> =
        waiting.stdout.lines().map(|line| line.trim_start_matches(|c: char| !c.is_ascii_lowercase())).collect();
    assert_eq!(
        told,
        [
            "r1 shop 1.1: paused in phase 1 of 4, 5 % for 30 min: lunch",
            "next: tidegate release resume r1, or tidegate rollback r1 --reason WHY"
        ]
    );
    let again = env.run("release pause r1 --reason again");
    assert_eq!(again.code, 5, "{}", again.screen());

    assert_eq!(env.run("release resume r1").code, 0);
    let aborted = env.run("release abort r1 --reason 'not today'");
    assert_eq!(aborted.code, 0, "{}", aborted.screen());
    let watched = env.run("release watch r1");
    assert_eq!(watched.code, 6, "{}", watched.screen());
    assert!(watched.stdout.contains("by hand: not today"), "{}", watched.screen());
    let over = env.run("release advance r1 --reason x");
    assert_eq!(over.code, 5);
    assert!(over.stderr.starts_with("error[TG-2001]"), "{}", over.screen());
    assert_eq!(env.read("share").trim(), "0", "users are on the old version");
}

#[test]
fn an_advance_names_the_phase_that_was_read() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();
    let shown = env.command("release show r1 --json").output().unwrap().stdout;
    let advanced = env.run("release advance r1 --reason 'all is well'");
    assert_eq!(advanced.code, 0, "{}", advanced.screen());

    // To somebody who still reads of the first phase: what they send is about that one.
    let late = Environment::new();
    let listener = TcpListener::bind(late.listen()).unwrap();
    let answering = std::thread::spawn(move || {
        let mut asked = String::new();
        for end in ["\r\n\r\n", "}"] {
            let (mut stream, _) = listener.accept().unwrap();
            asked.clear();
            while !asked.ends_with(end) {
                let mut some = [0; 4096];
                let length = stream.read(&mut some).unwrap();
                asked.push_str(&String::from_utf8_lossy(&some[..length]));
            }
            let head = format!("content-type: application/json\r\ncontent-length: {}\r\n", shown.len());
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}connection: close\r\n\r\n").as_bytes()).unwrap();
            stream.write_all(&shown).unwrap();
        }
        asked
    });
    let ran = late.run_with("TIDEGATE_TOKEN", "tg_1_secret", "release advance r1 --reason 'all is well'");
    assert_eq!(ran.code, 0, "{}", ran.screen());
    let asked = answering.join().unwrap();
    assert!(asked.starts_with("POST /v1/releases/r1/advance "), "{asked}");
    let body: serde_json::Value = serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body, serde_json::json!({ "reason": "all is well", "phase": 0 }));
}

#[test]
fn a_rollback_is_followed_to_its_end_and_quarantines() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();
    let rolled_back = env.run("rollback latest --reason 'it is bad' --watch");
    assert_eq!(rolled_back.code, 3, "{}", rolled_back.screen());
    let lines: Vec<_> = rolled_back.stdout.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    let told_twice = lines.windows(2).any(|two| two[0] == two[1]);
    assert!(!told_twice && !lines.is_empty(), "{}", rolled_back.screen());
    assert!(!env.run("release show r1").stdout.contains("so far"), "it is over");
    assert_eq!(env.run("release watch r1 --json").code, 3);
    let again = env.run("release open shop --version 1.1");
    assert_eq!(again.code, 5);
    assert!(again.stderr.starts_with("error[TG-2103]: version:1.1 is in quarantine"), "{}", again.screen());
    assert_eq!(env.run("release open shop --version 1.1 --lift-quarantine 'it was the network'").code, 0);
}

#[test]
fn an_alarm_takes_users_back_without_statistics() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();
    let alarm = env.run("alarm latest integrity --detail 'order 17 has no customer'");
    assert_eq!(alarm.code, 0, "{}", alarm.screen());
    let watched = env.run("release watch latest");
    assert_eq!(watched.code, 3, "{}", watched.screen());
    assert!(watched.stdout.contains("order 17 has no customer"), "{}", watched.screen());
}

#[test]
fn a_release_outlives_the_server_and_is_followed_across_its_death() {
    let env = Environment::new();
    env.write_policy();
    let mut server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();
    let mut watching = env.command("release watch r1").stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(watching.stdout.take().unwrap()).lines();
    // The server must not die before the watch has begun.
    let first = told.next().unwrap().unwrap();
    assert!(first.contains("r1 shop 1.1: ramping"), "{first}");
    server.kill();
    let _server = env.serve();
    let status = env.run("status");
    assert!(status.stdout.contains("r1 shop 1.1: "), "{}", status.screen());
    assert_eq!(env.run("release abort r1 --reason enough").code, 0);
    let rest: Vec<String> = told.map(Result::unwrap).collect();
    assert_eq!(watching.wait().unwrap().code(), Some(6), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("went away")), "{rest:?}");
}

#[test]
fn the_journal_is_verified_and_exported_while_the_server_runs() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    let verified = env.run("audit verify");
    assert_eq!(verified.code, 0, "{}", verified.screen());
    assert!(verified.stdout.starts_with("intact: "), "{}", verified.screen());
    let anchor = verified.stdout.lines().find_map(|line| line.strip_prefix("anchor: ")).unwrap();
    assert_eq!(env.run(&format!("audit verify --anchor {anchor}")).code, 0);
    let forged = format!("{}{}", &anchor[..anchor.len() - 1], if anchor.ends_with('0') { '1' } else { '0' });
    let refused = env.run(&format!("audit verify --anchor {forged}"));
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("= hint: "), "{}", refused.screen());

    assert_eq!(env.run("audit export --out journal.jsonl").code, 0);
    let kinds: Vec<String> = env
        .read("journal.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].to_string())
        .collect();
    assert!(kinds.contains(&"\"opened\"".to_owned()), "{kinds:?}");
    let twice = env.run("audit export --out journal.jsonl");
    assert!(twice.stderr.starts_with("error[TG-7019]: journal.jsonl cannot be written"), "{}", twice.screen());
}
