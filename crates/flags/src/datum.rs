//! What a part of a rule comes to while it is worked out. It borrows from the rule and from the context wherever it can; only
//! the operators that build something new (lists, and texts longer than a number) allocate.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::context::Value;
use crate::json::Json;

#[derive(Clone, Debug)]
pub(crate) enum Datum<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text<'v>),
    /// A list or a map of the context.
    Given(&'v Value<'v>),
    /// A list or a map of the rule.
    Written(&'v Json),
    List(Vec<Datum<'v>>),
    Map(Vec<(&'v str, Datum<'v>)>),
}

/// A text: somebody else's, a number's, or a new one.
#[derive(Clone, Debug)]
pub(crate) enum Text<'v> {
    Borrowed(&'v str),
    Short(Short),
    Owned(String),
}

/// A text that fits without allocating: any number as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    bytes: [u8; Short::LONGEST],
    length: u8,
}

impl Short {
    const LONGEST: usize = 30;
    pub(crate) const EMPTY: Short = Short { bytes: [0; Short::LONGEST], length: 0 };
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = usize::from(self.length);
        let end = start + text.len();
        self.bytes.get_mut(start..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = u8::try_from(end).map_err(|_| fmt::Error)?;
        Ok(())
    }
}

impl Text<'_> {
    /// A text of one letter.
    pub(crate) fn of(letter: char) -> Self {
        let mut short = Short::EMPTY;
        // Four bytes fit.
        let _written = fmt::Write::write_char(&mut short, letter);
        Self::Short(short)
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Short(short) => {
                // Only whole texts are ever written into it.
                core::str::from_utf8(short.bytes.get(..usize::from(short.length)).unwrap_or(&[])).unwrap_or("")
            }
            Self::Owned(text) => text,
        }
    }
}

impl<'v> Datum<'v> {
    pub(crate) const fn text(text: &'v str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    pub(crate) fn of_value(value: &'v Value<'v>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Text(text) => Self::text(text),
            Value::List(_) | Value::Map(_) => Self::Given(value),
        }
    }

    pub(crate) fn of_json(json: &'v Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Int(value) => Self::Int(*value),
            Json::Float(value) => Self::Float(*value),
            Json::Text(text) => Self::text(text),
            Json::List(_) | Json::Map(_) => Self::Written(json),
        }
    }

    /// How many items the list has; nothing if it is none.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::Given(Value::List(items)) => Some(items.len()),
            Self::Written(Json::List(items)) => Some(items.len()),
            Self::List(items) => Some(items.len()),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => None,
            Self::Given(_) | Self::Written(_) | Self::Map(_) => None,
        }
    }

    /// One item of a list.
    pub(crate) fn item(&self, index: usize) -> Option<Datum<'v>> {
        match self {
            Self::Given(Value::List(items)) => items.get(index).map(Datum::of_value),
            Self::Written(Json::List(items)) => items.get(index).map(Datum::of_json),
            Self::List(items) => items.get(index).cloned(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => None,
            Self::Given(_) | Self::Written(_) | Self::Map(_) => None,
        }
    }

    /// The items of a list; none if it is no list.
    pub(crate) fn items(&self) -> impl Iterator<Item = Datum<'v>> {
        (0..self.length().unwrap_or(0)).map_while(|index| self.item(index))
    }

    /// How many members the map has; nothing if it is none.
    pub(crate) fn size(&self) -> Option<usize> {
        match self {
            Self::Given(Value::Map(members)) => Some(members.len()),
            Self::Written(Json::Map(members)) => Some(members.len()),
            Self::Map(members) => Some(members.len()),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => None,
            Self::Given(_) | Self::Written(_) | Self::List(_) => None,
        }
    }

    /// One member of a map, by its place.
    pub(crate) fn member_at(&self, index: usize) -> Option<(&'v str, Datum<'v>)> {
        match self {
            Self::Given(Value::Map(members)) => members.get(index).map(|(name, value)| (*name, Datum::of_value(value))),
            Self::Written(Json::Map(members)) => {
                members.get(index).map(|(name, value)| (name.as_str(), Datum::of_json(value)))
            }
            Self::Map(members) => members.get(index).cloned(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => None,
            Self::Given(_) | Self::Written(_) | Self::List(_) => None,
        }
    }

    /// One member of a map, by its name; the first of several.
    pub(crate) fn member(&self, wanted: &str) -> Option<Datum<'v>> {
        match self {
            Self::Given(Value::Map(members)) => {
                members.iter().find(|(name, _)| *name == wanted).map(|(_, value)| Datum::of_value(value))
            }
            Self::Written(json) => json.get(wanted).map(Datum::of_json),
            Self::Map(members) => members.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone()),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => None,
            Self::Given(_) | Self::List(_) => None,
        }
    }

    /// As JSON, for people; what lies deeper than so many levels is left out.
    pub(crate) fn into_json(self, levels: usize) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Int(value) => Json::Int(value),
            Self::Float(value) => Json::Float(value),
            Self::Text(text) => Json::from(text.as_str()),
            compound @ (Self::Given(_) | Self::Written(_) | Self::List(_) | Self::Map(_)) => {
                let Some(levels) = levels.checked_sub(1) else { return Json::Null };
                match compound.size() {
                    None => Json::List(compound.items().map(|item| item.into_json(levels)).collect()),
                    Some(size) => {
                        let members = (0..size).map_while(|i| compound.member_at(i));
                        Json::Map(members.map(|(name, value)| (name.into(), value.into_json(levels))).collect())
                    }
                }
            }
        }
    }
}
