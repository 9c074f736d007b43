//! Puts the pages of all error codes into the binary, so that `tidegate explain` works where no repository is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let pages = Path::new("../../docs/errors").canonicalize()?;
    println!("cargo::rerun-if-changed={}", pages.display());
    let mut codes: Vec<PathBuf> =
        fs::read_dir(&pages)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    codes.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    codes.sort();
    let mut table = String::from("&[\n");
    for page in codes {
        let code = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let _infallible = writeln!(table, "    ({code:?}, include_str!({:?})),", page.display());
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(Path::new(&out).join("pages.rs"), table)
}
