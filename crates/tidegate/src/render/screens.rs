//! Screens of releases that cannot be brought about without minutes of traffic.

use super::block::block;
use super::change::News;
use crate::paint::Paint;
use expect_test::expect;
use serde_json::{Value, json};
use server::dto::Release;

const REASON: &str = "undecided after 1 min 12 s in phase 2: undecided: error rate: 0.31 % against 0.28 % over 1,204 and \
    1,177 requests; it lies between -0.4 and 0.5 points; it is not shown to be within the allowed 0.1 points: that takes \
    about 64,000 more canary requests, if things go on as they are; p95: 5.1 ms against 5.0 ms; it is not shown to be \
    within the allowed 10 %: that takes about 900 more canary requests, if things go on as they are";

/// A release in phase 2 of 3, with what is different in `change`.
fn release(change: Value) -> Release {
    let arm = json!({ "last": null, "total": { "requests": 0, "errors": 0, "error_percent": null } });
    let phase = |share: f64, soak: u64, state: &str| json!({ "share_percent": share, "soak_ms": soak, "on_undecided": { "then": "hold" }, "hooks": [], "state": state });
    let mut release = json!({
        "id": "r4", "service": "site", "channel": "production", "type": "feature", "version": "2",
        "artifact": "version:2", "live": "1", "waits_for": null, "stage": "ramping", "headline": "on its way",
        "waits_for_person": false, "over": false, "exit_code_hint": 4, "opened_at_ms": 0, "opened_by": "ada",
        "note": null, "quarantine_lifted": null, "last_at_ms": 0,
        "plan": {
            "name": "quick", "policy_digest": "", "watch_ms": 20_000, "interval_ms": 2_000, "measured": true,
            "phases": [phase(20.0, 20_000, "done"), phase(50.0, 20_000, "now"), phase(100.0, 0, "ahead")],
        },
        "phase_index": 1,
        "clock": { "entered_at_ms": 0, "confirmed_at_ms": 0, "soak_ms": 72_000, "soak_for_ms": 20_000 },
        "shares": {
            "requested_percent": 50.0, "confirmed_percent": 50.0, "confirmed_at_ms": 0, "observed": null,
            "observed_in_phase": null, "doubt": null,
        },
        "arms": { "from_ms": null, "to_ms": null, "gap": null, "stable": arm, "canary": arm },
        "verdict": null, "hold": null, "paused": null, "stopped_by": null, "degradation_shared": false, "blind": false,
        "hooks_passed": [], "rollback": null, "troubles": [], "unwritten": 0, "seq": 9, "measurements": 9,
    });
    if let (Some(release), Value::Object(change)) = (release.as_object_mut(), change) {
        release.extend(change);
    }
    serde_json::from_value(release).unwrap()
}

fn held() -> Release {
    let why = format!("waits for a person: {REASON}");
    release(json!({
        "stage": "held", "waits_for_person": true, "stopped_by": why, "hold": { "since_ms": 0, "reason": REASON },
    }))
}

fn going_back(live: Option<&str>, verified: &str, over: bool) -> Release {
    let step = |step: &str, state: &str| json!({ "step": step, "state": state, "took_ms": null, "budget_ms": null, "over": false });
    release(json!({
        "live": live, "stage": if over { "rolled_back" } else { "rolling_back" }, "over": over, "clock": null,
        "rollback": {
            "why": "person", "cause": "by hand: wrong headline", "ending": "rolled_back", "quarantined": true,
            "first_sign_at_ms": 0, "started_at_ms": 0, "users_back_at_ms": 0, "users_back_ms": 0,
            "withdrawn_at_ms": 0, "total_ms": 277, "total_budget_ms": 1_800_000, "over_total": false,
            "steps": [step("execute", "done"), step("verify", verified)],
        },
    }))
}

fn screen(release: &Release) -> String {
    block(release, 100).iter().map(|line| line.paint(Paint::new(false), 100) + "\n").collect()
}

#[test]
fn a_log_says_in_three_lines_why_a_release_waits_and_what_to_type() {
    let mut news = News::default();
    expect![[r#"
        r4 site 2: waits for a person in phase 2 of 3, 50 % for 20 s: undecided after 1 min 12 s
          error rate: 0.31 % against 0.28 % over 1,204 and 1,177 requests; it lies between -0.4 and 0.5 points; it is not shown t…
          next: tidegate release advance r4 --reason WHY, tidegate release resume r4, or tidegate rollback r4 --reason WHY"#]].assert_eq(&news.of(&held()).join("\n"));
    assert!(news.of(&held()).is_empty());
}

#[test]
fn a_block_says_once_why_a_release_waits() {
    expect![[r#"
        r4  site 2  production, feature  waits for a person
            in place of 1; opened 1970-01-01T00:00:00Z by ada

            ● 20 % 20 s   ◐ 50 % 20 s   ○ 100 %   ○ watch 20 s
            soak   ██████████████████████████████  20 s reached
            share  50 % asked, 50 % confirmed
            waits for a person: undecided after 1 min 12 s
            next     tidegate release advance r4 --reason WHY, tidegate release resume r4, or tidegate
                     rollback r4 --reason WHY
    "#]]
    .assert_eq(&screen(&held()));
}

#[test]
fn a_log_names_the_step_of_a_rollback_and_says_nothing_twice() {
    let mut news = News::default();
    expect!["r4 site 2: rolling back; 50 % confirmed; step: verify; by hand: wrong headline; users back at once"]
        .assert_eq(&news.of(&going_back(Some("1"), "now", false)).join("\n"));
    let mut same = going_back(Some("1"), "now", false);
    same.shares.observed = None;
    same.clock = Some(server::dto::Clock { entered_at_ms: 0, confirmed_at_ms: None, soak_ms: 0, soak_for_ms: 7 });
    assert!(news.of(&same).is_empty(), "what changed is not in the line");
}

#[test]
fn the_end_of_a_rollback_is_told_as_an_end() {
    expect![[r#"
        r4  site 2  production, feature  rolled back
            in place of 1; opened 1970-01-01T00:00:00Z by ada

            ● 20 % 20 s   ✗ 50 % 20 s   ○ 100 %   ○ watch 20 s
            share  50 % asked, 50 % confirmed
            users have 1

            because  by hand: wrong headline
            steps    execute done   verify done
            users    back on the old version at once; 277 ms of 30 min
    "#]]
    .assert_eq(&screen(&going_back(Some("1"), "done", true)));
    let first = screen(&going_back(None, "done", true));
    assert!(first.contains("users    on no version, as before; 277 ms of 30 min\n"), "{first}");
}
