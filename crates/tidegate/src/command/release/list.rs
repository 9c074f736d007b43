//! `tidegate release list`.

use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::block::stage_word;
use crate::render::table::table;
use crate::render::time::moment;
use server::dto::{ReleaseList, ReleaseSummary};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// List all, not only the newest page
    #[arg(long)]
    all: bool,
}

pub(crate) async fn run(args: &Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let mut page: ReleaseList = client.get("/v1/releases").await?;
    while args.all
        && let Some(before) = page.next_before.take()
    {
        let older: ReleaseList = client.get(&format!("/v1/releases?before={before}")).await?;
        page.releases.extend(older.releases);
        page.next_before = older.next_before;
    }
    if out.json() {
        out.value(&page)?;
        return Ok(Exit::Done);
    }
    if page.releases.is_empty() {
        out.note("there is no release yet; open one with `tidegate release open SERVICE --version VERSION`");
        return Ok(Exit::Done);
    }
    let width = if out.terminal() { out.size().0 } else { usize::MAX };
    let rows: Vec<_> = page.releases.iter().map(row).collect();
    for line in table(["id", "service", "channel", "version", "stage", "opened", ""], &rows) {
        out.line(&line.paint(out.paint(), width))?;
    }
    if page.next_before.is_some() {
        out.note("there are older ones; --all lists them");
    }
    Ok(Exit::Done)
}

fn row(release: &ReleaseSummary) -> [String; 7] {
    [
        release.id.clone(),
        release.service.clone(),
        release.channel.clone(),
        release.version.clone(),
        stage_word(release.stage).to_owned(),
        moment(release.opened_at_ms),
        release.headline.clone(),
    ]
}
