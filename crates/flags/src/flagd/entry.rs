//! A flag in flagd's words, and the way there and back.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::flagd::Refs;
use crate::json::Json;
use crate::limits::{DEPTH, VARIANTS};
use crate::model::{ValueType, Variant};
use crate::problem::{Place, Problem};

/// A flag in flagd's words.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) enabled: bool,
    pub(crate) value_type: ValueType,
    pub(crate) variants: Vec<Variant>,
    pub(crate) default: Option<String>,
    pub(crate) targeting: Option<Json>,
    pub(crate) metadata: Vec<(String, Json)>,
}

impl Entry {
    /// As JSON: only what is there.
    pub(crate) fn write(&self) -> Json {
        let mut members = Vec::new();
        let mut put = |name: &str, value: Json| members.push((name.to_owned(), value));
        put("state", Json::from(if self.enabled { "ENABLED" } else { "DISABLED" }));
        put("variants", Json::Map(self.variants.iter().map(|v| (v.name.clone(), v.value.clone())).collect()));
        if let Some(default) = &self.default {
            put("defaultVariant", Json::from(default.as_str()));
        }
        if let Some(targeting) = &self.targeting {
            put("targeting", targeting.clone());
        }
        if !self.metadata.is_empty() {
            put("metadata", Json::Map(self.metadata.clone()));
        }
        Json::Map(members)
    }

    /// From JSON. Members that say nothing about the flag's answer are not looked at.
    pub(crate) fn read(json: &Json, refs: &Refs<'_>, place: &Place<'_>) -> Result<Self, Problem> {
        if json.members().is_none() {
            return Err(
                place.problem(format!("a flag is an object, not {}", json.noun()), "see flagd's flag definitions")
            );
        }
        let variants = variants(json.get("variants"), &place.member("variants"))?;
        let value_type = value_type(&variants, &place.member("variants"))?;
        let default = default(json.get("defaultVariant"), &variants, &place.member("defaultVariant"))?;
        let at = place.member("targeting");
        let targeting = match json.get("targeting") {
            None | Some(Json::Null) => None,
            Some(Json::Map(members)) if members.is_empty() => None,
            Some(rule @ Json::Map(_)) => Some(refs.write_out(rule, &at)?),
            Some(other) => {
                return Err(at.problem(
                    format!("a rule is an object, not {}", other.noun()),
                    "leave it out for a flag without rules",
                ));
            }
        };
        Ok(Entry {
            enabled: enabled(json.get("state"), &place.member("state"))?,
            variants: variants.into_iter().map(|variant| as_declared(variant, value_type)).collect(),
            value_type,
            default,
            targeting,
            metadata: metadata(json.get("metadata"), &place.member("metadata"))?,
        })
    }
}

fn enabled(state: Option<&Json>, place: &Place<'_>) -> Result<bool, Problem> {
    match state.and_then(Json::text) {
        Some("ENABLED") => Ok(true),
        Some("DISABLED") => Ok(false),
        Some(_) | None => Err(place.problem("the state is neither `ENABLED` nor `DISABLED`", "say one of them")),
    }
}

fn variants(json: Option<&Json>, place: &Place<'_>) -> Result<Vec<Variant>, Problem> {
    let members = json.and_then(Json::members).unwrap_or(&[]);
    if members.is_empty() || members.len() > VARIANTS {
        return Err(
            place.problem(format!("there are not 1 to {VARIANTS} variants"), "give each variant a name and a value")
        );
    }
    members
        .iter()
        .map(|(name, value)| {
            let at = place.member(name);
            if name.is_empty() {
                return Err(at.problem("a variant has no name", "name it"));
            }
            if !is_shallow(value, DEPTH) {
                return Err(at.problem(format!("lies deeper than {DEPTH} levels"), "flatten the value"));
            }
            Ok(Variant { name: name.clone(), value: value.clone() })
        })
        .collect()
}

/// Whether arrays and objects lie in each other no deeper than this.
pub(crate) fn is_shallow(json: &Json, levels: usize) -> bool {
    match json {
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) => true,
        Json::List(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        Json::Map(members) => levels > 0 && members.iter().all(|(_, value)| is_shallow(value, levels - 1)),
    }
}

/// The type that all variants have; whole numbers beside others are floats.
fn value_type(variants: &[Variant], place: &Place<'_>) -> Result<ValueType, Problem> {
    let mut found = None;
    for variant in variants {
        let this = match &variant.value {
            Json::Bool(_) => ValueType::Boolean,
            Json::Text(_) => ValueType::String,
            Json::Int(_) => ValueType::Integer,
            Json::Float(_) => ValueType::Float,
            Json::Map(_) => ValueType::Object,
            other @ (Json::Null | Json::List(_)) => {
                return Err(place.member(&variant.name).problem(
                    format!("a variant's value cannot be {}", other.noun()),
                    "use a boolean, a string, a number or an object",
                ));
            }
        };
        found = match (found, this) {
            (None, this) => Some(this),
            (Some(ValueType::Integer | ValueType::Float), ValueType::Float)
            | (Some(ValueType::Float), ValueType::Integer) => Some(ValueType::Float),
            (Some(before), this) if before == this => Some(this),
            (Some(_), _) => {
                return Err(place
                    .member(&variant.name)
                    .problem("the variants have different types", "give all of them one type"));
            }
        };
    }
    found.ok_or_else(|| place.problem("there are no variants", "give each variant a name and a value"))
}

/// Clients of a float flag refuse `1`.
#[expect(clippy::cast_precision_loss, reason = "a float is what was declared")]
pub(crate) fn as_declared(variant: Variant, value_type: ValueType) -> Variant {
    match (variant.value, value_type) {
        (Json::Int(value), ValueType::Float) => Variant { name: variant.name, value: Json::Float(value as f64) },
        (value, _) => Variant { name: variant.name, value },
    }
}

fn default(json: Option<&Json>, variants: &[Variant], place: &Place<'_>) -> Result<Option<String>, Problem> {
    match json {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(name)) if name.is_empty() => Ok(None),
        Some(Json::Text(name)) if variants.iter().any(|variant| variant.name == *name) => Ok(Some(name.clone())),
        Some(Json::Text(name)) => Err(place.problem(format!("`{name}` is no variant"), "name one of the variants")),
        Some(other) => {
            Err(place
                .problem(format!("a variant's name is a string, not {}", other.noun()), "name one of the variants"))
        }
    }
}

pub(crate) fn metadata(json: Option<&Json>, place: &Place<'_>) -> Result<Vec<(String, Json)>, Problem> {
    let members = match json {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::Map(members)) => members,
        Some(other) => {
            return Err(place.problem(format!("metadata is an object, not {}", other.noun()), "give names and values"));
        }
    };
    for (name, value) in members {
        if !matches!(value, Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_)) || name.is_empty() {
            return Err(place.member(name).problem(
                format!("metadata holds {}", value.noun()),
                "clients take named strings, numbers and booleans only",
            ));
        }
    }
    Ok(members.clone())
}
