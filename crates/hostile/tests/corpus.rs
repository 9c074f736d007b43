//! Every target over its corpus and over seeded mutations of it. What libFuzzer once found lies in the corpus and stays found.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use hostile::bend::{Dice, bend};
use hostile::{TARGETS, Target};
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

/// Much more and nobody looks at it any longer.
const MOST_FILES: usize = 150;
const MOST_BYTES: usize = 300 * 1024;

const SEED: u64 = 0x7469_6465_6761_7465;

#[test]
fn the_corpus_is_small_and_every_part_of_it_has_a_target() {
    let folders = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<_> = folders.collect();
    folders.sort();
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    names.sort();
    assert_eq!(folders, names);
    let files: Vec<_> = TARGETS.iter().flat_map(corpus).collect();
    assert!(files.len() <= MOST_FILES, "{} files", files.len());
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
}

#[test]
fn every_target_is_built_for_libfuzzer() {
    let manifest = fs::read_to_string(root().join("../Cargo.toml")).unwrap();
    for target in TARGETS {
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "fuzz/Cargo.toml lacks {}", target.name);
    }
}

#[test]
fn policy() {
    survive("policy");
}

#[test]
fn journal_records() {
    survive("journal_records");
}

#[test]
fn journal_rows() {
    survive("journal_rows");
}

#[test]
fn api() {
    survive("api");
}

#[test]
fn gate_files() {
    survive("gate_snapshot");
    survive("gate_handover");
}

#[test]
fn gate_orders_and_heads() {
    survive("gate_order");
    survive("gate_head");
}

fn survive(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(target);
    assert!(corpus.len() >= 3, "{name} has next to nothing to begin with");
    for (file, content) in &corpus {
        one(target, content, &file.display().to_string());
    }
    let mut dice = Dice::new(SEED);
    for round in 0..target.rounds {
        let (file, content) = &corpus[round % corpus.len()];
        let (_, other) = &corpus[(round * 7 + 3) % corpus.len()];
        let bent = bend(content, other, &mut dice);
        one(target, &bent, &format!("round {round}, from {}", file.display()));
    }
}

fn one(target: &Target, bytes: &[u8], what: &str) {
    if panic::catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_err() {
        let shown: String = String::from_utf8_lossy(bytes).chars().take(4_000).collect();
        panic!("{}: {what}: {} bytes: {shown:?}", target.name, bytes.len());
    }
}

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = root().join(target.name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}
