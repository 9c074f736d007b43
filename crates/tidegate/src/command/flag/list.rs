//! `tidegate flag list` and `tidegate flag stale`.

use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::table::table;
use crate::render::time::moment;
use flags::{Flag, Kind, ValueType};
use server::dto::{FlagList, FlagView};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Also those that were put away
    #[arg(long)]
    archived: bool,
}

pub(crate) async fn run(args: &Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let list: FlagList = client.get(&format!("/v1/flags?archived={}", args.archived)).await?;
    if out.json() {
        out.value(&list)?;
        return Ok(Exit::Done);
    }
    if list.flags.is_empty() {
        out.note("there is no flag; create one with `tidegate flag create KEY --owner WHO -m WHY`");
        return Ok(Exit::Done);
    }
    let row = |view: &FlagView| {
        let flag = &view.flag;
        [
            flag.key.clone(),
            kind_word(flag.kind).to_owned(),
            type_word(flag.value_type).to_owned(),
            on_in(flag),
            flag.owner.clone(),
            flag.ends_at_ms.map(moment).unwrap_or_default(),
            if view.stale.is_some() { "stale".into() } else { String::new() },
        ]
    };
    let rows: Vec<_> = list.flags.iter().map(row).collect();
    show(table(["key", "kind", "type", "on in", "owner", "ends", ""], &rows), out)
}

pub(crate) async fn stale(client: &Client, out: &Out) -> Result<Exit, Failure> {
    let list: FlagList = client.get("/v1/flags?stale=true").await?;
    if out.json() {
        out.value(&list)?;
        return Ok(Exit::Done);
    }
    if list.flags.is_empty() {
        out.note("no flag should go");
        return Ok(Exit::Done);
    }
    let row = |view: &FlagView| {
        let why = view.stale.clone().unwrap_or_default();
        [view.flag.key.clone(), view.flag.owner.clone(), on_in(&view.flag), why]
    };
    let rows: Vec<_> = list.flags.iter().map(row).collect();
    show(table(["key", "owner", "on in", "why"], &rows), out)
}

fn show(lines: Vec<crate::render::line::Line>, out: &Out) -> Result<Exit, Failure> {
    let width = if out.terminal() { out.size().0 } else { usize::MAX };
    for line in lines {
        out.line(&line.paint(out.paint(), width))?;
    }
    Ok(Exit::Done)
}

/// The channels in which a flag is on.
fn on_in(flag: &Flag) -> String {
    if flag.archived {
        return "put away".into();
    }
    let on: Vec<&str> = flag.channels.keys().map(String::as_str).filter(|channel| flag.is_on(channel)).collect();
    if on.is_empty() { "–".into() } else { on.join(", ") }
}

/// What a flag is for, for people.
pub(super) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Release => "release",
        Kind::Experiment => "experiment",
        Kind::KillSwitch => "kill switch",
        Kind::Configuration => "configuration",
    }
}

/// The type of its values, for people.
pub(super) fn type_word(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Boolean => "boolean",
        ValueType::String => "string",
        ValueType::Integer => "integer",
        ValueType::Float => "float",
        ValueType::Object => "object",
    }
}
