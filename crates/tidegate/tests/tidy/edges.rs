//! The edges between our crates are those of the table in ARCHITECTURE.md, and the pure ring is pure.

use crate::tree::{files, read};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_edges_are_those_of_the_table() {
    let allowed = table();
    let crates: BTreeSet<String> = manifests().into_keys().collect();
    assert_eq!(
        crates,
        allowed.keys().cloned().collect(),
        "ARCHITECTURE.md section 5, crates/ and bench/ name different crates"
    );
    for (name, manifest) in manifests() {
        let uses: BTreeSet<String> = dependencies(&manifest).filter(|d| crates.contains(d)).collect();
        let may = &allowed[&name];
        let too_many: Vec<_> = uses.iter().filter(|d| !may.contains("everything") && !may.contains(*d)).collect();
        assert!(too_many.is_empty(), "{name} uses {too_many:?}, which ARCHITECTURE.md section 5 does not allow");
    }
}

#[test]
fn what_fuzzes_is_part_of_nothing() {
    let fuzz = read("fuzz/Cargo.toml");
    assert!(fuzz.contains("\n[workspace]\n"), "fuzz/ must stay a workspace of its own: nobody else builds libFuzzer");
    let ours: BTreeSet<String> = manifests().into_keys().collect();
    let uses: Vec<String> = dependencies(&fuzz).filter(|d| ours.contains(d)).collect();
    assert_eq!(uses, ["hostile"], "fuzz/ drives the targets of crates/hostile and nothing else");
    for (name, manifest) in manifests() {
        let opens = manifest.contains("\"fuzzing\"") || dependencies(&manifest).any(|d| d == "hostile");
        assert!(!opens || name == "hostile", "{name} opens what only hostile bytes are tried on");
    }
}

#[test]
fn the_pure_ring_has_no_standard_library() {
    for name in ["judge", "flags", "engine"] {
        let lib = read(&format!("crates/{name}/src/lib.rs"));
        assert!(lib.contains("#![no_std]"), "crates/{name} must stay no_std: ARCHITECTURE.md section 4");
    }
}

/// `crate -> what it may use`, as the document says.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = read("ARCHITECTURE.md");
    let section = text.split("## 5. Edges").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| crate"));
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for name in cells[1].split(", ") {
            table.insert(name.to_string(), cells[2].split(", ").map(str::to_string).collect());
        }
    }
    table
}

/// Those of `crates/`, and `bench/x` as `bench-x`.
fn manifests() -> BTreeMap<String, String> {
    let manifests = files("Cargo.toml").into_iter().filter_map(|(path, text)| {
        let folder = path.strip_suffix("/Cargo.toml")?;
        let name = match folder.strip_prefix("crates/") {
            Some(name) => name.to_string(),
            None => format!("bench-{}", folder.strip_prefix("bench/")?),
        };
        Some((name, text))
    });
    manifests.collect()
}

/// The names under `[dependencies]`; what only tests use may cross the table.
fn dependencies(manifest: &str) -> impl Iterator<Item = String> {
    let section = manifest.split("\n[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or("");
    section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).map(str::to_string)
}
