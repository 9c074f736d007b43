//! flagd's published JSON schemas (version 0: `flags.json`, `flagd.json`, `targeting.json`), as code. flagd itself only warns of
//! what breaks them; whoever wants a file that every tool accepts asks here.

mod targeting;

use alloc::format;
use alloc::vec::Vec;

use crate::flagd::is_shallow;
use crate::json::Json;
use crate::limits::DEPTH;
use crate::problem::{Place, Problem};

/// One of the published schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// `flags.json`: what clients read.
    Flags,
    /// `flagd.json`: what the daemon reads; flags may be an array.
    Flagd,
    /// `targeting.json`: one rule.
    Targeting,
}

/// Whether `document` fits the schema.
///
/// # Errors
/// Every place where it does not.
pub fn validate(document: &Json, schema: Schema) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    if !is_shallow(document, DEPTH) {
        problems.push(Place::ROOT.problem(format!("lies deeper than {DEPTH} levels"), "flatten it"));
        return Err(problems);
    }
    match schema {
        Schema::Targeting => targeting::root(document, &Place::ROOT, &mut problems),
        Schema::Flags | Schema::Flagd => whole(document, schema, &mut problems),
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn whole(document: &Json, schema: Schema, problems: &mut Vec<Problem>) {
    if let Some(evaluators) = document.get("$evaluators") {
        let place = Place::ROOT.member("$evaluators");
        for (name, rule) in object(evaluators, &place, problems) {
            named(name, &place, problems);
            targeting::root(rule, &place.member(name), problems);
        }
    }
    metadata(document, &Place::ROOT, problems);
    let place = Place::ROOT.member("flags");
    match (document.get("flags"), schema) {
        (Some(Json::List(items)), Schema::Flagd) => {
            for (i, json) in items.iter().enumerate() {
                if json.get("key").and_then(Json::text).is_none_or(str::is_empty) {
                    problems.push(place.item(i).problem("a flag in an array has no `key`", "give it one"));
                }
                flag(json, &place.item(i), problems);
            }
        }
        (Some(flags), _) => {
            for (key, json) in object(flags, &place, problems) {
                named(key, &place, problems);
                flag(json, &place.member(key), problems);
            }
        }
        (None, _) => problems.push(place.problem("there are no flags", "give an object, empty if need be")),
    }
}

fn flag(json: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    if json.members().is_none() {
        problems
            .push(place.problem(format!("a flag is an object, not {}", json.noun()), "give its state and variants"));
        return;
    }
    if !matches!(json.get("state").and_then(Json::text), Some("ENABLED" | "DISABLED")) {
        problems
            .push(place.member("state").problem("the state is neither `ENABLED` nor `DISABLED`", "say one of them"));
    }
    if let Some(other @ (Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::List(_) | Json::Map(_))) =
        json.get("defaultVariant")
    {
        problems.push(
            place
                .member("defaultVariant")
                .problem(format!("is a string or null, not {}", other.noun()), "name a variant"),
        );
    }
    if let Some(rule) = json.get("targeting") {
        targeting::root(rule, &place.member("targeting"), problems);
    }
    metadata(json, place, problems);
    variants(json.get("variants"), &place.member("variants"), problems);
}

fn variants(json: Option<&Json>, place: &Place<'_>, problems: &mut Vec<Problem>) {
    let members = json.and_then(Json::members).unwrap_or(&[]);
    let Some((_, first)) = members.first() else {
        problems.push(place.problem("there are no variants", "give each variant a name and a value"));
        return;
    };
    let kind = |json: &Json| match json {
        Json::Bool(_) => Some(0),
        Json::Text(_) => Some(1),
        Json::Int(_) | Json::Float(_) => Some(2),
        Json::Map(_) => Some(3),
        Json::Null | Json::List(_) => None,
    };
    for (name, value) in members {
        named(name, place, problems);
        if kind(value).is_none() || kind(value) != kind(first) {
            problems.push(place.member(name).problem(
                format!("{} stands where the first variant has {}", value.noun(), first.noun()),
                "give all variants one type: booleans, strings, numbers or objects",
            ));
        }
    }
}

fn metadata(json: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    let Some(metadata) = json.get("metadata") else { return };
    let place = place.member("metadata");
    for (name, value) in object(metadata, &place, problems) {
        if matches!(value, Json::Null | Json::List(_) | Json::Map(_)) {
            let why = format!("metadata holds {}", value.noun());
            problems.push(place.member(name).problem(why, "give a string, a number or a boolean"));
        }
    }
}

fn named(name: &str, place: &Place<'_>, problems: &mut Vec<Problem>) {
    if name.is_empty() {
        problems.push(place.member(name).problem("has no name", "name it"));
    }
}

fn object<'j>(json: &'j Json, place: &Place<'_>, problems: &mut Vec<Problem>) -> &'j [(alloc::string::String, Json)] {
    json.members().unwrap_or_else(|| {
        problems.push(place.problem(format!("is an object, not {}", json.noun()), "give names and values"));
        &[]
    })
}
