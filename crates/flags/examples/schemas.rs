//! Holds our reading of flagd's schemas against the files that their authors publish:
//! `cargo run -p flags --example schemas -- DIR`, where DIR is a checkout of `open-feature/flagd-schemas`.
#![expect(clippy::print_stdout, reason = "it prints what it found")]

use std::error::Error;
use std::path::Path;

use flags::Json;
use flags::flagd::{Schema, validate};

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args().nth(1).ok_or("say where flagd-schemas is")?;
    let (mut files, mut agreed) = (0, 0);
    for (folder, schema) in [("flags", Schema::Flags), ("flagd", Schema::Flagd), ("targeting", Schema::Targeting)] {
        for (kind, wanted) in [("positive", true), ("negative", false)] {
            let folder = Path::new(&root).join("json/test").join(folder).join(kind);
            let mut paths =
                std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
            paths.sort();
            for path in paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "json")) {
                let document: Json = serde_json::from_str(&std::fs::read_to_string(path)?)?;
                // A file may say itself which schema it is about.
                let schema = match document.get("$schema").and_then(Json::text).and_then(|name| name.rsplit('/').next())
                {
                    Some("flagd.json") => Schema::Flagd,
                    Some("flags.json") => Schema::Flags,
                    _ => schema,
                };
                let result = validate(&document, schema);
                files += 1;
                agreed += usize::from(result.is_ok() == wanted);
                let verdict = if result.is_ok() == wanted { "agrees" } else { "DISAGREES" };
                println!("{verdict:9} {kind} {}", path.display());
                for problem in result.err().unwrap_or_default() {
                    println!("          {problem} ({})", problem.hint);
                }
            }
        }
    }
    println!("{agreed} of {files} files are taken and refused as published");
    if agreed == files { Ok(()) } else { Err("disagreement".into()) }
}
