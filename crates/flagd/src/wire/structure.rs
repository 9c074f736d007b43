//! `google.protobuf.Struct`: JSON as protocol buffers say it. All its numbers are doubles, so an integer comes back as one here.

use flags::Json;
use prost::{Message, Oneof};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Struct {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(crate) fields: BTreeMap<String, Value>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Kind {
    #[prost(int32, tag = "1")]
    Null(i32),
    #[prost(double, tag = "2")]
    Number(f64),
    #[prost(string, tag = "3")]
    Text(String),
    #[prost(bool, tag = "4")]
    Bool(bool),
    #[prost(message, tag = "5")]
    Struct(Struct),
    #[prost(message, tag = "6")]
    List(List),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct List {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<Value>,
}

impl Struct {
    /// Later entries replace earlier ones of the same name.
    pub(crate) fn of<'a>(entries: impl IntoIterator<Item = &'a (String, Json)>) -> Self {
        Self { fields: entries.into_iter().map(|(name, value)| (name.clone(), Value::of(value))).collect() }
    }
}

impl Value {
    pub(crate) fn of(json: &Json) -> Self {
        let kind = match json {
            Json::Null => Kind::Null(0),
            Json::Bool(yes) => Kind::Bool(*yes),
            Json::Int(number) => Kind::Number(double(*number)),
            Json::Float(number) => Kind::Number(*number),
            Json::Text(text) => Kind::Text(text.clone()),
            Json::List(items) => Kind::List(List { values: items.iter().map(Self::of).collect() }),
            Json::Map(entries) => Kind::Struct(Struct::of(entries)),
        };
        Self { kind: Some(kind) }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self { kind: Some(Kind::Text(text.to_owned())) }
    }

    pub(crate) fn fields(fields: BTreeMap<String, Self>) -> Self {
        Self { kind: Some(Kind::Struct(Struct { fields })) }
    }
}

/// The protocol knows no other numbers; JSON's own readers in the clients round in the same place.
#[expect(clippy::cast_precision_loss, reason = "numbers of flags are held within 2^53 where they are written")]
pub(crate) fn double(number: i64) -> f64 {
    number as f64
}
