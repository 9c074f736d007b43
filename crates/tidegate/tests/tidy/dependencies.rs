//! Dependencies: known licences, nothing that is banned, and not too many. What `deny.toml` says is checked here with
//! what cargo itself knows, since installing `cargo deny` takes longer than everything else.

use crate::tree::{read, root};
use std::process::Command;

/// More crates than this need a talk first.
const MOST_CRATES: usize = 240;

#[test]
fn licences_are_known() {
    let allowed = list(&read("deny.toml"), "allow = [");
    let metadata = metadata();
    for package in packages(&metadata) {
        let (name, licence) = (text(package, "name"), text(package, "license"));
        // One of the alternatives of an OR must be allowed, and all parts of an AND.
        let fine = licence.replace('/', " OR ").replace(['(', ')'], "").split(" OR ").any(|alternative| {
            alternative.split(" AND ").all(|part| allowed.iter().any(|allowed| allowed == part.trim()))
        });
        assert!(fine, "{name} is under {licence:?}, which deny.toml does not allow");
    }
}

#[test]
fn nothing_banned_came_in() {
    let deny = read("deny.toml");
    let banned: Vec<String> =
        deny.lines().filter_map(|line| Some(line.split("crate = \"").nth(1)?.split('"').next()?.to_string())).collect();
    assert!(!banned.is_empty());
    // Only what is built counts: the lock file also names what other platforms would need.
    let tree = cargo(&["tree", "--workspace", "--locked", "--prefix", "none", "--format", "{p}"]);
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or("");
        assert!(!banned.iter().any(|b| b == name), "{name} is banned by deny.toml");
    }
}

#[test]
fn the_tree_stays_small() {
    let count = read("Cargo.lock").matches("[[package]]").count();
    assert!(count <= MOST_CRATES, "{count} crates in Cargo.lock, {MOST_CRATES} is the ceiling");
}

#[test]
fn dependencies_come_from_the_registry() {
    let lock = read("Cargo.lock");
    let other: Vec<_> = lock.lines().filter(|l| l.starts_with("source = ") && !l.contains("registry+")).collect();
    assert!(other.is_empty(), "{other:?}");
}

fn metadata() -> serde_json::Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--locked"])).unwrap()
}

fn packages(metadata: &serde_json::Value) -> &Vec<serde_json::Value> {
    metadata["packages"].as_array().unwrap()
}

fn text<'a>(package: &'a serde_json::Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or("")
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The strings of a TOML list on one line.
fn list(toml: &str, start: &str) -> Vec<String> {
    let rest = toml.split(start).nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    rest.split('"').skip(1).step_by(2).map(str::to_string).collect()
}
