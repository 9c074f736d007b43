//! On, off, kill; into the archive, out of it, and back.

use super::change::tell;
use super::moved::moved;
use super::{Why, WithReason, body, is_name, path};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::visible::visible;
use flags::change::What;
use server::dto::{FlagChanged, FlagReason, KillFlag, TurnFlag, UndoFlag};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The flag's key
    key: String,
    /// The channel
    #[arg(long)]
    channel: String,
    /// Only if the flag still has this revision
    #[arg(long, value_name = "N")]
    revision: Option<u64>,
    #[command(flatten)]
    why: Why,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Kill {
    /// The flag's key
    key: String,
    /// The channel
    #[arg(long)]
    channel: String,
    /// Why; it can be said later
    #[arg(short = 'm', long, default_value = "")]
    reason: String,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Undo {
    /// The flag's key
    key: String,
    /// The revision that is meant; it is refused when something was changed since
    #[arg(long, value_name = "N")]
    of: Option<u64>,
    #[command(flatten)]
    why: Why,
}

pub(crate) async fn run(args: Args, on: bool, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let word = if on { "on" } else { "off" };
    let at = format!("{}/{word}", path(&args.key)?);
    let ask = TurnFlag { channel: args.channel.clone(), reason: args.why.reason, revision: args.revision };
    let changed: FlagChanged = client.post(&at, body(&ask)?).await?;
    tell_turned(&changed, &args.channel, word, out)
}

fn tell_turned(changed: &FlagChanged, channel: &str, word: &str, out: &Out) -> Result<Exit, Failure> {
    if out.json() {
        return tell(changed, "", out);
    }
    let flag = &changed.after.flag;
    let state = flag.channels.get(channel);
    // The other side of the same change: turning changes nothing else.
    let before = state.map(|state| flags::ChannelState { on: !state.on, ..state.clone() });
    let moves = moved(flag, before.as_ref(), state).sentence();
    let revision = changed.after.revision;
    out.line(&visible(&format!("{} is {word} in {channel} (revision {revision}): {moves}", flag.key)))?;
    Ok(Exit::Done)
}

pub(crate) async fn kill(args: Kill, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let at = format!("{}/kill", path(&args.key)?);
    let ask = KillFlag { channel: args.channel, reason: args.reason };
    let changed: FlagChanged = client.post(&at, body(&ask)?).await?;
    if out.json() {
        return tell(&changed, "", out);
    }
    let revision = changed.after.revision;
    out.line(&visible(&format!("{} is off in {} (revision {revision})", args.key, ask.channel)))?;
    if let Some(reach) = &changed.reach {
        let noun = if reach.clients == 1 { "client" } else { "clients" };
        out.line(&format!("the kill reached {} of {} {noun} in {} ms", reach.reached, reach.clients, reach.took_ms))?;
        if reach.reached < reach.clients {
            out.note("`tidegate flag clients` shows who does not have it yet");
        }
    }
    Ok(Exit::Done)
}

/// Into the archive and out of it.
pub(crate) async fn put_away(
    args: WithReason,
    word: &str,
    sentence: &str,
    client: &Client,
    out: &Out,
) -> Result<Exit, Failure> {
    let at = format!("{}/{word}", path(&args.key)?);
    let changed: FlagChanged = client.post(&at, body(&FlagReason { reason: args.why.reason })?).await?;
    tell(&changed, sentence, out)
}

pub(crate) async fn undo(args: Undo, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let at = format!("{}/undo", path(&args.key)?);
    let ask = UndoFlag { of: args.of, reason: args.why.reason };
    let changed: FlagChanged = client.post(&at, body(&ask)?).await?;
    tell(&changed, "is as it was before", out)
}

/// A flag's place in a channel. Channels go into paths as keys do.
pub(super) fn channel_path(key: &str, channel: &str) -> Result<String, Failure> {
    Ok(format!("{}/channels/{}", path(key)?, channel_word(channel)?))
}

/// A channel that can stand in a path.
pub(super) fn channel_word(channel: &str) -> Result<&str, Failure> {
    if is_name(channel) {
        return Ok(channel);
    }
    Err(Failure::new(Exit::Usage, "TG-7078", format!("`{channel}` cannot be the name of a channel"))
        .hint("channels are named in the policy: development, staging, production"))
}

/// What the journal files a change under, for people.
pub(super) fn what_word(what: What) -> &'static str {
    match what {
        What::Created => "created",
        What::Edited => "edited",
        What::Enabled => "turned on",
        What::Disabled => "turned off",
        What::Killed => "killed",
        What::Decided => "decided",
        What::Scheduled => "planned",
        What::Unscheduled => "taken out of the plan",
        What::Archived => "put away",
        What::Restored => "taken out again",
        What::Undone => "taken back",
    }
}
