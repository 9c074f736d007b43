//! The context of a call, as rules see it.

use crate::wire::structure::{Kind, Struct, Value as Sent};
use flags::{Context, Json, Value};
use std::cell::{Cell, OnceCell};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a caller said of a user, under what the channel says of itself.
pub(crate) struct Given(Vec<(String, Json)>);

impl Given {
    pub(crate) fn of(sent: Option<Struct>, ours: &[(String, Json)]) -> Self {
        let fields = sent.unwrap_or_default().fields.into_iter();
        let theirs = fields.filter(|(name, _)| ours.iter().all(|(our, _)| our != name));
        Self(theirs.map(|(name, value)| (name, json(value))).chain(ours.iter().cloned()).collect())
    }
}

/// Numbers arrive as doubles. One that is whole is made an integer again, which is what rules and hashes mean by it.
fn json(value: Sent) -> Json {
    match value.kind {
        None | Some(Kind::Null(_)) => Json::Null,
        Some(Kind::Bool(yes)) => Json::Bool(yes),
        Some(Kind::Number(number)) => whole(number).map_or(Json::Float(number), Json::Int),
        Some(Kind::Text(text)) => Json::Text(text),
        Some(Kind::List(list)) => Json::List(list.values.into_iter().map(json).collect()),
        Some(Kind::Struct(fields)) => {
            Json::Map(fields.fields.into_iter().map(|(name, value)| (name, json(value))).collect())
        }
    }
}

/// The integer that a number is, if it is one and every number near it can be told from it.
pub(crate) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

impl Given {
    /// Evaluates with it, at the time that it is now.
    pub(crate) fn lend<T>(&self, ask: impl FnOnce(&Context<'_>) -> T) -> T {
        let shelves = Shelves::for_all(&self.0);
        let attributes = shelves.members(&self.0);
        let targeting_key = self.0.iter().find(|(name, _)| name == "targetingKey").and_then(|(_, key)| key.text());
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        ask(&Context { targeting_key, attributes, at_s: i64::try_from(since.as_secs()).unwrap_or(i64::MAX) })
    }
}

/// Where lists and maps lie while rules look at them: the engine borrows what it is given, at every depth, and a value cannot
/// borrow from itself. So each list gets a place of its own before the first is filled.
struct Shelves<'a> {
    lists: Places<Value<'a>>,
    maps: Places<(&'a str, Value<'a>)>,
}

struct Places<T> {
    places: Vec<OnceCell<Vec<T>>>,
    taken: Cell<usize>,
}

impl<'a> Shelves<'a> {
    fn for_all(fields: &[(String, Json)]) -> Self {
        let (mut lists, mut maps) = (0, 1);
        for (_, value) in fields {
            count(value, &mut lists, &mut maps);
        }
        Self { lists: Places::new(lists), maps: Places::new(maps) }
    }

    fn members(&'a self, members: &'a [(String, Json)]) -> &'a [(&'a str, Value<'a>)] {
        self.maps.keep(members.iter().map(|(name, value)| (name.as_str(), self.value(value))).collect())
    }

    fn value(&'a self, json: &'a Json) -> Value<'a> {
        match json {
            Json::Null => Value::Null,
            Json::Bool(yes) => Value::Bool(*yes),
            Json::Int(number) => Value::Int(*number),
            Json::Float(number) => Value::Float(*number),
            Json::Text(text) => Value::Text(text),
            Json::List(items) => Value::List(self.lists.keep(items.iter().map(|item| self.value(item)).collect())),
            Json::Map(members) => Value::Map(self.members(members)),
        }
    }
}

impl<T> Places<T> {
    fn new(places: usize) -> Self {
        Self { places: (0..places).map(|_| OnceCell::new()).collect(), taken: Cell::new(0) }
    }

    fn keep(&self, items: Vec<T>) -> &[T] {
        let place = self.places.get(self.taken.replace(self.taken.get() + 1));
        // There is a place for each that was counted.
        place.map_or(&[], |place| place.get_or_init(|| items))
    }
}

fn count(value: &Json, lists: &mut usize, maps: &mut usize) {
    match value {
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) => {}
        Json::List(items) => {
            *lists += 1;
            items.iter().for_each(|item| count(item, lists, maps));
        }
        Json::Map(members) => {
            *maps += 1;
            members.iter().for_each(|(_, item)| count(item, lists, maps));
        }
    }
}
