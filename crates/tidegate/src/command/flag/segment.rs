//! `tidegate flag segment`: users with something in common, under a name that rules use.

use super::{Why, body, is_name};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::table::table;
use crate::rule_text::{condition, condition_text};
use crate::visible::visible;
use clap::Subcommand;
use flags::Segment;
use serde_json::{Value, json};
use server::dto::{FlagReason, PutSegment, SegmentList, SegmentView};

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// List the segments
    List,
    /// Say who belongs to a segment; every flag that uses it follows
    Put(Put),
    /// Take a segment away; one that flags use stays
    Delete(Delete),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Put {
    /// Its name
    name: String,
    /// Who belongs to it, e.g. `email ends with @example.com or plan is staff`
    #[arg(long, value_name = "CONDITION")]
    when: String,
    /// Who they are, for people; without it, what was said before
    #[arg(long)]
    description: Option<String>,
    /// Only if it still has this revision, 0 for a new one; without it, the one that it has now
    #[arg(long, value_name = "N")]
    revision: Option<u64>,
    #[command(flatten)]
    why: Why,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Delete {
    /// Its name
    name: String,
    #[command(flatten)]
    why: Why,
}

pub(crate) async fn run(verb: Verb, client: &Client, out: &Out) -> Result<Exit, Failure> {
    match verb {
        Verb::List => list(client, out).await,
        Verb::Put(args) => put(args, client, out).await,
        Verb::Delete(args) => delete(args, client, out).await,
    }
}

async fn list(client: &Client, out: &Out) -> Result<Exit, Failure> {
    let list: SegmentList = client.get("/v1/segments").await?;
    if out.json() {
        out.value(&list)?;
        return Ok(Exit::Done);
    }
    if list.segments.is_empty() {
        out.note("there is no segment; make one with `tidegate flag segment put NAME --when CONDITION -m WHY`");
        return Ok(Exit::Done);
    }
    let row = |view: &SegmentView| {
        let segment = &view.segment;
        [segment.name.clone(), view.revision.to_string(), condition_text(&segment.when), segment.description.clone()]
    };
    let rows: Vec<_> = list.segments.iter().map(row).collect();
    for line in table(["name", "revision", "who", ""], &rows) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(Exit::Done)
}

async fn put(args: Put, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let path = path(&args.name)?;
    let when = condition(&args.when).map_err(|wrong| wrong.failure("--when", &args.when))?;
    let held = held(&args.name, client).await?;
    let before = held.as_ref().map(|view| view.segment.description.clone());
    let description = args.description.or(before).unwrap_or_default();
    let revision = args.revision.or(held.map(|view| view.revision)).unwrap_or(0);
    let segment = Segment { name: args.name, description, when };
    let put: SegmentView = client.put(&path, body(&PutSegment { segment, reason: args.why.reason, revision })?).await?;
    if out.json() {
        out.value(&put)?;
    } else {
        let (name, who) = (&put.segment.name, condition_text(&put.segment.when));
        out.line(&visible(&format!("{name} is now: {who} (revision {})", put.revision)))?;
    }
    Ok(Exit::Done)
}

async fn delete(args: Delete, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let path = path(&args.name)?;
    let revision = held(&args.name, client).await?.map_or(0, |view| view.revision);
    let ask = body(&FlagReason { reason: args.why.reason })?;
    let _nothing: Option<Value> = client.delete_with(&format!("{path}?revision={revision}"), ask).await?;
    if out.json() {
        out.value(&json!({ "deleted": args.name }))?;
    } else {
        out.line(&visible(&format!("{} is taken away", args.name)))?;
    }
    Ok(Exit::Done)
}

/// A segment as it is now, if there is one.
async fn held(name: &str, client: &Client) -> Result<Option<SegmentView>, Failure> {
    let list: SegmentList = client.get("/v1/segments").await?;
    Ok(list.segments.into_iter().find(|view| view.segment.name == name))
}

fn path(name: &str) -> Result<String, Failure> {
    if is_name(name) {
        return Ok(format!("/v1/segments/{name}"));
    }
    Err(Failure::new(Exit::Usage, "TG-7071", format!("`{name}` cannot be the name of a segment"))
        .hint("names are 1 to 100 of `a-z A-Z 0-9 . _ -`; `tidegate flag segment list` shows all"))
}
