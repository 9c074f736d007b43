//! Values that are one text: what it means follows from what is expected, never from how it looks.

use super::{Reader, Spot, quantity, text};
use crate::findings::Finding;
use crate::near;
use crate::problem::Code;
use crate::shape::{REFERENCE, Shape, Table};
use crate::yaml::{Content, Node, quoted};
use serde_json::{Map, Value, json};

impl Reader<'_, '_> {
    pub(super) fn scalar(&mut self, node: &Node, shape: &Shape, spot: &Spot) -> Option<Value> {
        if matches!(shape, Shape::EnvValue) && matches!(node.value, Content::Map(_)) {
            return self.kind(node, &REFERENCE, spot);
        }
        let Content::Text { text, plain } = &node.value else {
            let what = format!("this is not {}", noun(shape));
            let why = format!("found {}, expected {}", node.described(), noun(shape));
            self.tell(node.at, spot, Finding::new(Code::WrongType, what, why).hint(format!("write {}", noun(shape))));
            return None;
        };
        match self.meaning(text, *plain, shape, spot) {
            Ok(value) => Some(value),
            Err(finding) => {
                self.tell(node.at, spot, finding);
                None
            }
        }
    }

    fn meaning(&self, text: &str, plain: bool, shape: &Shape, spot: &Spot) -> Result<Value, Finding> {
        match shape {
            Shape::Quantity(quantity) => quantity::read(text, quantity),
            Shape::Whole { least, most, noun } => whole(text, plain, *least, *most, noun),
            Shape::Switch => switch(text),
            Shape::Word(words) => word(text, words),
            Shape::Quantile => quantile(text),
            Shape::OnUndecided => on_undecided(text),
            Shape::Text(rule) => {
                is_text(text, plain)?;
                text::check(text, *rule)?;
                Ok(json!(text))
            }
            Shape::Name(table) => {
                is_text(text, plain)?;
                self.known_name(text, *table)?;
                Ok(json!(text))
            }
            Shape::RolloutBy if text == "by type" => Ok(json!("type")),
            Shape::RolloutBy => {
                is_text(text, plain)?;
                self.known_name(text, Table::Rollouts).map_err(|finding| {
                    let near = near::did_you_mean(text, ["by type"].into_iter());
                    finding.or_better(near)
                })?;
                Ok(json!({ "name": text }))
            }
            Shape::EnvValue => {
                is_text(text, plain)?;
                no_secret(text, spot)?;
                Ok(json!({ "text": text }))
            }
            Shape::OrOff(_) | Shape::List { .. } | Shape::Map { .. } | Shape::Record(_) | Shape::Kind(_) => {
                Ok(Value::Object(Map::new()))
            }
        }
    }
}

fn noun(shape: &Shape) -> &'static str {
    match shape {
        Shape::Quantity(quantity) => quantity.noun,
        Shape::Whole { noun, .. } => noun,
        Shape::Switch => "`on` or `off`",
        Shape::Word(_) => "one word",
        Shape::Quantile => "a quantile such as `p95`",
        Shape::OnUndecided => "`extend 2x`, `hold`, `roll back` or `advance`",
        Shape::Name(table) => match table {
            Table::Services => "the name of a service",
            Table::Targets => "the name of a target",
            Table::Levers => "the name of a lever",
            Table::Signals => "the name of a signal",
            Table::Hooks => "the name of a hook",
            Table::Rollouts => "the name of a rollout",
            Table::Types => "the name of a type",
            Table::Channels => "the name of a channel",
        },
        Shape::RolloutBy => "`by type` or the name of a rollout",
        Shape::EnvValue => "a text, `{ from_env: NAME }` or `{ from_file: PATH }`",
        Shape::Text(_) => "a text",
        Shape::OrOff(_) | Shape::Record(_) | Shape::Kind(_) | Shape::Map { .. } => "a map",
        Shape::List { .. } => "a list",
    }
}

/// YAML reads `1.10` as a number and `no` in old readers as false; a text that looks like something else must say
/// that it is a text.
fn is_text(text: &str, plain: bool) -> Result<(), Finding> {
    let found = match text {
        _ if !plain => return Ok(()),
        "" | "~" | "null" | "Null" | "NULL" => "nothing".to_owned(),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => format!("the truth value `{text}`"),
        _ if looks_like_a_number(text) => format!("the number {}", quoted(text)),
        _ => return Ok(()),
    };
    let finding = Finding::new(Code::WrongType, "this is not a text", format!("found {found}, expected a text"));
    Err(if text.is_empty() {
        finding.hint("write the text")
    } else {
        finding.hint(format!("put it in quotes: `\"{text}\"`"))
    })
}

fn looks_like_a_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let based = |prefix: &str, radix: u32| {
        unsigned.strip_prefix(prefix).is_some_and(|d| !d.is_empty() && d.chars().all(|c| c.is_digit(radix)))
    };
    let decimal = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok();
    decimal
        || based("0x", 16)
        || based("0o", 8)
        || matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

fn whole(text: &str, plain: bool, least: u64, most: u64, noun: &str) -> Result<Value, Finding> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain || !digits || (text.len() > 1 && text.starts_with('0')) {
        let why = format!("found {}, expected {noun}: a whole number without quotes or unit", quoted(text));
        return Err(Finding::new(Code::WrongType, format!("this is not {noun}"), why)
            .hint(format!("write a number such as `{}`", 200.clamp(least, most))));
    }
    match text.parse::<u64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(json!(number)),
        Ok(_) | Err(_) => {
            let why = format!("found {}, expected {noun} from {least} to {most}", quoted(text));
            Err(Finding::new(Code::OutOfRange, format!("{noun} is out of range"), why).hint("write one in that range"))
        }
    }
}

fn switch(text: &str) -> Result<Value, Finding> {
    let hint = match text {
        "on" | "true" => return Ok(json!(true)),
        "off" | "false" => return Ok(json!(false)),
        "yes" | "Yes" | "y" | "On" | "ON" | "True" | "TRUE" | "enabled" | "1" => "write `on`",
        "no" | "No" | "n" | "Off" | "OFF" | "False" | "FALSE" | "disabled" | "0" => "write `off`",
        _ => "write `on` or `off`",
    };
    let why = format!("found {}, expected `on` or `off`", shown(text));
    Err(Finding::new(Code::WrongType, "this is not a switch", why).hint(hint))
}

fn word(text: &str, words: &[(&str, &str)]) -> Result<Value, Finding> {
    if words.iter().any(|(word, _)| *word == text) {
        return Ok(json!(text));
    }
    let all: Vec<_> = words.iter().map(|(word, meaning)| format!("`{word}` ({meaning})")).collect();
    let why = format!("found {}, expected {}", shown(text), all.join(" or "));
    Err(Finding::new(Code::UnknownWord, "this word has no meaning here", why)
        .hint("write one of these")
        .or_better(near::did_you_mean(text, words.iter().map(|(word, _)| *word))))
}

fn quantile(text: &str) -> Result<Value, Finding> {
    match text {
        "p50" => Ok(json!(50)),
        "p95" => Ok(json!(95)),
        "p99" => Ok(json!(99)),
        _ => {
            let why = format!("found {}, expected `p50`, `p95` or `p99`", shown(text));
            Err(Finding::new(Code::UnknownWord, "this quantile is not judged", why).hint("write the nearest of these"))
        }
    }
}

fn on_undecided(text: &str) -> Result<Value, Finding> {
    match text {
        "hold" => return Ok(json!("hold")),
        "roll back" => return Ok(json!("roll_back")),
        "advance" => return Ok(json!("advance")),
        _ => {}
    }
    let times = text.strip_prefix("extend ").and_then(|rest| rest.strip_suffix('x'));
    if let Some(times) = times.and_then(|times| times.parse::<u32>().ok()) {
        if (2..=100).contains(&times) {
            return Ok(json!({ "extend": { "times": times } }));
        }
        let why = format!(
            "found {}, expected `extend 2x` to `extend 100x`: the whole phase in multiples of its soak",
            quoted(text)
        );
        return Err(Finding::new(Code::OutOfRange, "this is not longer than the phase, or endless", why)
            .hint("write `hold` to wait for a person at once"));
    }
    let why = format!("found {}, expected `extend 2x`, `hold`, `roll back` or `advance`", shown(text));
    let hint = match text {
        "extend" => Some("write `extend 2x`: up to twice the soak, then hold for a person".to_owned()),
        _ => near::did_you_mean(text, ["extend 2x", "hold", "roll back", "advance"].into_iter()),
    };
    Err(Finding::new(Code::UnknownWord, "this word has no meaning here", why)
        .hint("write one of these")
        .or_better(hint))
}

/// The journal keeps what a policy says for ever, and so would keep a secret.
fn no_secret(value: &str, spot: &Spot) -> Result<(), Finding> {
    let variable = spot.path.rsplit('.').next().unwrap_or("");
    if value.is_empty() || !text::names_a_secret(variable) {
        return Ok(());
    }
    let why = format!("`{variable}` looks like a secret; a value written here is kept in the journal for ever");
    Err(Finding::new(Code::Secret, "a secret is never written into a policy", why)
        .hint(format!("write `{variable}: {{ from_env: {variable} }}` or `{variable}: {{ from_file: /path }}`")))
}

fn shown(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { quoted(text) }
}
