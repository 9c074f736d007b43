//! From the JSON in which clients tell who asks to the borrowed context that flags are evaluated against. The engine borrows all
//! of a context, so its lists need a place to live: cells that are filled once, as many as the JSON has lists and objects.

use flags::model::TARGETING_KEY;
use flags::{Context, Json, Value};
use std::cell::{Cell, OnceCell};

/// What is known of everybody who asks: for which channel.
const OURS: [&str; 2] = ["flagSetId", "channel"];

/// How deep a context may nest.
const DEEPEST: usize = 32;

/// Who asks.
pub(crate) struct Asking<'j> {
    json: &'j Json,
    at_s: i64,
    nested: usize,
    channel: &'j str,
}

impl<'j> Asking<'j> {
    /// What somebody said of themselves. `null` is nothing.
    pub(crate) fn of(json: &'j Json, channel: &'j str, now_ms: i64) -> Result<Self, String> {
        if json.members().is_none() && *json != Json::Null {
            return Err(format!("the context must be an object, found {}", json.noun()));
        }
        match json.get(TARGETING_KEY) {
            None | Some(Json::Null | Json::Text(_)) => {}
            Some(other) => return Err(format!("`{TARGETING_KEY}` must be a string, found {}", other.noun())),
        }
        let nested = count(json, 0)?;
        Ok(Self { json, at_s: now_ms.div_euclid(1_000), nested, channel })
    }

    /// Asks with it.
    pub(crate) fn with<R>(&self, ask: impl FnOnce(&Context<'_>) -> R) -> R {
        let lists: Vec<OnceCell<Vec<Value<'_>>>> = (0..self.nested).map(|_| OnceCell::new()).collect();
        let maps: Vec<OnceCell<Vec<(&str, Value<'_>)>>> = (0..self.nested).map(|_| OnceCell::new()).collect();
        let shelf = Shelf { lists: &lists, maps: &maps, next: Cell::new(0) };
        let members = self.json.members().unwrap_or_default();
        // Clients that evaluate by themselves are told these, and they win over what a user says: so they do here.
        let ours = OURS.map(|name| (name, Value::Text(self.channel)));
        let attributes: Vec<(&str, Value<'_>)> = members
            .iter()
            .filter(|(name, _)| name != TARGETING_KEY && !OURS.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), shelf.value(value)))
            .chain(ours)
            .collect();
        let targeting_key = self.json.get(TARGETING_KEY).and_then(Json::text);
        ask(&Context { targeting_key, attributes: &attributes, at_s: self.at_s })
    }
}

/// How many lists and objects there are.
fn count(json: &Json, depth: usize) -> Result<usize, String> {
    if depth > DEEPEST {
        return Err(format!("the context nests deeper than {DEEPEST}"));
    }
    let mut sum = 1;
    match json {
        Json::List(items) => {
            for item in items {
                sum += count(item, depth + 1)?;
            }
        }
        Json::Map(members) => {
            for (_, value) in members {
                sum += count(value, depth + 1)?;
            }
        }
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) => return Ok(0),
    }
    Ok(sum)
}

struct Shelf<'s> {
    lists: &'s [OnceCell<Vec<Value<'s>>>],
    maps: &'s [OnceCell<Vec<(&'s str, Value<'s>)>>],
    next: Cell<usize>,
}

impl<'s> Shelf<'s> {
    fn value(&self, json: &'s Json) -> Value<'s> {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Int(value) => Value::Int(*value),
            Json::Float(value) => Value::Float(*value),
            Json::Text(text) => Value::Text(text),
            Json::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                self.place(self.lists).map_or(Value::Null, |cell| Value::List(cell.get_or_init(|| items)))
            }
            Json::Map(members) => {
                let members = members.iter().map(|(name, value)| (name.as_str(), self.value(value))).collect();
                self.place(self.maps).map_or(Value::Null, |cell| Value::Map(cell.get_or_init(|| members)))
            }
        }
    }

    /// The next free cell. There are as many as were counted.
    fn place<T>(&self, cells: &'s [OnceCell<T>]) -> Option<&'s OnceCell<T>> {
        let at = self.next.get();
        self.next.set(at + 1);
        cells.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_what_is_asked_with() {
        let said: Json =
            serde_json::from_str(r#"{"targetingKey":"ada","age":3,"of":{"a":[1,[true]],"b":{}},"n":null}"#).unwrap();
        let asked = Asking::of(&said, "production", 1_999).unwrap().with(|context| format!("{context:?}"));
        for part in
            ["Some(\"ada\")", "(\"age\", Int(3))", "List([Int(1), List([Bool(true)])])", "at_s: 1", "(\"n\", Null)"]
        {
            assert!(asked.contains(part), "{part} in {asked}");
        }
    }

    #[test]
    fn what_is_no_context_is_refused() {
        let mut deep = Json::Null;
        for _ in 0..100 {
            deep = Json::List(vec![deep]);
        }
        let deep = Json::Map(vec![("a".into(), deep)]);
        for wrong in [&Json::List(vec![]), &Json::Map(vec![("targetingKey".into(), Json::Int(1))]), &deep] {
            assert!(Asking::of(wrong, "production", 0).is_err());
        }
    }
}
