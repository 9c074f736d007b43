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
    let out = variable("OUT_DIR")?;
    let mut table = String::from("&[\n");
    for (n, file) in files.iter().filter(|file| !packed(file)).enumerate() {
        let path = file.strip_prefix(&site).map_err(io::Error::other)?.display().to_string();
        let _infallible = writeln!(
            table,
            "    File {{ path: {:?}, kind: {:?}, plain: {}, gzip: {}, brotli: {} }},",
            format!("/{path}"),
            kind(file)?,
            taken(file, &out.join(format!("{n}")))?,
            beside(file, "gz", &out.join(format!("{n}.gz")))?,
            beside(file, "br", &out.join(format!("{n}.br")))?,
        );
    }
    table.push_str("]\n");
    fs::write(out.join("files.rs"), table)
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

/// A copy of the file, as an expression: whoever builds the console while cargo compiles must not pull files from under it.
fn taken(file: &Path, copy: &Path) -> io::Result<String> {
    fs::copy(file, copy)?;
    Ok(format!("include_bytes!({:?})", copy.display()))
}

/// The packed copy that lies beside a file, if one was worth it.
fn beside(file: &Path, extension: &str, copy: &Path) -> io::Result<String> {
    let packed = PathBuf::from(format!("{}.{extension}", file.display()));
    if packed.is_file() { Ok(format!("Some({})", taken(&packed, copy)?)) } else { Ok("None".into()) }
}
