//! Puts what `make console` built into the binary. Without it the binary is built all the same, so that cargo alone is
//! enough for whoever needs no console.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What a browser is told that a file is; a kind that is not here was not thought about.
const KINDS: [(&str, &str); 6] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("woff2", "font/woff2"),
];

fn main() -> io::Result<()> {
    let dist = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../console/dist").canonicalize()?;
    println!("cargo::rerun-if-changed={}", dist.display());
    let site = dist.join("site");
    let mut files = Vec::new();
    if site.is_dir() {
        walk(&site, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in files.iter().filter(|file| !packed(file)) {
        let path = file.strip_prefix(&site).map_err(io::Error::other)?.display().to_string();
        let _infallible = writeln!(
            table,
            "    File {{ path: {:?}, kind: {:?}, plain: {}, gzip: {}, brotli: {} }},",
            format!("/{path}"),
            kind(file)?,
            bytes(file),
            beside(file, "gz"),
            beside(file, "br"),
        );
    }
    table.push_str("]\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("files.rs"), table)
}

fn variable(name: &str) -> io::Result<PathBuf> {
    env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("{name} is not set")))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(|extension| extension.to_str()).unwrap_or("")
}

fn packed(file: &Path) -> bool {
    matches!(extension(file), "gz" | "br")
}

fn kind(file: &Path) -> io::Result<&'static str> {
    let known = KINDS.iter().find(|(known, _)| *known == extension(file)).map(|(_, kind)| *kind);
    known.ok_or_else(|| io::Error::other(format!("{}: no content type is known for it", file.display())))
}

fn bytes(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display())
}

/// The packed copy that lies beside a file, if one was worth it.
fn beside(file: &Path, extension: &str) -> String {
    let copy = PathBuf::from(format!("{}.{extension}", file.display()));
    if copy.is_file() { format!("Some({})", bytes(&copy)) } else { "None".into() }
}
