//! `tidegate init`: a first policy that passes `check`.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

const FILE: &str = "tidegate.yaml";

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The name of the service; without one it is the name of this folder, as far as that can be a name
    #[arg(long)]
    service: Option<String>,
    /// Replace the file that is there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    let service = match &args.service {
        Some(service) => service.clone(),
        None => folder_name(),
    };
    // A name that cannot be one is met here, before there is a file that is wrong.
    let text = policy::starter(&service).map_err(|problem| Failure::of_problem(Exit::Usage, problem))?;
    write(&text, args.force)?;
    if out.json() {
        out.value(&json!({ "file": FILE, "service": service }))?;
    } else {
        out.line(&format!("wrote {FILE} for the service {service}; say in it how yours is started, then:"))?;
        out.line("  tidegate check")?;
        out.line("  tidegate serve")?;
        out.line(&format!("  tidegate release open {service} --version 1.0 --watch"))?;
    }
    Ok(Exit::Done)
}

fn write(text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.open(FILE).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::new(Exit::Failed, "TG-7008", format!("there is a {FILE} already"))
                .hint("edit it (`tidegate check` helps), or replace it with --force"))
        }
        Err(error) => Err(Failure::new(Exit::Failed, "TG-7019", format!("{FILE} cannot be written"))
            .because(error.to_string())
            .hint("run this where you may write")),
    }
}

/// The name of this folder as a service could be called, else `app`.
fn folder_name() -> String {
    let folder = std::env::current_dir().ok().and_then(|path| path.file_name().map(|name| name.to_owned()));
    folder.and_then(|name| as_name(Path::new(&name))).unwrap_or_else(|| "app".to_owned())
}

fn as_name(folder: &Path) -> Option<String> {
    let name: String = folder
        .to_str()?
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(63)
        .collect();
    let name = name.trim_matches('-');
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_become_names_or_nothing() {
        for (folder, name) in [
            ("Web_Shop", Some("web-shop")),
            ("api", Some("api")),
            ("2048", None),
            ("--", None),
            ("größe", Some("gr--e")),
        ] {
            assert_eq!(as_name(Path::new(folder)).as_deref(), name, "{folder}");
        }
    }
}
