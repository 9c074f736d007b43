//! `tidegate flag edit`: what is kept about a flag beside what it says in its channels.

use super::ask::Confirm;
use super::change::{places, tell};
use super::create::{end, prerequisite, variant};
use super::{Why, body, decide, get, path};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::visible::visible;
use flags::Flag;
use server::dto::{FlagChanged, ReplaceFlag};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The flag's key
    key: String,
    /// Who answers for it
    #[arg(long)]
    owner: Option<String>,
    /// When it should be gone, e.g. 2027-01-31
    #[arg(long, value_name = "DAY")]
    ends: Option<String>,
    /// What it decides, for people
    #[arg(long)]
    description: Option<String>,
    /// The variant where it is off
    #[arg(long, value_name = "NAME")]
    off: Option<String>,
    /// One more thing that it can say; the value of a string flag is the text itself, every other is JSON
    #[arg(long, value_name = "NAME=VALUE")]
    add_variant: Vec<String>,
    /// A flag that must give one of these variants for this one to be on; all that are given take the place of those before
    #[arg(long, value_name = "KEY=VARIANT|…")]
    requires: Vec<String>,
    /// The whole definition as JSON, from a file or from standard input (-)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["owner", "ends", "description", "off", "add_variant", "requires"])]
    file: Option<String>,
    /// Only if the flag still has this revision; without it, the one that was shown
    #[arg(long, value_name = "N")]
    revision: Option<u64>,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    why: Why,
}

pub(crate) async fn run(args: Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    args.confirm.check(out)?;
    let at = path(&args.key)?;
    let held = get(&args.key, client).await?;
    let flag = edited(&args, held.flag)?;
    let ask = ReplaceFlag { flag, reason: args.why.reason, revision: args.revision.unwrap_or(held.revision) };
    let ask = body(&ask)?;
    let would: FlagChanged = client.put(&format!("{at}?dry_run=true"), ask.clone()).await?;
    if args.confirm.dry_run {
        return tell(&would, "would be changed", out);
    }
    if !out.json() {
        out.line(&visible(&format!("{}, revision {}", args.key, held.revision)))?;
        for line in places(&would.differences) {
            out.line(&line.paint(out.paint(), usize::MAX))?;
        }
    }
    if !args.confirm.meant("Change it?")? {
        out.note("nothing was changed");
        return Ok(Exit::Interrupted);
    }
    let changed: FlagChanged = client.put(&at, ask).await?;
    if out.json() {
        return tell(&changed, "", out);
    }
    out.line(&visible(&format!("{} is changed (revision {})", args.key, changed.after.revision)))?;
    Ok(Exit::Done)
}

fn edited(args: &Args, held: Flag) -> Result<Flag, Failure> {
    if let Some(file) = &args.file {
        return decide::read(file, "a flag");
    }
    let mut flag = held;
    if let Some(owner) = &args.owner {
        flag.owner.clone_from(owner);
    }
    if let Some(day) = &args.ends {
        flag.ends_at_ms = Some(end(day)?);
    }
    if let Some(text) = &args.description {
        flag.description.clone_from(text);
    }
    if args.off.is_some() {
        flag.off.clone_from(&args.off);
    }
    for text in &args.add_variant {
        flag.variants.push(variant(text, flag.value_type)?);
    }
    if !args.requires.is_empty() {
        flag.prerequisites = args.requires.iter().map(|text| prerequisite(text)).collect::<Result<_, _>>()?;
    }
    Ok(flag)
}
