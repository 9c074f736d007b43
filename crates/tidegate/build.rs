//! Puts the pages of all error codes and the built-in scenarios into the binary, so that `tidegate explain` and `tidegate
//! rehearse` work where no repository is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    embed("../../docs/errors", "md", "pages.rs")?;
    embed("scenarios", "yaml", "scenarios.rs")
}

/// A table of the files of a folder: name without extension, and text, sorted by name.
fn embed(folder: &str, extension: &str, table_name: &str) -> io::Result<()> {
    let folder = Path::new(folder).canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    let mut table = String::from("&[\n");
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let _infallible = writeln!(table, "    ({name:?}, include_str!({:?})),", file.display());
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(Path::new(&out).join(table_name), table)
}
