//! `tidegate flag import` and `export`: flagd's JSON in and out.

use super::turn::channel_word;
use super::{Why, body, decide};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::visible::visible;
use flags::Json;
use server::dto::{ImportFlags, Imported};
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Import {
    /// flagd's JSON, or - for standard input
    file: String,
    /// The channel whose definitions they are
    #[arg(long)]
    channel: String,
    /// Who answers for flags that are new
    #[arg(long, default_value = "")]
    owner: String,
    #[command(flatten)]
    why: Why,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Export {
    /// The channel
    #[arg(long)]
    channel: String,
    /// Where to write; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn import(args: Import, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let document: Json = decide::read(&args.file, "flagd's JSON")?;
    let ask = ImportFlags { channel: args.channel, document, reason: args.why.reason, owner: args.owner };
    let imported: Imported = client.post("/v1/flags/import", body(&ask)?).await?;
    if out.json() {
        out.value(&imported)?;
        return Ok(Exit::Done);
    }
    for (word, keys) in [("created", &imported.created), ("changed", &imported.changed), ("as it was", &imported.same)]
    {
        for key in keys {
            out.line(&visible(&format!("{key}: {word}")))?;
        }
    }
    let Imported { created, changed, same } = &imported;
    out.note(&format!("{} created, {} changed, {} as they were", created.len(), changed.len(), same.len()));
    Ok(Exit::Done)
}

pub(crate) async fn export(args: &Export, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let document: Json = client.get(&format!("/v1/channels/{}/flagd", channel_word(&args.channel)?)).await?;
    let text = serde_json::to_string_pretty(&document).map_err(std::io::Error::other)? + "\n";
    match &args.out {
        None if out.json() => out.value(&document)?,
        None => out.text(&text)?,
        Some(path) => {
            std::fs::write(path, text).map_err(|error| {
                Failure::new(Exit::Failed, "TG-7019", format!("{} cannot be written", path.display()))
                    .because(error.to_string())
                    .hint("name another file with --out")
            })?;
            out.note(&visible(&format!("wrote {}", path.display())));
        }
    }
    Ok(Exit::Done)
}
