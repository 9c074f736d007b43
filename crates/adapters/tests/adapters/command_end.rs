//! How commands end: by themselves, badly, late, or because nobody wants them any more. Nothing of them stays.

use crate::house::{Scratch, eventually, runs};
use crate::orders::{command_wiring, env, order};
use adapters::Adapters;
use control::ports::{Connect, PortError, Site};
use engine::{Millis, Share};
use policy::{EnvValue, Lever, Wiring};
use std::time::{Duration, Instant};

fn shifting(scratch: &Scratch, shift: &str, timeout: Millis) -> (Wiring, Site) {
    let mut wiring = command_wiring(scratch);
    if let Lever::Command(lever) = &mut wiring.lever {
        lever.shift = shift.into();
        lever.timeout = timeout;
    }
    let site = Adapters::new(None).connect(&wiring).unwrap();
    (wiring, site)
}

async fn shift(scratch: &Scratch, command: &str, timeout: Millis) -> Result<(), PortError> {
    let (wiring, site) = shifting(scratch, command, timeout);
    site.lever.shift(&order(&wiring, Some("1.0"), "1.1"), Share::percent(5)).await
}

async fn noted_pid(scratch: &Scratch, name: &str) -> u64 {
    let mut pid = None;
    eventually("the process notes its number", async || {
        pid = scratch.read(name).trim().parse().ok();
        pid.is_some()
    })
    .await;
    pid.unwrap()
}

#[tokio::test]
async fn a_command_that_hangs_is_stopped_with_everything_that_it_started() {
    let scratch = Scratch::new();
    let command = "echo connecting; sleep 600 & echo $! > child; wait";
    let error = shift(&scratch, command, Millis(700)).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5022", false));
    assert!(
        error.message.contains("did not end within 0.7 s") || error.message.contains("did not end within 700 ms"),
        "{}",
        error.message
    );
    assert!(error.message.contains("connecting") && !error.hint.is_empty());
    let child = noted_pid(&scratch, "child").await;
    eventually("the child is gone", async || !runs(child)).await;
}

#[tokio::test]
async fn one_that_ignores_the_polite_signal_is_killed() {
    let scratch = Scratch::new();
    let begun = Instant::now();
    let command = "trap '' TERM; echo $$ > shell; sleep 600 & echo $! > child; while :; do sleep 0.1; done";
    let error = shift(&scratch, command, Millis(500)).await.unwrap_err();
    assert_eq!(error.code, "TG-5022");
    assert!(begun.elapsed() > Duration::from_secs(5), "it had its grace");
    for name in ["shell", "child"] {
        let pid = noted_pid(&scratch, name).await;
        eventually("it is gone", async || !runs(pid)).await;
    }
}

#[tokio::test]
async fn one_that_nobody_waits_for_any_more_is_killed_at_once() {
    let scratch = Scratch::new();
    let command = "trap '' TERM; sleep 600 & echo $! > child; echo $$ > shell; wait; echo moved > moved";
    let (wiring, site) = shifting(&scratch, command, Millis::seconds(600));
    let next = order(&wiring, Some("1.0"), "1.1");
    let task = tokio::spawn(async move { site.lever.shift(&next, Share::percent(5)).await });
    let shell = noted_pid(&scratch, "shell").await;
    let child = noted_pid(&scratch, "child").await;
    assert!(runs(shell) && runs(child));
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    eventually("both are gone", async || !runs(shell) && !runs(child)).await;
    assert_eq!(scratch.read("moved"), "");
}

#[tokio::test]
async fn what_a_command_leaves_in_the_background_is_left_alone_and_not_waited_for() {
    let scratch = Scratch::new();
    let begun = Instant::now();
    shift(&scratch, "sleep 30 & echo $! > child", Millis::seconds(20)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    let child = noted_pid(&scratch, "child").await;
    assert!(runs(child));
    std::process::Command::new("kill").arg(child.to_string()).status().unwrap();
}

#[tokio::test]
async fn a_failure_shows_what_was_printed_and_no_secret() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    let path = scratch.write("token", "hunter2-and-more\n");
    if let Lever::Command(lever) = &mut wiring.lever {
        lever.env = env("TOKEN", EnvValue::FromFile(path));
        lever.shift = "echo asking with $TOKEN; echo forbidden: $TOKEN >&2; exit 4".into();
        lever.observe = "echo $TOKEN".into();
    }
    let site = Adapters::new(None).connect(&wiring).unwrap();
    let next = order(&wiring, Some("1.0"), "1.1");
    let error = site.lever.shift(&next, Share::percent(5)).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5021", false));
    assert!(error.message.contains("exit code 4"), "{}", error.message);
    assert!(error.message.contains("asking with [hidden]") && error.message.contains("forbidden: [hidden]"));
    let unreadable = site.lever.observe(&next).await.unwrap_err();
    for error in [error, unreadable] {
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn one_that_prints_for_ever_costs_no_memory_and_no_more_than_its_time() {
    let scratch = Scratch::new();
    let error = shift(&scratch, "yes flood", Millis(500)).await.unwrap_err();
    assert_eq!(error.code, "TG-5022");
    assert!(error.message.len() < 5_000 && error.message.contains("flood"));
}

#[tokio::test]
async fn one_that_cannot_be_run_says_where_it_should_have() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    if let Lever::Command(lever) = &mut wiring.lever {
        lever.workdir = "/no/such/folder".into();
    }
    let site = Adapters::new(None).connect(&wiring).unwrap();
    let error = site.lever.shift(&order(&wiring, None, "1.0"), Share::ALL).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5020", false));
    assert!(error.message.contains("/no/such/folder"), "{}", error.message);
    let error = shift(&scratch, "no-such-program --now", Millis::seconds(5)).await.unwrap_err();
    assert_eq!(error.code, "TG-5021");
    assert!(error.message.contains("exit code 127") && error.message.contains("no-such-program"), "{}", error.message);
}
