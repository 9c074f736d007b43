//! `tidegate flag …`: feature flags, over the same API that everybody has.

mod ask;
mod change;
mod clients;
mod create;
mod decide;
mod edit;
mod exchange;
mod explain;
mod history;
mod later;
mod list;
mod moved;
mod segment;
mod set;
mod show;
mod turn;

use crate::client::{Client, Locator};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use clap::Subcommand;
use server::dto::FlagView;

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// List the flags, and where each is on
    List(list::Args),
    /// Show what a flag says in each channel, and what is planned
    Show(Which),
    /// Create a flag; it is off everywhere
    Create(create::Args),
    /// Change what a flag says in a channel; it is shown first what would change
    Set(set::Args),
    /// Change what is kept about a flag: its owner, its end, its variants
    Edit(edit::Args),
    /// Turn a flag on in a channel
    On(turn::Args),
    /// Turn a flag off in a channel
    Off(turn::Args),
    /// Pull a kill switch, at once and without a question; says how many clients it reached
    Kill(turn::Kill),
    /// Plan a change of a channel for later, or take one out of the plan
    Schedule(later::Args),
    /// Put a flag away: clients use the default in their code
    Archive(WithReason),
    /// Take a flag out of the archive; it is off everywhere
    Restore(WithReason),
    /// Take back the newest change of a flag
    Undo(turn::Undo),
    /// Say what happened to a flag, newest first
    History(Which),
    /// Say what a flag gives to somebody, and which rule decided
    Explain(explain::Args),
    /// Take flagd's JSON in for a channel
    Import(exchange::Import),
    /// Print a channel's flags as flagd's JSON
    Export(exchange::Export),
    /// List the flags that should go
    Stale,
    /// List the clients that are connected, and whether they have the newest change
    Clients,
    /// Users with something in common, under a name that rules use
    #[command(subcommand)]
    Segment(segment::Verb),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Which {
    /// The flag's key
    key: String,
}

#[derive(clap::Args, Debug)]
pub(crate) struct WithReason {
    /// The flag's key
    key: String,
    #[command(flatten)]
    why: Why,
}

/// The reason of a change.
#[derive(clap::Args, Debug)]
pub(crate) struct Why {
    /// Why; the journal keeps it
    #[arg(short = 'm', long)]
    reason: String,
}

pub(crate) async fn run(verb: Verb, server: &Locator, out: &Out) -> Result<Exit, Failure> {
    let client = server.client().await?;
    match verb {
        Verb::List(args) => list::run(&args, &client, out).await,
        Verb::Show(which) => show::run(&which.key, &client, out).await,
        Verb::Create(args) => create::run(args, &client, out).await,
        Verb::Set(args) => set::run(args, &client, out).await,
        Verb::Edit(args) => edit::run(args, &client, out).await,
        Verb::On(args) => turn::run(args, true, &client, out).await,
        Verb::Off(args) => turn::run(args, false, &client, out).await,
        Verb::Kill(args) => turn::kill(args, &client, out).await,
        Verb::Schedule(args) => later::run(args, &client, out).await,
        Verb::Archive(args) => turn::put_away(args, "archive", "is put away", &client, out).await,
        Verb::Restore(args) => turn::put_away(args, "restore", "is taken out again, and off", &client, out).await,
        Verb::Undo(args) => turn::undo(args, &client, out).await,
        Verb::History(which) => history::run(&which.key, &client, out).await,
        Verb::Explain(args) => explain::run(args, &client, out).await,
        Verb::Import(args) => exchange::import(args, &client, out).await,
        Verb::Export(args) => exchange::export(&args, &client, out).await,
        Verb::Stale => list::stale(&client, out).await,
        Verb::Clients => clients::run(&client, out).await,
        Verb::Segment(verb) => segment::run(verb, &client, out).await,
    }
}

/// A flag's place in the API. Keys go into paths: what is no key never gets that far.
fn path(key: &str) -> Result<String, Failure> {
    if is_name(key) {
        return Ok(format!("/v1/flags/{key}"));
    }
    Err(Failure::new(Exit::Usage, "TG-7071", format!("`{key}` cannot be the key of a flag"))
        .hint("keys are 1 to 100 of `a-z A-Z 0-9 . _ -`; `tidegate flag list` shows all"))
}

/// Whether it can be the key of a flag, or the name of a segment or channel.
fn is_name(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=100).contains(&text.len()) && text.bytes().all(fine) && text.bytes().any(|byte| byte != b'.')
}

async fn get(key: &str, client: &Client) -> Result<FlagView, Failure> {
    client.get(&path(key)?).await
}

/// As the API takes it.
fn body(ask: &impl serde::Serialize) -> Result<serde_json::Value, Failure> {
    Ok(serde_json::to_value(ask).map_err(std::io::Error::other)?)
}
