//! A release by commands.

use crate::house::Scratch;
use crate::orders::{command_wiring, env, order};
use adapters::Adapters;
use control::ports::{Connect, Site};
use engine::{Millis, Share};
use policy::{EnvValue, Lever, Target, Wiring};

fn site(wiring: &Wiring) -> Site {
    Adapters::new(None).connect(wiring).unwrap()
}

fn observing(scratch: &Scratch, observe: &str) -> Site {
    let mut wiring = command_wiring(scratch);
    if let Lever::Command(lever) = &mut wiring.lever {
        lever.observe = observe.into();
    }
    site(&wiring)
}

#[tokio::test]
async fn a_release_runs_its_commands_in_order() {
    let scratch = Scratch::new();
    let wiring = command_wiring(&scratch);
    let site = site(&wiring);
    let next = order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&next).await.unwrap();
    let half = Share::from_ppm(125_000).unwrap();
    site.lever.shift(&next, half).await.unwrap();
    assert_eq!(site.lever.observe(&next).await, Ok(half));
    site.lever.shift(&next, Share::ALL).await.unwrap();
    site.target.promote(&next).await.unwrap();
    // Everybody is on the new production version before the copy that was the canary goes.
    let log = "deploy 1.1\nshift 1.1 12.5\nshift 1.1 100\npromote 1.1\nshift 1.1 0\nwithdraw 1.1\n";
    assert_eq!(scratch.read("log"), log);
    site.target.withdraw(&next).await.unwrap();
    assert!(scratch.read("log").ends_with("withdraw 1.1\nwithdraw 1.1\n"));
}

#[tokio::test]
async fn a_command_is_told_and_never_written() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    if let Lever::Command(lever) = &mut wiring.lever {
        lever.shift = "env | grep ^TIDEGATE_ | sort > told".into();
        lever.env = env("TIDEGATE_EXTRA", EnvValue::Text("$(touch pwned)".into()));
    }
    let hostile = "1.1'; touch pwned; $(touch pwned)";
    let mut next = order(&wiring, Some("1.0"), hostile);
    next.release = "r12".into();
    site(&wiring).lever.shift(&next, Share::percent(5)).await.unwrap();
    let told = format!(
        "TIDEGATE_ARTIFACT=sha256:{hostile}\nTIDEGATE_CHANNEL=production\nTIDEGATE_EXTRA=$(touch pwned)\nTIDEGATE_LIVE_VERSION=1.0\nTIDEGATE_RELEASE=r12\nTIDEGATE_SERVICE=shop\nTIDEGATE_SHARE_PERCENT=5\nTIDEGATE_SHARE_PPM=50000\nTIDEGATE_VERSION={hostile}\n"
    );
    assert_eq!(scratch.read("told"), told);
    assert!(!scratch.path().join("pwned").exists());
}

#[tokio::test]
async fn a_first_release_has_an_empty_live_version() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    if let Target::Command(target) = &mut wiring.target {
        target.deploy = "set -u; echo \"live:$TIDEGATE_LIVE_VERSION\" > told".into();
    }
    site(&wiring).target.deploy(&order(&wiring, None, "1.0")).await.unwrap();
    assert_eq!(scratch.read("told"), "live:\n");
}

#[tokio::test]
async fn what_is_no_share_is_shown_and_not_guessed() {
    let scratch = Scratch::new();
    for (observe, shown) in [
        ("echo weight: 5", "weight: 5"),
        ("true", "\"\""),
        ("echo 101", "101"),
        ("echo 5 >&2", "5"),
        ("yes 5 | head -c 100000", "5"),
    ] {
        let site = observing(&scratch, observe);
        let error = site.lever.observe(&order(&command_wiring(&scratch), Some("1.0"), "1.1")).await.unwrap_err();
        assert_eq!(error.code, "TG-5023", "{observe}");
        assert!(error.message.contains(shown) && error.message.len() < 9_000, "{}", error.message);
    }
    let chatty = observing(&scratch, "echo asking the router >&2; echo ' 5 %'");
    assert_eq!(
        chatty.lever.observe(&order(&command_wiring(&scratch), Some("1.0"), "1.1")).await,
        Ok(Share::percent(5))
    );
}

#[tokio::test]
async fn a_version_is_ready_when_its_command_says_so() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    if let Target::Command(target) = &mut wiring.target {
        target.ready = Some("echo asked >> asked; test $(wc -l < asked) -ge 2".into());
    }
    site(&wiring).target.deploy(&order(&wiring, Some("1.0"), "1.1")).await.unwrap();
    assert_eq!(scratch.read("asked"), "asked\nasked\n");
}

#[tokio::test]
async fn a_version_that_never_gets_ready_fails_with_its_last_word() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    if let Target::Command(target) = &mut wiring.target {
        target.ready = Some("echo pending; exit 1".into());
        target.timeout = Millis(1_500);
    }
    let error = site(&wiring).target.deploy(&order(&wiring, Some("1.0"), "1.1")).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5021", false));
    assert!(error.message.contains("`ready`") && error.message.contains("pending"), "{}", error.message);
}

#[tokio::test]
async fn users_count_as_taken_back_when_the_router_says_so() {
    let scratch = Scratch::new();
    let mut wiring = command_wiring(&scratch);
    if let Lever::Command(lever) = &mut wiring.lever {
        lever.shift = "echo no such ingress; exit 1".into();
    }
    let next = order(&wiring, Some("1.0"), "1.1");
    for (router, share, code) in [
        ("0", Share::NONE, None),
        ("5", Share::NONE, Some("TG-5021")),
        ("no ingress", Share::NONE, Some("TG-5021")),
        ("0", Share::percent(5), Some("TG-5021")),
    ] {
        scratch.write("share", router);
        let result = site(&wiring).lever.shift(&next, share).await;
        assert_eq!(result.err().map(|error| error.code), code, "{router} {share}");
    }
}
