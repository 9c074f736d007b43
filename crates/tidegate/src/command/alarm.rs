//! `tidegate alarm`: what no statistics are asked about.

use super::release::{path, resolve};
use crate::client::Locator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use clap::ValueEnum;
use server::dto::{Alarm, AlarmKind, Release};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The release, e.g. r17, or `latest`
    id: String,
    /// What kind of alarm
    #[arg(value_enum)]
    kind: Kind,
    /// Who or what noticed what
    #[arg(long)]
    detail: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Data was damaged
    Integrity,
    /// A user reported something critical
    Critical,
}

pub(crate) async fn run(args: Args, server: &Locator, out: &Out) -> Result<Exit, Failure> {
    let client = server.client().await?;
    let id = resolve(&client, &args.id).await?;
    let kind = match args.kind {
        Kind::Integrity => AlarmKind::Integrity,
        Kind::Critical => AlarmKind::CriticalReport,
    };
    let body = serde_json::to_value(Alarm { kind, detail: args.detail }).map_err(std::io::Error::other)?;
    let release: Release = client.post(&format!("{}/alarms", path(&id)), body).await?;
    if out.json() {
        out.value(&release)?;
    } else {
        out.line(&crate::visible::visible(&format!("{id} {}", release.headline)))?;
    }
    Ok(Exit::Done)
}
