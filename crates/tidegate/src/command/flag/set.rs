//! `tidegate flag set`: what a flag says in a channel. It is shown what would change before it does.

use super::ask::Confirm;
use super::change::{lines, tell};
use super::decide::Wanted;
use super::moved::moved;
use super::turn::channel_path;
use super::{Why, body, get};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::rule_text::decision_lines;
use crate::visible::visible;
use serde_json::json;
use server::dto::{DecideFlag, FlagChanged};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The flag's key
    key: String,
    /// The channel
    #[arg(long)]
    channel: String,
    #[command(flatten)]
    wanted: Wanted,
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
    if args.wanted.is_empty() {
        return Err(Failure::new(Exit::Usage, "TG-7077", "nothing was said that should change")
            .hint("say it with --percent, --serve, --rule, --add-rule, --no-rules or --decision"));
    }
    let held = get(&args.key, client).await?;
    let before = held.flag.channels.get(&args.channel);
    let decision = args.wanted.decision(&held.flag, before)?;
    let path = channel_path(&args.key, &args.channel)?;
    let ask = DecideFlag { decision, reason: args.why.reason, revision: Some(args.revision.unwrap_or(held.revision)) };
    let ask = body(&ask)?;
    let would: FlagChanged = client.put(&format!("{path}?dry_run=true"), ask.clone()).await?;
    let after = would.after.flag.channels.get(&args.channel);
    let moves = moved(&held.flag, before, after);
    if args.confirm.dry_run && out.json() {
        out.value(&json!({ "would": would, "moves": moves.to_json() }))?;
        return Ok(Exit::Done);
    }
    if !out.json() {
        let on = if after.is_some_and(|state| state.on) { "on" } else { "off" };
        out.line(&visible(&format!("{} in {}, {on}, revision {}", args.key, args.channel, held.revision)))?;
        let told =
            |state: Option<&flags::ChannelState>| state.map_or_else(Vec::new, |state| decision_lines(&state.decision));
        for line in lines(&told(before), &told(after)) {
            out.line(&line.paint(out.paint(), usize::MAX))?;
        }
        out.line(&format!("  {}", moves.sentence()))?;
    }
    if args.confirm.dry_run {
        return Ok(Exit::Done);
    }
    if !args.confirm.meant("Change it?")? {
        out.note("nothing was changed");
        return Ok(Exit::Interrupted);
    }
    let changed: FlagChanged = client.put(&path, ask).await?;
    if out.json() {
        return tell(&changed, "", out);
    }
    let (key, channel) = (&args.key, &args.channel);
    out.line(&visible(&format!("{key} is changed in {channel} (revision {})", changed.after.revision)))?;
    if !changed.after.flag.is_on(channel) {
        out.note(&visible(&format!(
            "it is off there; `tidegate flag on {key} --channel {channel} -m WHY` turns it on"
        )));
    }
    Ok(Exit::Done)
}
