//! `tidegate flag show`.

use super::get;
use super::list::{kind_word, type_word};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::line::{Line, Style};
use crate::render::time::moment;
use crate::rule_text::decision_lines;
use crate::visible::cut;
use flags::change::Step;
use server::dto::FlagView;

/// The longest value of a variant that is shown.
const WIDTH: usize = 80;

pub(crate) async fn run(key: &str, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let view = get(key, client).await?;
    if out.json() {
        out.value(&view)?;
        return Ok(Exit::Done);
    }
    for line in block(&view) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(Exit::Done)
}

fn block(view: &FlagView) -> Vec<Line> {
    let flag = &view.flag;
    let mut lines = vec![heading(view)];
    let mut say = |text: String| lines.push(Line::new().plain("    ").plain(text));
    if !flag.description.is_empty() {
        say(flag.description.clone());
    }
    let owner = if flag.owner.is_empty() { "nobody".into() } else { flag.owner.clone() };
    let end = flag.ends_at_ms.map(|end| format!(", ends {}", moment(end))).unwrap_or_default();
    let release = flag.release.as_ref().map(|id| format!(", belongs to {id}")).unwrap_or_default();
    say(format!("owned by {owner}{end}{release}"));
    for variant in &flag.variants {
        let value = serde_json::to_string(&variant.value).unwrap_or_default();
        let off = if flag.off.as_ref() == Some(&variant.name) { "  (when off)" } else { "" };
        say(format!("{} = {}{off}", variant.name, cut(&value, WIDTH)));
    }
    if flag.off.is_none() {
        say("when off: the default in code".into());
    }
    for needed in &flag.prerequisites {
        say(format!("needs {} to give {}", needed.flag, needed.variants.join(" or ")));
    }
    for (channel, state) in &flag.channels {
        let (style, word) = if flag.is_on(channel) { (Style::Good, "on") } else { (Style::Dim, "off") };
        lines.push(Line::new().with(Style::Bold, channel.as_str()).plain(": ").with(style, word));
        lines.extend(decision_lines(&state.decision).iter().map(|line| Line::new().plain("    ").plain(line)));
    }
    if flag.channels.is_empty() && !flag.archived {
        lines.push(Line::new().with(Style::Dim, "off in all channels"));
    }
    for planned in &view.schedule {
        let text =
            format!("planned as {}, {} by {}: {}", planned.id, moment(planned.at_ms), planned.by, step(&planned.step));
        lines.push(Line::new().with(Style::Warn, text));
    }
    if let Some(why) = &view.stale {
        lines.push(Line::new().with(Style::Warn, format!("it should go: {why}")));
    }
    lines
}

fn heading(view: &FlagView) -> Line {
    let flag = &view.flag;
    let archived = if flag.archived { ", put away" } else { "" };
    let kinds = format!("  {}, {}{archived}", kind_word(flag.kind), type_word(flag.value_type));
    let changed = format!("  revision {}, {} by {}", view.revision, moment(view.changed_at_ms), view.changed_by);
    Line::new().with(Style::Bold, &flag.key).plain(kinds).with(Style::Dim, changed)
}

/// What will be done, in words.
pub(super) fn step(step: &Step) -> String {
    match step {
        Step::Turn { channel, on } => format!("{} in {channel}", if *on { "on" } else { "off" }),
        Step::Decide { channel, decision } => format!("in {channel}: {}", decision_lines(decision).join("; ")),
    }
}
