//! `tidegate flag explain`: what a flag gives to somebody, and which rule decided, in words.

use super::turn::channel_word;
use super::{body, path};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::line::{Line, Style};
use crate::rule_text::{condition_text, percent_text};
use flags::Json;
use flags::model::TARGETING_KEY;
use server::dto::{ExplainFlag, FlagConditionStep, FlagExplanation, FlagRuleStep, FlagSplitStep};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The flag's key
    key: String,
    /// The channel
    #[arg(long)]
    channel: String,
    /// Who asks, as JSON: `{"targetingKey":"ada","country":"DE"}`
    #[arg(long, value_name = "JSON")]
    context: Option<String>,
    /// Who asks: the targeting key
    #[arg(long, value_name = "KEY")]
    user: Option<String>,
    /// What is known about them: `country=DE`; JSON where it is JSON, and text else; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

pub(crate) async fn run(args: Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    channel_word(&args.channel)?;
    let at = format!("{}/explain", path(&args.key)?);
    let ask = ExplainFlag { channel: args.channel.clone(), context: context(&args)? };
    let told: FlagExplanation = client.post(&at, body(&ask)?).await?;
    if out.json() {
        out.value(&told)?;
        return Ok(Exit::Done);
    }
    for line in lines(&args.key, &args.channel, &told) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(Exit::Done)
}

/// Who asks, of all that was said about them; what is said later counts.
fn context(args: &Args) -> Result<Json, Failure> {
    let wrong = |what: String, why: String| {
        Failure::new(Exit::Usage, "TG-7080", what)
            .because(why)
            .hint("write it as in --user ada --set country=DE, or --context '{\"targetingKey\":\"ada\"}'")
    };
    let mut members = match &args.context {
        None => Vec::new(),
        Some(text) => match serde_json::from_str(text) {
            Ok(Json::Map(members)) => members,
            Ok(other) => return Err(wrong("the context is no object".into(), format!("it is {}", other.noun()))),
            Err(error) => return Err(wrong("the context is no JSON".into(), error.to_string())),
        },
    };
    let mut put = |name: &str, value: Json| match members.iter_mut().find(|member| member.0 == name) {
        Some(member) => member.1 = value,
        None => members.push((name.to_owned(), value)),
    };
    for text in &args.set {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(wrong(
                format!("`{text}` says nothing about anybody"),
                "it is no name, `=`, and a value".into(),
            ));
        };
        put(name, serde_json::from_str(value).unwrap_or_else(|_| Json::from(value)));
    }
    if let Some(user) = &args.user {
        put(TARGETING_KEY, Json::from(user.as_str()));
    }
    Ok(Json::Map(members))
}

fn lines(key: &str, channel: &str, told: &FlagExplanation) -> Vec<Line> {
    let mut lines = vec![
        Line::new().with(Style::Bold, key).plain(format!(" in {channel} gives ")).with(Style::Bold, given(told)),
        Line::new().plain(format!("  {}", because(told))),
    ];
    for step in &told.prerequisites {
        let got = step.got.as_deref().unwrap_or("none of its variants");
        let (style, word) = if step.met { (Style::Good, "✓") } else { (Style::Bad, "✗") };
        let text = format!(" needs {} to give {}; it gives {got}", step.flag, step.wanted.join(" or "));
        lines.push(Line::new().plain("  ").with(style, word).plain(text));
    }
    for (i, rule) in told.rules.iter().enumerate() {
        let decided = told.decided.is_some_and(|decided| usize::try_from(decided) == Ok(i));
        lines.extend(rule_lines(rule, decided));
    }
    lines.extend(told.split.as_ref().map(|split| Line::new().plain(format!("  {}", divided(split)))));
    lines
}

fn given(told: &FlagExplanation) -> String {
    match (&told.variant, &told.value, &told.error) {
        (_, _, Some(error)) => format!("nothing: {error}"),
        (Some(variant), Some(value), None) => {
            format!("{variant} = {}", serde_json::to_string(value).unwrap_or_default())
        }
        (_, _, None) => "the default in code".into(),
    }
}

/// Why, in a sentence.
fn because(told: &FlagExplanation) -> String {
    let decided = told.decided.and_then(|at| told.rules.get(usize::try_from(at).ok()?));
    match (&told.error, decided) {
        (Some(error), _) => format!("because of an error: clients get {error} and use the default in their code"),
        (None, _) if !told.on => "because it is off there".into(),
        (None, _) if told.prerequisites.iter().any(|step| !step.met) => {
            "because a flag that it needs does not say so".into()
        }
        (None, Some(rule)) => format!("because the rule \"{}\" matches", rule.name),
        (None, None) if !told.rules.is_empty() => "because no rule matches".into(),
        (None, None) => match told.reason.as_deref() {
            Some("TARGETING_MATCH") => "because flagd's rule says so".into(),
            Some("SPLIT") => "because users are divided".into(),
            Some("DEFAULT") => "because nothing else says otherwise".into(),
            Some(_) | None => "because everybody gets that".into(),
        },
    }
}

fn rule_lines(rule: &FlagRuleStep, decided: bool) -> Vec<Line> {
    let (style, mark, word) = match (decided, rule.asked, rule.matches) {
        (true, _, _) => (Style::Good, "✓", "matches, and decides"),
        (false, true, _) => (Style::Bad, "✗", "does not match"),
        (false, false, true) => (Style::Dim, "·", "would match; it is not asked any more"),
        (false, false, false) => (Style::Dim, "·", "would not match; it is not asked any more"),
    };
    let heading = Line::new().plain("  ").with(style, mark).plain(format!(" {}: {word}", rule.name));
    let failed = rule.failed.iter().filter(|_| rule.asked && !decided);
    std::iter::once(heading).chain(failed.map(|step| Line::new().plain(format!("      {}", failed_on(step))))).collect()
}

/// A condition that was not as its rule needs it, beside what the context has.
fn failed_on(step: &FlagConditionStep) -> String {
    let condition = condition_text(&step.condition);
    let must = if step.wanted { "it needs" } else { "it must not be that" };
    let segments: Vec<String> = step.segments.iter().map(|name| format!("in segment {name}, ")).collect();
    let has = match (&step.attribute, &step.actual) {
        (Some(name), Some(value)) => format!("; {name} is {}", serde_json::to_string(value).unwrap_or_default()),
        (Some(name), None) => format!("; nothing is known about {name}"),
        (None, _) => String::new(),
    };
    format!("{}{must} {condition}{has}", segments.concat())
}

/// Where the user stands on the line of a split.
fn divided(split: &FlagSplitStep) -> String {
    let mut begin = 0;
    let mut parts = Vec::new();
    for part in &split.ends {
        let (from, to) = (percent_text(begin), percent_text(part.end.into()));
        parts.push(format!("{} from {from} to {to} %", part.variant));
        begin = u64::from(part.end);
    }
    let parts = parts.join(", ");
    match split.bucket {
        Some(bucket) => {
            format!("users are divided by {}: {parts}; this one stands at {} %", split.by, percent_text(bucket.into()))
        }
        None => format!("users are divided by {}: {parts}; this one has no text there, and gets the default", split.by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(context: Option<&str>, set: &[&str], user: Option<&str>) -> Args {
        Args {
            key: "f".into(),
            channel: "production".into(),
            context: context.map(str::to_owned),
            user: user.map(str::to_owned),
            set: set.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn a_context_is_put_together() {
        let all = args(Some(r#"{"a":1,"b":2}"#), &["b=DE", "age=18", "q=\"18\"", "e="], Some("ada"));
        let json = serde_json::to_string(&context(&all).unwrap()).unwrap();
        assert_eq!(json, r#"{"a":1,"b":"DE","age":18,"q":"18","e":"","targetingKey":"ada"}"#);
        for wrong in [args(Some("[]"), &[], None), args(Some("{"), &[], None), args(None, &["x"], None)] {
            assert!(context(&wrong).is_err());
        }
    }
}
