//! `tidegate rollback`: one command at 3 a.m.

use super::release::{Follow, follow, resolve, steer};
use crate::client::Locator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The release, e.g. r17, or `latest`
    id: String,
    /// Why; the journal keeps it
    #[arg(long)]
    reason: String,
    /// Follow it until users are back and the old version is shown to be well
    #[arg(long)]
    watch: bool,
}

pub(crate) async fn run(args: Args, server: &Locator, out: &Out) -> Result<Exit, Failure> {
    let client = server.client().await?;
    let id = resolve(&client, &args.id).await?;
    if !args.watch {
        return steer(&client, out, &id, "rollback", Some(args.reason)).await;
    }
    // What `steer` says would stand above the block that follows, and is in it.
    let body = serde_json::json!({ "reason": args.reason });
    let _release: server::dto::Release = client.post(&format!("/v1/releases/{id}/rollback"), body).await?;
    follow(&client, &id, Follow { until_waiting: false }, out).await
}
