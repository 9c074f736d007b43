//! The demo is the end-to-end test: real processes, real traffic, and its own check of what it promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage must fail")]

use std::process::Command;
use std::sync::Mutex;

/// Two demos at once would measure each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn demo(arguments: &[&str]) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(["demo", "--exit", "--json", "--speed", "800"])
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}\n{stdout}\n{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn a_version_with_errors_is_taken_back() {
    demo(&["--fault", "errors"]);
}

#[test]
fn a_version_that_crashes_is_taken_back() {
    demo(&["--fault", "crash"]);
}

#[test]
fn what_both_versions_depend_on_is_nobody_s_fault() {
    demo(&["--fault", "dependency"]);
}

#[test]
fn a_control_plane_that_is_killed_changes_nothing() {
    demo(&["--fault", "errors", "--kills", "5"]);
}
