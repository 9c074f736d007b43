//! When there is no server, or it is not one of ours, or there is nothing to show to it.

use crate::environment::Environment;
use expect_test::expect;
use std::io::{Read, Write};
use std::net::TcpListener;

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
    expect![[r#"
        error[TG-7003]: there is no token to show to the server
          = why: TIDEGATE_TOKEN is not set and .tidegate/admin.token cannot be read: No such file or directory (os error 2)
          = hint: run this where the server runs, name its admin.token with --token-file, or set TIDEGATE_TOKEN
        exit 2
    "#]]
    .assert_eq(&env.run("release list").screen());
}

#[test]
fn what_is_no_token_is_not_sent() {
    let env = Environment::new();
    let ran = env.run_with("TIDEGATE_TOKEN", "hunter2", "release list");
    expect![[r#"
        error[TG-7004]: what TIDEGATE_TOKEN holds is not a token
          = why: a token begins with `tg_` and is one line; it was not sent
          = hint: make one with `tidegate token create`
        exit 2
    "#]]
    .assert_eq(&ran.screen());
    assert!(!ran.screen().contains("hunter2"));
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
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
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
