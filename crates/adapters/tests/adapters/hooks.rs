//! Smoke tests and user journeys.

use crate::gate_release::live;
use crate::house::{House, Scratch};
use crate::http::server;
use crate::orders::{command_wiring, order, process_wiring};
use adapters::Adapters;
use control::ports::Connect;
use engine::{Millis, Share};
use policy::{CommandHook, Hook, HttpHook, Wiring};
use std::collections::BTreeMap;

fn with_hook(wiring: Wiring, hook: Hook) -> Wiring {
    Wiring { hooks: vec![("smoke".into(), hook)], ..wiring }
}

fn command(scratch: &Scratch, run: &str) -> Hook {
    Hook::Command(CommandHook {
        run: run.into(),
        timeout: Millis::seconds(10),
        env: BTreeMap::new(),
        workdir: scratch.path().display().to_string(),
    })
}

async fn run(wiring: &Wiring, name: &str) -> Result<(), String> {
    let site = Adapters::new(None).connect(wiring).unwrap();
    site.hooks.run(&order(wiring, Some("1.0"), "1.1"), name, Share::percent(25)).await
}

#[tokio::test]
async fn a_command_decides_by_its_status() {
    let scratch = Scratch::new();
    let good = with_hook(command_wiring(&scratch), command(&scratch, "test $TIDEGATE_SHARE_PERCENT = 25"));
    assert_eq!(run(&good, "smoke").await, Ok(()));
    let bad = with_hook(command_wiring(&scratch), command(&scratch, "echo basket is empty; exit 1"));
    let why = run(&bad, "smoke").await.unwrap_err();
    assert!(why.starts_with("TG-5021") && why.contains("`smoke`") && why.contains("basket is empty"), "{why}");
    let why = run(&bad, "journey").await.unwrap_err();
    assert!(why.starts_with("TG-5034") && why.contains("journey"), "{why}");
}

#[tokio::test]
async fn a_url_decides_by_its_status_and_redirects_are_not_followed() {
    let scratch = Scratch::new();
    for (head, expect, ends) in [
        ("200 OK", 200, None),
        ("302 Found\r\nlocation: /login", 302, None),
        ("200 OK", 204, Some("answered 200, expected 204")),
        ("302 Found\r\nlocation: /login", 200, Some("answered 302, expected 200; redirects are not followed")),
    ] {
        let hook = Hook::Http(HttpHook { url: server(Some(head)).await, expect, timeout: Millis::seconds(5) });
        match (run(&with_hook(command_wiring(&scratch), hook), "smoke").await, ends) {
            (Ok(()), None) => {}
            (Err(why), Some(end)) => assert!(why.starts_with("TG-5033") && why.ends_with(end), "{why}"),
            (result, _) => panic!("{head}: {result:?}"),
        }
    }
    let hook = Hook::Http(HttpHook { url: server(None).await, expect: 200, timeout: Millis(200) });
    assert!(run(&with_hook(command_wiring(&scratch), hook), "smoke").await.unwrap_err().starts_with("TG-5032"));
    let hook = Hook::Http(HttpHook { url: "https://shop/".into(), expect: 200, timeout: Millis(200) });
    assert!(run(&with_hook(command_wiring(&scratch), hook), "smoke").await.unwrap_err().starts_with("TG-5030"));
}

#[tokio::test]
async fn a_smoke_test_reaches_the_new_version_past_the_split() {
    let house = House::new().await;
    let ask = r#"python3 -S -c 'import os, urllib.request as u
for name in ("CANARY", "STABLE"): print(u.urlopen(os.environ["TIDEGATE_" + name + "_URL"]).read().decode())' > said"#;
    let wiring = with_hook(process_wiring(&house.scratch), command(&house.scratch, ask));
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    site.target.deploy(&order(&wiring, Some("1.0"), "1.1")).await.unwrap();
    site.hooks.run(&order(&wiring, Some("1.0"), "1.1"), "smoke", Share::percent(5)).await.unwrap();
    let said = house.scratch.read("said");
    let versions: Vec<_> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(versions, ["1.1", "1.0"]);
}
