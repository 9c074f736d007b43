//! When there is no server, or it is not one of ours, or there is nothing to show to it.

use crate::environment::Environment;
use expect_test::expect;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

#[test]
fn no_server_answers() {
    let env = Environment::new();
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "status");
    expect![[r#"
        error[TG-7001]: no server answers at http://127.0.0.1:$PORT
          = why: Connection refused (os error 111)
          = hint: start one with `tidegate serve`, or name another with --server or TIDEGATE_SERVER
        exit 7
    "#]]
    .assert_eq(&ran.screen());
}

#[test]
fn a_program_is_told_the_same() {
    let env = Environment::new();
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "release show r1 --json");
    assert_eq!((ran.code, ran.stdout.as_str()), (7, ""));
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["exit_code"]), (&"TG-7001".into(), &7.into()));
}

#[test]
fn there_is_no_token() {
    let env = Environment::new();
    let listener = TcpListener::bind(env.listen()).unwrap();
    let answering = answer_once(listener, "ok\n");
    expect![[r#"
        error[TG-7003]: there is no token to show to the server
          = why: TIDEGATE_TOKEN is not set and .tidegate/admin.token cannot be read: No such file or directory (os error 2)
          = hint: run this in the folder where the server was started, name its admin.token with --token-file, or set TIDEGATE_TOKEN
        exit 2
    "#]]
    .assert_eq(&env.run("release list").screen());
    assert!(answering.join().unwrap().starts_with("GET /healthz "));
}

/// A missing server is the first thing to know; a token would not help.
#[test]
fn no_server_answers_and_there_is_no_token() {
    let env = Environment::new();
    for line in ["status", "release list", "token list", "rollback latest --reason x", "alarm r1 integrity --detail x"]
    {
        let ran = env.run(line);
        assert_eq!(ran.code, 7, "{line}: {}", ran.screen());
        assert!(ran.stderr.starts_with("error[TG-7001]: no server answers at "), "{}", ran.screen());
    }
}

#[test]
fn what_is_no_token_is_not_sent() {
    let env = Environment::new();
    let answering = answer_once(TcpListener::bind(env.listen()).unwrap(), "ok\n");
    let ran = env.run_with("TIDEGATE_TOKEN", "hunter2", "release list");
    expect![[r#"
        error[TG-7004]: what TIDEGATE_TOKEN holds is not a token
          = why: a token begins with `tg_` and is one line; it was not sent
          = hint: make one with `tidegate token create`
        exit 2
    "#]]
    .assert_eq(&ran.screen());
    assert!(!ran.screen().contains("hunter2"));
    assert!(!answering.join().unwrap().contains("hunter2"));
}

#[test]
fn a_token_does_not_travel_in_clear() {
    let env = Environment::new();
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "--server http://192.0.2.1:7700 status");
    expect![[r#"
        error[TG-7005]: the token would travel to http://192.0.2.1:7700 where everybody on the way can read it
          = hint: reach the server through a tunnel (`ssh -L 7700:127.0.0.1:7700 host`), or insist with --insecure
        exit 2
    "#]]
    .assert_eq(&ran.screen());
}

#[test]
fn an_address_must_be_one() {
    let env = Environment::new();
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "--server https://tidegate.example status");
    expect![[r#"
        error[TG-7006]: `https://tidegate.example` is not the address of a server
          = why: this version speaks http:// only; put a tunnel or a proxy in front
          = hint: write it as http://HOST:PORT
        exit 2
    "#]]
    .assert_eq(&ran.screen());
}

#[test]
fn another_program_answers() {
    let env = Environment::new();
    let listener = TcpListener::bind(env.listen()).unwrap();
    let answering = answer_once(listener, "hello");
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "status");
    expect![[r#"
        error[TG-7002]: http://127.0.0.1:$PORT answers (HTTP 200), but not as a Tidegate server of this version
          = why: it is not JSON
          = hint: check --server; if the server is an older or newer Tidegate, use the command line of its version
        exit 7
    "#]]
    .assert_eq(&ran.screen());
    let request = answering.join().unwrap();
    assert!(request.contains("authorization: Bearer tg_1_secret"), "{request}");
}

#[test]
fn ids_that_cannot_be_are_not_asked_for() {
    let env = Environment::new();
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "release show ../tokens");
    expect![[r#"
        error[TG-7020]: `../tokens` cannot be the id of a release
          = hint: ids look like r17; `latest` is the newest release; `tidegate release list` shows all
        exit 2
    "#]]
    .assert_eq(&ran.screen());
}

/// A stream that cannot go on says why in its last event; asking again would bring the same for ever.
#[test]
fn a_stream_that_ends_with_a_problem_is_not_asked_for_again() {
    let env = Environment::new();
    let words = "event: problem\ndata: {\"status\":500,\"code\":\"TG-6099\",\"detail\":\"an event cannot be written\",\
                 \"hint\":\"look into the server's log\"}\n\n";
    let answering = answer_once_as("text/event-stream", TcpListener::bind(env.listen()).unwrap(), words);
    let ran = env.run_with("TIDEGATE_TOKEN", "tg_1_secret", "release watch r1");
    expect![[r#"
        error[TG-6099]: an event cannot be written
          = hint: look into the server's log
        exit 1
    "#]]
    .assert_eq(&ran.screen());
    assert!(answering.join().unwrap().starts_with("GET /v1/releases/r1/live "));
}

/// Answers one request with these words, and tells the request.
fn answer_once(listener: TcpListener, words: &'static str) -> JoinHandle<String> {
    answer_once_as("text/plain", listener, words)
}

fn answer_once_as(media: &'static str, listener: TcpListener, words: &'static str) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        let length_of = words.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {length_of}\r\n\r\n{words}");
        stream.write_all(head.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    })
}
