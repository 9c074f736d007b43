//! `tidegate release …`: open, look at, follow and steer releases.

mod act;
mod list;
mod open;
mod watch;

pub(crate) use act::steer;
pub(crate) use watch::{Follow, Viewer, erase, follow, last_of};

use crate::client::{Client, Locator};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::block::block;
use clap::Subcommand;
use server::dto::{Release, ReleaseList};

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Open a release: the new version is brought up and takes users phase by phase
    Open(open::Args),
    /// List the releases, newest first
    List(list::Args),
    /// Show a release as it is now
    Show(Which),
    /// Follow a release to its end; Ctrl-C leaves the release alone
    Watch(watch::Args),
    /// Keep the share and stop the clock
    Pause(WithReason),
    /// Let a paused or held release go on
    Resume(Which),
    /// Do not wait for the rest of this phase; the risk that was not excluded is written down
    Advance(WithReason),
    /// End the release without blaming its version
    Abort(WithReason),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Which {
    /// The release, e.g. r17, or `latest`
    pub(crate) id: String,
}

#[derive(clap::Args, Debug)]
pub(crate) struct WithReason {
    /// The release, e.g. r17, or `latest`
    pub(crate) id: String,
    /// Why; the journal keeps it
    #[arg(long)]
    pub(crate) reason: String,
}

pub(crate) async fn run(verb: Verb, server: &Locator, out: &Out) -> Result<Exit, Failure> {
    let client = server.client().await?;
    match verb {
        Verb::Open(args) => open::run(args, &client, out).await,
        Verb::List(args) => list::run(&args, &client, out).await,
        Verb::Show(which) => {
            let id = resolve(&client, &which.id).await?;
            let release: Release = client.get(&path(&id)).await?;
            show(&release, out)?;
            Ok(Exit::Done)
        }
        Verb::Watch(args) => watch::run(&args, &client, out).await,
        Verb::Pause(args) => steer(&client, out, &args.id, "pause", Some(args.reason)).await,
        Verb::Resume(args) => steer(&client, out, &args.id, "resume", None).await,
        Verb::Advance(args) => act::advance(&client, out, &args.id, args.reason).await,
        Verb::Abort(args) => steer(&client, out, &args.id, "abort", Some(args.reason)).await,
    }
}

/// The id that is meant; `latest` is the newest release.
///
/// # Errors
/// There is no release yet, or the text can be no id.
pub(crate) async fn resolve(client: &Client, id: &str) -> Result<String, Failure> {
    if id != "latest" {
        // Ids go into paths; what is no id never gets that far.
        return match id.parse::<control::ReleaseId>() {
            Ok(id) => Ok(id.to_string()),
            Err(()) => Err(Failure::new(Exit::Usage, "TG-7020", format!("`{id}` cannot be the id of a release"))
                .hint("ids look like r17; `latest` is the newest release; `tidegate release list` shows all")),
        };
    }
    let newest: ReleaseList = client.get("/v1/releases").await?;
    newest.releases.into_iter().next().map(|release| release.id).ok_or_else(|| {
        Failure::new(Exit::Refused, "TG-7021", "there is no release yet")
            .hint("open one: `tidegate release open SERVICE --version VERSION`")
    })
}

/// The release's place in the API.
#[must_use]
pub(crate) fn path(id: &str) -> String {
    format!("/v1/releases/{id}")
}

/// Shows a release as it is now.
///
/// # Errors
/// It cannot be written.
pub(crate) fn show(release: &Release, out: &Out) -> Result<(), Failure> {
    if out.json() {
        return out.value(release);
    }
    let width = if out.terminal() { out.size().0 } else { 110 };
    for line in block(release, width) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(())
}
