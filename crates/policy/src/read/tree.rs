//! Which shape is read how; maps of names and lists.

use super::{Reader, Spot, text};
use crate::findings::{Finding, Unfinished};
use crate::near;
use crate::problem::Code;
use crate::shape::{KeyRule, MOST_ENTRIES, MOST_ITEMS, Shape, Table, TextRule};
use crate::yaml::{Content, Node, quoted};
use serde_json::{Map, Value};

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
    pub(super) fn placed(&mut self, node: &Node, shape: &Shape, spot: &Spot) -> Option<Value> {
        self.places.insert(spot.path.clone(), node.at);
        self.value(node, shape, spot)
    }

    fn map(&mut self, node: &Node, of: &Shape, rule: KeyRule, spot: &Spot) -> Option<Value> {
        let Content::Map(entries) = &node.value else {
            self.tell(node.at, spot, not_a_map(node, "a map of names"));
            return None;
        };
        if entries.len() > MOST_ENTRIES {
            let why = format!("found {} entries, expected at most {MOST_ENTRIES}", entries.len());
            self.tell(
                spot.home,
                spot,
                Finding::new(Code::TooMuch, "there are too many of them", why).hint("split the policy into several"),
            );
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
            self.tell(
                node.at,
                spot,
                Finding::new(Code::OutOfRange, "the list has another length", why).hint(if items.is_empty() {
                    "write at least one, or leave the key out if it may be missing"
                } else {
                    "is this the right list?"
                }),
            );
            return None;
        }
        let mut values = Vec::new();
        for (i, item) in items.iter().enumerate() {
            values.extend(self.placed(item, of, &spot.item(i, item.at)));
        }
        (values.len() == items.len()).then_some(Value::Array(values))
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

pub(super) fn not_a_map(node: &Node, expected: &str) -> Finding {
    let why = format!("found {}, expected {expected}", node.described());
    let finding = Finding::new(Code::WrongType, "this is not a map", why);
    finding.hint(if node.is_nothing() {
        "write `{}` if nothing is meant"
    } else {
        "write `key: value`, one on each line"
    })
}

pub(super) fn not_yet(key: &str, what: &str) -> Unfinished {
    let why = format!("{} is part of the process, but nothing runs it yet", quoted(key));
    Finding::new(Code::NotYet, format!("not yet: {what}"), why)
}
