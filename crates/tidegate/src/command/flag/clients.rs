//! `tidegate flag clients`: who is connected, and whether they have the newest change.

use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::table::table;
use crate::render::time::moment;
use crate::visible::visible;
use server::dto::{FlagClient, FlagClients};

pub(crate) async fn run(client: &Client, out: &Out) -> Result<Exit, Failure> {
    let all: FlagClients = client.get("/v1/flag-clients").await?;
    if out.json() {
        out.value(&all)?;
        return Ok(Exit::Done);
    }
    for channel in &all.channels {
        let (name, current, clients) = (&channel.channel, channel.current, channel.clients);
        out.line(&visible(&format!("{name}: {current} of {clients} clients have edition {}", channel.edition)))?;
    }
    if all.clients.is_empty() {
        return Ok(Exit::Done);
    }
    let newest = |row: &FlagClient| all.channels.iter().find(|channel| channel.channel == row.channel);
    let row = |row: &FlagClient| {
        let behind = newest(row).is_some_and(|channel| channel.edition > row.edition);
        let has = if behind { format!("{}, behind", row.edition) } else { row.edition.to_string() };
        [row.channel.clone(), row.via.clone(), row.token.clone(), row.agent.clone(), moment(row.since_ms), has]
    };
    let rows: Vec<_> = all.clients.iter().map(row).collect();
    let width = if out.terminal() { out.size().0 } else { usize::MAX };
    for line in table(["channel", "via", "token", "client", "since", "has"], &rows) {
        out.line(&line.paint(out.paint(), width))?;
    }
    if all.count > all.clients.len() {
        out.note(&format!("{} more are not listed", all.count - all.clients.len()));
    }
    Ok(Exit::Done)
}
