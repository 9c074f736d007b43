//! Maps, lists, records and kinds: the shapes with something inside.

use super::{Reader, Spot, text};
use crate::findings::Finding;
use crate::near;
use crate::problem::Code;
use crate::shape::{KeyRule, Kinds, MOST_ENTRIES, MOST_ITEMS, Need, Record, Shape, Table, TextRule};
use crate::source::Origin;
use crate::yaml::{self, Content, Entry, Node, quoted};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Reader<'_, '_> {
    /// The canonical value; nothing when there is a problem in it.
    pub(super) fn value(&mut self, node: &Node, shape: &Shape, spot: &Spot) -> Option<Value> {
        match shape {
            Shape::Record(record) => self.record(node, record, spot),
            Shape::Map { of, key } => self.map(node, of, *key, spot),
            Shape::List { of, least } => self.list(node, of, *least, spot),
            Shape::Kind(kinds) => self.kind(node, kinds, spot),
            Shape::OrOff(inner) => self.or_off(node, inner, spot),
            Shape::EnvValue
            | Shape::Text(_)
            | Shape::Quantity(_)
            | Shape::Whole { .. }
            | Shape::Switch
            | Shape::Word(_)
            | Shape::Quantile
            | Shape::OnUndecided
            | Shape::Name(_)
            | Shape::RolloutBy => self.scalar(node, shape, spot),
        }
    }

    /// Likewise, and remembers the place; defaults have none.
    fn placed(&mut self, node: &Node, shape: &Shape, spot: &Spot) -> Option<Value> {
        self.places.insert(spot.path.clone(), node.at);
        self.value(node, shape, spot)
    }

    fn record(&mut self, node: &Node, record: &'static Record, spot: &Spot) -> Option<Value> {
        let Content::Map(entries) = &node.value else {
            self.tell(node.at, spot, not_a_map(node, &keys_of(record)));
            return None;
        };
        let values = self.record_fields(node, record, spot);
        let complete = record.fields.iter().all(|field| match field.need {
            Need::Required | Need::Default(_) => values.contains_key(field.key),
            Need::Optional => true,
        });
        let sound = entries.iter().all(|entry| values.contains_key(entry.key.as_str()));
        (complete && sound).then(|| values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The values of a record by key, without those that have problems.
    pub(super) fn record_fields(
        &mut self,
        node: &Node,
        record: &'static Record,
        spot: &Spot,
    ) -> BTreeMap<&'static str, Value> {
        let entries = match &node.value {
            Content::Map(entries) => entries.as_slice(),
            Content::Text { .. } | Content::List(_) => {
                self.tell(node.at, spot, not_a_map(node, &keys_of(record)));
                return BTreeMap::new();
            }
        };
        let mut values = BTreeMap::new();
        for entry in entries {
            match record.field(&entry.key) {
                None => self.unknown_key(entry, record, spot),
                Some(field) => {
                    let inside = spot.under(field.key, entry.key_at);
                    if let Some(value) = self.placed(&entry.value, &field.shape, &inside) {
                        values.insert(field.key, value);
                    }
                }
            }
        }
        for field in record.fields.iter().filter(|field| node.get(field.key).is_none()) {
            match field.need {
                Need::Optional => {}
                Need::Required => self.missing_key(field.key, field.doc, &field.shape, record, spot),
                Need::Default(text) => {
                    let default = yaml::parse(text, Origin::Standard, self.findings);
                    let inside = spot.under(field.key, spot.home);
                    let value = default.and_then(|node| self.value(&node, &field.shape, &inside));
                    values.extend(value.map(|value| (field.key, value)));
                }
            }
        }
        values
    }

    fn unknown_key(&mut self, entry: &Entry, record: &'static Record, spot: &Spot) {
        let spot = spot.under(&entry.key, entry.key_at);
        if let Some((_, what)) = record.not_yet.iter().find(|(key, _)| *key == entry.key) {
            self.tell(entry.key_at, &spot, not_yet(&entry.key, what));
            return;
        }
        let names = || record.fields.iter().map(|field| field.key);
        let why = format!("expected {}", either(record));
        let finding = Finding::new(Code::UnknownKey, format!("unknown key {}", quoted(&entry.key)), why);
        let hint = near::did_you_mean(&entry.key, names()).unwrap_or_else(|| "remove it".to_owned());
        self.tell(entry.key_at, &spot, finding.hint(hint));
    }

    fn missing_key(&mut self, key: &str, doc: &str, shape: &Shape, record: &Record, spot: &Spot) {
        let first = doc.split_inclusive(". ").next().unwrap_or(doc).trim_end().trim_end_matches('.');
        let what = format!("the key `{key}` is missing");
        let finding = Finding::new(Code::MissingKey, what, format!("`{key}` must be here: {}", lower(first)));
        let hint = match shape {
            _ if spot.path.is_empty() && key != "services" => {
                "write `extends: standard` to take it from the built-in policy".to_owned()
            }
            _ if record.inherits && spot.path.starts_with("rollouts.") => {
                let rollout = spot.path.split('.').nth(1).unwrap_or("");
                format!("write it, or `extends: canary` under `rollouts.{rollout}` to take it from there")
            }
            Shape::Name(table) => match self.names(*table).next() {
                None => format!("define one under `{}` and name it here", table.key()),
                Some(first) => format!("write `{key}: {first}`; {}", near::known(table.noun(), self.names(*table))),
            },
            Shape::Quantity(quantity) => format!("write `{key}: {}`", quantity.example),
            _ => format!("add `{key}: …`"),
        };
        self.tell(spot.home, spot, finding.hint(hint));
    }

    fn map(&mut self, node: &Node, of: &Shape, rule: KeyRule, spot: &Spot) -> Option<Value> {
        let Content::Map(entries) = &node.value else {
            self.tell(node.at, spot, not_a_map(node, "a map of names"));
            return None;
        };
        if entries.len() > MOST_ENTRIES {
            let why = format!("found {} entries, expected at most {MOST_ENTRIES}", entries.len());
            self.tell(spot.home, spot, Finding::new(Code::TooMuch, "there are too many of them", why));
            return None;
        }
        if entries.is_empty() && matches!(rule, KeyRule::Name(Table::Services)) {
            let finding = Finding::new(
                Code::OutOfRange,
                "there is no service",
                "found an empty map, expected at least one service",
            );
            self.tell(node.at, spot, finding.hint("`tidegate init` writes a first one"));
        }
        let mut values = Map::new();
        for entry in entries {
            let inside = spot.under(&entry.key, entry.key_at);
            if let Err(finding) = self.key(&entry.key, rule) {
                self.tell(entry.key_at, &inside, finding);
            }
            if let Some(value) = self.placed(&entry.value, of, &inside) {
                values.insert(entry.key.clone(), value);
            }
        }
        Some(Value::Object(values))
    }

    fn key(&self, key: &str, rule: KeyRule) -> Result<(), Finding> {
        match rule {
            KeyRule::Name(_) => text::check_name(key),
            KeyRule::Variable => text::check(key, TextRule::Variable),
            KeyRule::Channel => self.known_name(key, Table::Channels),
        }
    }

    fn list(&mut self, node: &Node, of: &Shape, least: usize, spot: &Spot) -> Option<Value> {
        let Content::List(items) = &node.value else {
            let hint = match &node.value {
                Content::Text { text, .. } if !node.is_nothing() => format!("write `[{text}]`"),
                Content::Text { .. } | Content::Map(_) | Content::List(_) => {
                    "write `[…]`, or one item on each line after a hyphen".to_owned()
                }
            };
            let why = format!("found {}, expected a list", node.described());
            self.tell(node.at, spot, Finding::new(Code::WrongType, "this is not a list", why).hint(hint));
            return None;
        };
        if items.len() < least || items.len() > MOST_ITEMS {
            let why = format!("found {} items, expected {least} to {MOST_ITEMS}", items.len());
            self.tell(node.at, spot, Finding::new(Code::OutOfRange, "the list has another length", why));
            return None;
        }
        let mut values = Vec::new();
        for (i, item) in items.iter().enumerate() {
            values.extend(self.placed(item, of, &spot.item(i, item.at)));
        }
        (values.len() == items.len()).then_some(Value::Array(values))
    }

    pub(super) fn kind(&mut self, node: &Node, kinds: &'static Kinds, spot: &Spot) -> Option<Value> {
        let entries = match &node.value {
            Content::Map(entries) => entries,
            Content::Text { text, .. } if kinds.words.iter().any(|(word, _)| word == text) => {
                return Some(Value::String(text.clone()));
            }
            Content::Text { text, .. } if kinds.kinds.iter().any(|kind| kind.key == text) => {
                let why = format!("found {}, expected a map with the key `{text}`", quoted(text));
                let finding = Finding::new(Code::WrongType, format!("{} needs its settings", kinds.noun), why);
                self.tell(node.at, spot, finding.hint(format!("write `{{ {text}: {{ … }} }}`")));
                return None;
            }
            Content::Text { .. } | Content::List(_) => {
                let why = format!("found {}, expected {}", node.described(), choices(kinds));
                self.tell(node.at, spot, Finding::new(Code::WrongType, format!("this is not {}", kinds.noun), why));
                return None;
            }
        };
        let [entry] = entries.as_slice() else {
            let why = format!("found {} keys, expected exactly one: {}", entries.len(), choices(kinds));
            let finding = Finding::new(Code::WrongType, format!("{} has one kind", kinds.noun), why);
            self.tell(spot.home, spot, finding.hint("keep one of them"));
            return None;
        };
        let inside = spot.under(&entry.key, entry.key_at);
        if let Some(kind) = kinds.kinds.iter().find(|kind| kind.key == entry.key) {
            let value = self.placed(&entry.value, &kind.shape, &inside)?;
            return Some(Value::Object(Map::from_iter([(entry.key.clone(), value)])));
        }
        let finding = match kinds.not_yet.iter().find(|(key, _)| *key == entry.key) {
            Some((_, what)) => not_yet(&entry.key, what),
            None => Finding::new(
                Code::UnknownWord,
                format!("{} is not a kind of {}", quoted(&entry.key), bare(kinds.noun)),
                format!("expected {}", choices(kinds)),
            )
            .maybe_hint(near::did_you_mean(&entry.key, kinds.kinds.iter().map(|kind| kind.key))),
        };
        self.tell(entry.key_at, &inside, finding);
        None
    }

    fn or_off(&mut self, node: &Node, inner: &Shape, spot: &Spot) -> Option<Value> {
        match &node.value {
            Content::Text { text, .. } if text == "off" => Some(Value::Null),
            Content::Text { text, .. } if text == "on" => {
                let finding =
                    Finding::new(Code::WrongType, "this needs its settings", "found `on`, expected a map, or `off`");
                self.tell(
                    node.at,
                    spot,
                    finding.hint("write the settings, or leave the key out in a rollout that extends another"),
                );
                None
            }
            Content::Text { .. } | Content::List(_) => {
                let why = format!("found {}, expected a map, or `off`", node.described());
                self.tell(
                    node.at,
                    spot,
                    Finding::new(Code::WrongType, "this is not a trigger", why).hint("write `off` to switch it off"),
                );
                None
            }
            Content::Map(_) => self.value(node, inner, spot),
        }
    }

    pub(super) fn known_name(&self, name: &str, table: Table) -> Result<(), Finding> {
        if self.names(table).any(|known| known == name) {
            return Ok(());
        }
        let what = format!("{} is not a {}", quoted(name), table.noun());
        let finding = Finding::new(Code::UnknownName, what, near::known(table.noun(), self.names(table)));
        let hint = near::did_you_mean(name, self.names(table))
            .unwrap_or_else(|| format!("define it under `{}`, or name another", table.key()));
        Err(finding.hint(hint))
    }
}

fn not_yet(key: &str, what: &str) -> Finding {
    Finding::new(
        Code::NotYet,
        format!("not yet: {what}"),
        format!("`{key}` is part of the process, but nothing runs it yet"),
    )
    .hint("remove it; it would have no effect")
}

fn not_a_map(node: &Node, expected: &str) -> Finding {
    let why = format!("found {}, expected {expected}", node.described());
    let finding = Finding::new(Code::WrongType, "this is not a map", why);
    if node.is_nothing() { finding.hint("write `{}` if nothing is meant") } else { finding }
}

fn keys_of(record: &Record) -> String {
    if record.fields.is_empty() { "`{}`".to_owned() } else { format!("a map with {}", either(record)) }
}

/// `x`, `y` or `z`
fn either(record: &Record) -> String {
    let keys: Vec<_> = record.fields.iter().map(|field| format!("`{}`", field.key)).collect();
    match keys.as_slice() {
        [] => "no keys at all".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn choices(kinds: &Kinds) -> String {
    let words = kinds.words.iter().map(|(word, _)| format!("`{word}`"));
    let all: Vec<_> = kinds.kinds.iter().map(|kind| format!("`{{ {}: … }}`", kind.key)).chain(words).collect();
    all.join(" or ")
}

fn bare(noun: &str) -> &str {
    noun.strip_prefix("a ").unwrap_or(noun)
}

fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
