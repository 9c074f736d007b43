//! `var`: from a place to what is there. What is not there is `null`.

use alloc::vec;

use super::{Frame, Scope};
use crate::context::Value;
use crate::datum::{Datum, Text};
use crate::logic::Path;
use crate::model::TARGETING_KEY;

const OURS: &str = "$flagd";

impl<'v> Frame<'v> {
    pub(super) fn look_up(&self, path: &'v Path, scope: Scope<'_, 'v>) -> Datum<'v> {
        match (path, scope) {
            (Path::TargetingKey, Scope::Whole) => self.targeting_key(),
            (Path::FlagKey, Scope::Whole) => Datum::text(self.flag),
            (Path::Timestamp, Scope::Whole) => Datum::Int(self.context.at_s),
            (Path::Names(names), scope) => self.walk(names.iter().map(|name| &**name), scope),
            (Path::Whole, scope) => self.whole(scope),
            (Path::Index(index), scope) => match scope {
                Scope::Whole | Scope::Reduce { .. } => Datum::Null,
                Scope::Item(item) => usize::try_from(*index).map_or(Datum::Null, |index| nth(item, index)),
            },
            (Path::TargetingKey, scope) => self.walk([TARGETING_KEY].into_iter(), scope),
            (Path::FlagKey, scope) => self.walk([OURS, "flagKey"].into_iter(), scope),
            (Path::Timestamp, scope) => self.walk([OURS, "timestamp"].into_iter(), scope),
        }
    }

    /// What is at a place that the context or the rule spelled.
    pub(super) fn look_at(&self, place: &Datum<'v>, scope: Scope<'_, 'v>) -> Datum<'v> {
        match place {
            Datum::Null => self.whole(scope),
            Datum::Bool(_) | Datum::Float(_) => Datum::Null,
            Datum::Int(index) => match scope {
                Scope::Whole | Scope::Reduce { .. } => Datum::Null,
                Scope::Item(item) => usize::try_from(*index).map_or(Datum::Null, |index| nth(item, index)),
            },
            Datum::Text(_) | Datum::Given(_) | Datum::Written(_) | Datum::List(_) | Datum::Map(_) => {
                match place.clone().into_text().as_str() {
                    "" => self.whole(scope),
                    text => self.walk(text.split('.'), scope),
                }
            }
        }
    }

    fn walk<'n>(&self, mut names: impl Iterator<Item = &'n str>, scope: Scope<'_, 'v>) -> Datum<'v> {
        let Some(first) = names.next() else { return Datum::Null };
        let mut found = match scope {
            Scope::Whole => self.attribute(first),
            Scope::Item(item) => member(item, first),
            Scope::Reduce { current, accumulator } => match first {
                "current" => current.clone(),
                "accumulator" => accumulator.clone(),
                _ => Datum::Null,
            },
        };
        for name in names {
            found = member(&found, name);
        }
        found
    }

    fn attribute(&self, name: &str) -> Datum<'v> {
        match name {
            TARGETING_KEY => self.targeting_key(),
            OURS => self.ours(),
            name => {
                let attributes: &'v [(&'v str, Value<'v>)] = self.context.attributes;
                attributes.iter().find(|known| known.0 == name).map_or(Datum::Null, |found| Datum::of_value(&found.1))
            }
        }
    }

    pub(crate) fn targeting_key(&self) -> Datum<'v> {
        self.context.targeting_key.map_or(Datum::Null, Datum::text)
    }

    fn ours(&self) -> Datum<'v> {
        Datum::Map(vec![("flagKey", Datum::text(self.flag)), ("timestamp", Datum::Int(self.context.at_s))])
    }

    fn whole(&self, scope: Scope<'_, 'v>) -> Datum<'v> {
        match scope {
            Scope::Item(item) => item.clone(),
            Scope::Reduce { current, accumulator } => {
                Datum::Map(vec![("accumulator", accumulator.clone()), ("current", current.clone())])
            }
            Scope::Whole => {
                let attributes: &'v [(&'v str, Value<'v>)] = self.context.attributes;
                let others = attributes.iter().filter(|known| known.0 != TARGETING_KEY && known.0 != OURS);
                let mut members = vec![(OURS, self.ours()), (TARGETING_KEY, self.targeting_key())];
                members.extend(others.map(|(name, value)| (*name, Datum::of_value(value))));
                Datum::Map(members)
            }
        }
    }
}

/// A member of a map, an item of a list, a letter of a text, or how long one of these is.
fn member<'v>(of: &Datum<'v>, name: &str) -> Datum<'v> {
    let length = || match of {
        Datum::Text(text) => Some(text.as_str().chars().count()),
        Datum::Null | Datum::Bool(_) | Datum::Int(_) | Datum::Float(_) => None,
        Datum::Given(_) | Datum::Written(_) | Datum::List(_) | Datum::Map(_) => of.length(),
    };
    match length() {
        None => of.member(name).unwrap_or(Datum::Null),
        Some(length) if name == "length" => i64::try_from(length).map_or(Datum::Null, Datum::Int),
        Some(_) if name.len() > 1 && name.starts_with(['0', '+']) => Datum::Null,
        Some(_) => name.parse().map_or(Datum::Null, |index| nth(of, index)),
    }
}

fn nth<'v>(of: &Datum<'v>, index: usize) -> Datum<'v> {
    match of {
        Datum::Text(text) => {
            text.as_str().chars().nth(index).map_or(Datum::Null, |letter| Datum::Text(Text::of(letter)))
        }
        other => other.item(index).unwrap_or(Datum::Null),
    }
}
