//! `tidegate release open`.

use super::watch::{Follow, follow};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::visible::visible;
use server::dto::{OpenRelease, Release};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The service, as the policy names it
    service: String,
    /// The new version
    #[arg(long, value_name = "VERSION")]
    version: String,
    /// The digest of the artifact; without it the version's name stands for it
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Where it goes
    #[arg(long, default_value = "production")]
    channel: String,
    /// What kind of release it is
    #[arg(long = "type", value_name = "TYPE", default_value = "feature")]
    release_type: String,
    /// What people should read about it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Take the place of the release that is under way
    #[arg(long)]
    supersede: bool,
    /// Why a version that was taken back before may be released again
    #[arg(long, value_name = "WHY")]
    lift_quarantine: Option<String>,
    /// Follow it to its end
    #[arg(long)]
    watch: bool,
    /// With --watch: stop following when a person is needed
    #[arg(long, requires = "watch")]
    until_waiting: bool,
}

pub(crate) async fn run(args: Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let ask = OpenRelease {
        service: args.service,
        channel: args.channel,
        release_type: args.release_type,
        version: args.version,
        digest: args.digest,
        note: args.note,
        supersede: args.supersede,
        lift_quarantine: args.lift_quarantine,
    };
    let body = serde_json::to_value(&ask).map_err(std::io::Error::other)?;
    let release: Release = client.post("/v1/releases", body).await?;
    if args.watch {
        return follow(client, &release.id, Follow { until_waiting: args.until_waiting }, out).await;
    }
    if out.json() {
        out.value(&release)?;
    } else {
        let (id, service, version) = (&release.id, &release.service, &release.version);
        out.line(&visible(&format!("{id} {service} {version}: {}", release.headline)))?;
        out.note(&format!("follow it with `tidegate release watch {id}`"));
    }
    Ok(Exit::Done)
}
