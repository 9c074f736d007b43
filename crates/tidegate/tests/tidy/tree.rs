//! The files of the repository, as git would show them.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold what tools made.
const MADE: [&str; 5] = ["target", ".git", "node_modules", "dist", ".tidegate"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All files with this ending, with their text and their path from the root.
pub(crate) fn files(ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root(), ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no file ends with {ending}: the walk is broken");
    found
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if !MADE.contains(&name.as_str()) {
                walk(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            let from_root = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((from_root, fs::read_to_string(&path).unwrap()));
        }
    }
}
