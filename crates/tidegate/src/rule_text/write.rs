//! From rules to text.

use super::WORDS;
use super::read::looks_like_number;
use super::token::in_word;
use flags::model::TARGETING_KEY;
use flags::{Comparison, Condition, Decision, Json, Rule, Serve};

/// A decision as lines: each rule, and what everybody else gets.
#[must_use]
pub(crate) fn decision_lines(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Rules { rules, otherwise } => {
            let mut lines: Vec<String> = rules.iter().map(rule_text).collect();
            lines.push(format!("otherwise -> {}", serve_text(otherwise)));
            lines
        }
        Decision::Logic { targeting, default } => {
            let default = default.as_deref().map_or_else(|| "code default".into(), word);
            let rule = targeting.as_ref().map(|rule| format!("flagd's rule: {}", json(rule)));
            rule.into_iter().chain([format!("otherwise -> {default}")]).collect()
        }
    }
}

/// A rule with its name.
#[must_use]
pub(crate) fn rule_text(rule: &Rule) -> String {
    let words = rule.name.split(' ').all(|word| !word.is_empty() && is_plain(word));
    let name = if words { rule.name.clone() } else { quoted(&rule.name) };
    format!("{name}: {} -> {}", condition_text(&rule.when), serve_text(&rule.serve))
}

/// What is given.
#[must_use]
pub(crate) fn serve_text(serve: &Serve) -> String {
    match serve {
        Serve::CodeDefault => "code default".into(),
        Serve::Variant(name) => word(name),
        Serve::Split(split) => {
            let parts = split.weights.iter();
            let parts: Vec<String> =
                parts.map(|part| format!("{} {}%", word(&part.variant), percent_text(part.weight.into()))).collect();
            let by = if split.by == TARGETING_KEY { String::new() } else { format!(" by {}", word(&split.by)) };
            let salt = split.salt.as_ref().map(|salt| format!(" salt {}", word(salt))).unwrap_or_default();
            format!("{}{by}{salt}", parts.join(", "))
        }
    }
}

/// A weight as a percentage: `12.5`.
#[must_use]
pub(crate) fn percent_text(weight: u64) -> String {
    let text = format!("{}.{:03}", weight / 1_000, weight % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A condition.
#[must_use]
pub(crate) fn condition_text(condition: &Condition) -> String {
    match condition {
        Condition::All(parts) if parts.is_empty() => "everybody".into(),
        Condition::Any(parts) if parts.is_empty() => "nobody".into(),
        Condition::All(parts) => joined(parts, " and "),
        Condition::Any(parts) => joined(parts, " or "),
        Condition::Not(inner) => match &**inner {
            Condition::Is { attribute, one_of } => format!("{} is not {}", word(attribute), values(one_of)),
            inner => format!("not {}", within(inner)),
        },
        Condition::Is { attribute, one_of } => format!("{} is {}", word(attribute), values(one_of)),
        Condition::Compare { attribute, op, number } => {
            let sign = match op {
                Comparison::Less => "<",
                Comparison::AtMost => "<=",
                Comparison::AtLeast => ">=",
                Comparison::More => ">",
            };
            format!("{} {sign} {number}", word(attribute))
        }
        Condition::StartsWith { attribute, text } => format!("{} starts with {}", word(attribute), word(text)),
        Condition::EndsWith { attribute, text } => format!("{} ends with {}", word(attribute), word(text)),
        Condition::Contains { attribute, text } => format!("{} contains {}", word(attribute), word(text)),
        Condition::Version { attribute, op, version } => {
            format!("{} version {op} {}", word(attribute), bare(version))
        }
        Condition::Present { attribute } => format!("{} exists", word(attribute)),
        Condition::Segment { name } => format!("segment {}", word(name)),
    }
}

fn joined(parts: &[Condition], word: &str) -> String {
    match parts {
        [only] => condition_text(only),
        parts => parts.iter().map(within).collect::<Vec<_>>().join(word),
    }
}

/// A condition inside of another one.
fn within(condition: &Condition) -> String {
    let text = condition_text(condition);
    match condition {
        Condition::All(parts) | Condition::Any(parts) if parts.len() > 1 => format!("({text})"),
        _ => text,
    }
}

fn values(values: &[Json]) -> String {
    let one = |value: &Json| match value {
        Json::Text(text) => word(text),
        other => json(other),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A name or a text, in quotes if it could mean something else.
fn word(text: &str) -> String {
    let other = WORDS.contains(&text) || matches!(text, "true" | "false") || looks_like_number(text);
    if other { quoted(text) } else { bare(text) }
}

/// A text where no number can stand.
fn bare(text: &str) -> String {
    let plain = !text.is_empty() && !WORDS.contains(&text) && is_plain(text);
    if plain { text.to_owned() } else { quoted(text) }
}

fn is_plain(word: &str) -> bool {
    word.chars().all(in_word) && !word.contains("->")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn json(value: &Json) -> String {
    // Texts and finite numbers can always be written.
    serde_json::to_string(value).unwrap_or_default()
}
