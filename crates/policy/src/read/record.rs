//! Maps with fixed keys: which may be there, which must, and what is said when one is not as it should be.

use super::tree::{not_a_map, not_yet};
use super::{Reader, Spot};
use crate::findings::Finding;
use crate::near;
use crate::problem::Code;
use crate::shape::{Field, Need, Record, Shape};
use crate::source::Origin;
use crate::yaml::{self, Content, Entry, Node, quoted};
use serde_json::Value;
use std::collections::BTreeMap;

impl Reader<'_, '_> {
    pub(super) fn record(&mut self, node: &Node, record: &'static Record, spot: &Spot) -> Option<Value> {
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
        let mut missing = Vec::new();
        for field in record.fields.iter().filter(|field| node.get(field.key).is_none()) {
            match field.need {
                Need::Optional => {}
                Need::Required if misspelled(field.key, entries, record) => {}
                Need::Required => missing.push(field),
                Need::Default(text) => {
                    let default = yaml::parse(text, Origin::Standard, self.findings);
                    let inside = spot.under(field.key, spot.home);
                    let value = default.and_then(|node| self.value(&node, &field.shape, &inside));
                    values.extend(value.map(|value| (field.key, value)));
                }
            }
        }
        self.missing_keys(&missing, record, spot);
        values
    }

    fn unknown_key(&mut self, entry: &Entry, record: &'static Record, spot: &Spot) {
        let spot = spot.under(&entry.key, entry.key_at);
        if let Some((_, what)) = record.not_yet.iter().find(|(key, _)| *key == entry.key) {
            self.tell(entry.key_at, &spot, not_yet(&entry.key, what).hint("remove it; it would have no effect"));
            return;
        }
        let names = || record.fields.iter().map(|field| field.key);
        let why = format!("expected {}", either(record));
        let finding = Finding::new(Code::UnknownKey, format!("unknown key {}", quoted(&entry.key)), why);
        let hint = near::did_you_mean(&entry.key, names()).unwrap_or_else(|| "remove it".to_owned());
        self.tell(entry.key_at, &spot, finding.hint(hint));
    }

    fn missing_keys(&mut self, missing: &[&Field], record: &Record, spot: &Spot) {
        let finding = match missing {
            [] => return,
            [field] => {
                let first =
                    field.doc.split_inclusive(". ").next().unwrap_or(field.doc).trim_end().trim_end_matches('.');
                let why = format!("`{}` must be here: {}", field.key, lower(first));
                Finding::new(Code::MissingKey, format!("the key `{}` is missing", field.key), why)
            }
            fields => {
                let keys: Vec<_> = fields.iter().map(|field| format!("`{}`", field.key)).collect();
                let what = format!("{} keys are missing", keys.len());
                Finding::new(Code::MissingKey, what, format!("{} must be here", keys.join(", ")))
            }
        };
        let hint = if record.inherits && spot.path.is_empty() && missing.iter().any(|field| field.key != "services") {
            "write `extends: standard` to take them from the built-in policy".to_owned()
        } else if record.inherits && spot.path.starts_with("rollouts.") {
            let rollout = spot.path.split('.').nth(1).unwrap_or("");
            format!("write `extends: canary` under `rollouts.{rollout}` to take from there what is not said here")
        } else {
            let examples: Vec<_> = missing.iter().map(|field| self.example(field)).collect();
            format!("add {}", examples.join(" and "))
        };
        self.tell(spot.home, spot, finding.hint(hint));
    }

    /// A missing key as it could be written.
    fn example(&self, field: &Field) -> String {
        let key = field.key;
        match &field.shape {
            Shape::Name(table) => match self.names(*table).next() {
                None => format!("`{key}: …`, the name of a {} that you define under `{}`", table.noun(), table.key()),
                Some(first) => format!("`{key}: {first}`"),
            },
            Shape::Quantity(quantity) => format!("`{key}: {}`", quantity.example),
            _ => format!("`{key}: …`"),
        }
    }
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

fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Whether a key is missing only because it is written wrong, which is told by itself.
fn misspelled(key: &str, entries: &[Entry], record: &Record) -> bool {
    let keys = || record.fields.iter().map(|field| field.key);
    entries.iter().any(|entry| record.field(&entry.key).is_none() && near::nearest(&entry.key, keys()) == Some(key))
}
