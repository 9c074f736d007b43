//! `tidegate flag schedule`: a change that is made when its time comes, and taking one out of the plan.

use super::change::tell;
use super::decide::Wanted;
use super::show::step as step_words;
use super::turn::channel_word;
use super::{Why, body, get, path};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::time::{moment, read};
use crate::visible::visible;
use flags::change::Step;
use jiff::{SignedDuration, Timestamp};
use server::dto::{FlagChanged, FlagReason, ScheduleFlag};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The flag's key
    key: String,
    /// The channel
    #[arg(long, required_unless_present = "cancel")]
    channel: Option<String>,
    /// When, e.g. 2026-12-31T23:59:59Z, or from now on, e.g. `+2 h`
    #[arg(long, value_name = "TIME", required_unless_present = "cancel", allow_hyphen_values = true)]
    at: Option<String>,
    /// Turn it on
    #[arg(long)]
    on: bool,
    /// Turn it off
    #[arg(long, conflicts_with = "on")]
    off: bool,
    #[command(flatten)]
    wanted: Wanted,
    /// Take what is planned under this number out of the plan
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["channel", "at", "on", "off"])]
    cancel: Option<u64>,
    #[command(flatten)]
    why: Why,
}

pub(crate) async fn run(args: Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let at = format!("{}/schedule", path(&args.key)?);
    if let Some(id) = args.cancel {
        let ask = body(&FlagReason { reason: args.why.reason })?;
        let changed: Option<FlagChanged> = client.delete_with(&format!("{at}/{id}"), ask).await?;
        return match changed {
            Some(changed) => tell(&changed, &format!("has nothing planned under {id} any more"), out),
            None => Ok(Exit::Done),
        };
    }
    // clap asks for both, unless something is cancelled.
    let (channel, time) = (args.channel.unwrap_or_default(), args.at.unwrap_or_default());
    channel_word(&channel)?;
    let at_ms = time_of(&time, Timestamp::now())?;
    let step = match (args.on || args.off, args.wanted.is_empty()) {
        (true, true) => Step::Turn { channel, on: args.on },
        (false, false) => {
            let held = get(&args.key, client).await?;
            let decision = args.wanted.decision(&held.flag, held.flag.channels.get(&channel))?;
            Step::Decide { channel, decision }
        }
        (_, _) => {
            return Err(Failure::new(Exit::Usage, "TG-7077", "not one thing was said that should be done then")
                .hint("say --on or --off, or what it should say: --percent, --serve, --rule"));
        }
    };
    let ask = ScheduleFlag { at_ms, step, reason: args.why.reason };
    let changed: FlagChanged = client.post(&at, body(&ask)?).await?;
    if out.json() {
        return tell(&changed, "", out);
    }
    let id = changed.after.schedule.iter().map(|planned| planned.id).max().unwrap_or_default();
    let what = step_words(&ask.step);
    out.line(&visible(&format!("{} is planned as {id}, at {}: {what}", args.key, moment(at_ms))))?;
    Ok(Exit::Done)
}

/// A moment, or a span from now on.
fn time_of(text: &str, now: Timestamp) -> Result<i64, Failure> {
    let at = match text.strip_prefix('+') {
        None => read(text),
        Some(span) => {
            let span = span.trim().parse::<SignedDuration>().ok().filter(|span| !span.is_negative());
            span.and_then(|span| now.checked_add(span).ok()).map(Timestamp::as_millisecond)
        }
    };
    at.ok_or_else(|| {
        Failure::new(Exit::Usage, "TG-7022", format!("`{text}` is no moment"))
            .hint("write it as in 2026-12-31T23:59:59Z, or from now on as in +30 min")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_or_a_span_from_now() {
        let now = Timestamp::from_second(1_000).unwrap();
        for (text, ms) in
            [("+2 s", 1_002_000), ("+1h 30m", 6_400_000), ("+10 min", 1_600_000), ("1970-01-01T00:00:05Z", 5_000)]
        {
            assert_eq!(time_of(text, now).unwrap(), ms, "{text}");
        }
        for text in ["", "+", "soon", "+-2 s", "2 s", "+9999999999999 h"] {
            assert!(time_of(text, now).is_err(), "{text}");
        }
    }
}
