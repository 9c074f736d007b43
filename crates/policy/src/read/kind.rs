//! Values that say what kind they are, `{ process: … }`, or that they are `off`.

use super::{Reader, Spot, tree::not_yet};
use crate::findings::Finding;
use crate::near;
use crate::problem::Code;
use crate::shape::{Kinds, REFERENCE, Shape};
use crate::yaml::{Content, Node, quoted};
use serde_json::{Map, Value};

impl Reader<'_, '_> {
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
            Content::Text { .. } if kinds.name == REFERENCE.name => {
                let why = format!(
                    "found a text, expected {}; a value written here is kept in the journal for ever",
                    choices(kinds)
                );
                let finding = Finding::new(Code::Secret, "a secret is never written into a policy", why);
                self.tell(node.at, spot, finding.hint("write where it is read from when it is used"));
                return None;
            }
            Content::Text { .. } | Content::List(_) => {
                let why = format!("found {}, expected {}", node.described(), choices(kinds));
                self.tell(
                    node.at,
                    spot,
                    Finding::new(Code::WrongType, format!("this is not {}", kinds.noun), why)
                        .hint("write one of these"),
                );
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
            Some((_, what)) => not_yet(&entry.key, what).hint(format!("use {}", choices(kinds))),
            None => Finding::new(
                Code::UnknownWord,
                format!("{} is not a kind of {}", quoted(&entry.key), bare(kinds.noun)),
                format!("expected {}", choices(kinds)),
            )
            .hint("write one of these")
            .or_better(near::did_you_mean(&entry.key, kinds.kinds.iter().map(|kind| kind.key))),
        };
        self.tell(entry.key_at, &inside, finding);
        None
    }

    pub(super) fn or_off(&mut self, node: &Node, inner: &Shape, spot: &Spot) -> Option<Value> {
        match &node.value {
            Content::Text { text, .. } if text == "off" => Some(Value::Null),
            // A number has no settings; it says itself what it should be.
            Content::Text { .. } if matches!(inner, Shape::Quantity(_)) => self.value(node, inner, spot),
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
}

fn choices(kinds: &Kinds) -> String {
    let words = kinds.words.iter().map(|(word, _)| format!("`{word}`"));
    let all: Vec<_> = kinds.kinds.iter().map(|kind| format!("`{{ {}: … }}`", kind.key)).chain(words).collect();
    all.join(" or ")
}

fn bare(noun: &str) -> &str {
    noun.strip_prefix("a ").unwrap_or(noun)
}
