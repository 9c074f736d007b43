//! `tidegate flag history`.

use super::change::places;
use super::path;
use super::turn::what_word;
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::line::{Line, Style};
use crate::render::time::moment;
use server::dto::{FlagEntry, FlagHistory};

pub(crate) async fn run(key: &str, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let history: FlagHistory = client.get(&format!("{}/history", path(key)?)).await?;
    if out.json() {
        out.value(&history)?;
        return Ok(Exit::Done);
    }
    for line in history.changes.iter().flat_map(lines) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(Exit::Done)
}

fn lines(entry: &FlagEntry) -> Vec<Line> {
    let undoes = entry.undoes.map(|of| format!(" (revision {of})")).unwrap_or_default();
    let planned = if entry.planned { ", as planned" } else { "" };
    let what = format!("{}{undoes}{planned}", what_word(entry.what));
    let reason = if entry.reason.is_empty() { String::new() } else { format!(": {}", entry.reason) };
    let heading = Line::new().with(Style::Bold, format!("{}  {what}", entry.revision)).plain(format!(
        "  {} by {}{reason}",
        moment(entry.at_ms),
        entry.actor
    ));
    std::iter::once(heading).chain(places(&entry.differences)).collect()
}
