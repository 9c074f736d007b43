//! flagd's JSON as flags of ours. Rules are kept verbatim, so that what is written again is what was read. What our flags cannot
//! hold is refused with its place: nothing is left out in silence.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::{Entry, Refs, metadata};
use crate::json::Json;
use crate::logic::Reader;
use crate::model::{ChannelState, Decision, Flag, Kind};
use crate::problem::{Place, Problem};

/// What a document held.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its flags, in its order; on or off in the one channel that they were imported for.
    pub flags: Vec<Flag>,
    /// What it said of all of them.
    pub metadata: Vec<(String, Json)>,
}

/// The flags of `document`, for `channel`.
///
/// # Errors
/// Everything in it that a flag of ours cannot hold, or that no client could evaluate.
pub fn import(document: &Json, channel: &str) -> Result<Imported, Vec<Problem>> {
    let mut problems = Vec::new();
    known(document, &["$schema", "$evaluators", "metadata", "flags"], &Place::ROOT, &mut problems);
    let refs = Refs::of(document).map_err(|problem| vec![problem])?;
    let set_metadata = keep(metadata(document.get("metadata"), &Place::ROOT.member("metadata")), &mut problems);
    let place = Place::ROOT.member("flags");
    let mut flags = Vec::new();
    match document.get("flags") {
        Some(Json::Map(members)) => {
            for (key, json) in members {
                flags.extend(keep(flag(key, json, channel, &refs, &place.member(key), &mut problems), &mut problems));
            }
        }
        Some(Json::List(items)) => {
            let mut seen = BTreeSet::new();
            for (i, json) in items.iter().enumerate() {
                let place = place.item(i);
                match json.get("key").and_then(Json::text) {
                    Some(key) if seen.insert(key) => {
                        flags.extend(keep(flag(key, json, channel, &refs, &place, &mut problems), &mut problems));
                    }
                    Some(key) => problems.push(place.problem(format!("the flag `{key}` is there twice"), "keep one")),
                    None => problems.push(place.problem("a flag in an array has no `key`", "give it one")),
                }
            }
        }
        Some(other) => {
            problems
                .push(place.problem(format!("flags are an object, not {}", other.noun()), "name each flag by its key"));
        }
        None => problems.push(place.problem("there are no flags", "this is no flag definition of flagd's")),
    }
    if problems.is_empty() { Ok(Imported { flags, metadata: set_metadata.unwrap_or_default() }) } else { Err(problems) }
}

fn flag(
    key: &str,
    json: &Json,
    channel: &str,
    refs: &Refs<'_>,
    place: &Place<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Flag, Problem> {
    if !is_key(key) {
        return Err(place.problem(format!("`{key}` is no key"), KEY_HINT));
    }
    // `source` and `selector` are where a daemon found the flag; they say nothing about it.
    let members = ["key", "state", "variants", "defaultVariant", "targeting", "metadata", "source", "selector"];
    known(json, &members, place, problems);
    let entry = Entry::read(json, refs, place)?;
    if let Some(rule) = &entry.targeting {
        Reader::new().read(rule, &place.member("targeting"), 0)?;
    }
    let decision = Decision::Logic { targeting: entry.targeting, default: entry.default };
    Ok(Flag {
        key: key.to_owned(),
        kind: Kind::Configuration,
        value_type: entry.value_type,
        description: String::new(),
        owner: String::new(),
        ends_at_ms: None,
        release: None,
        variants: entry.variants,
        off: None,
        prerequisites: Vec::new(),
        metadata: entry.metadata,
        channels: BTreeMap::from([(channel.to_owned(), ChannelState { on: entry.enabled, decision })]),
        archived: false,
    })
}

pub(crate) const KEY_HINT: &str = "use 1 to 100 of a-z A-Z 0-9 . _ -";

/// Whether a flag or a segment may be named so.
pub(crate) fn is_key(key: &str) -> bool {
    (1..=100).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn known(json: &Json, names: &[&str], place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (name, _) in json.members().unwrap_or(&[]) {
        if !names.contains(&name.as_str()) {
            problems.push(place.member(name).problem(
                format!("`{name}` means nothing here"),
                &format!("take it out, or put it into `metadata`; what is known is {}", names.join(" ")),
            ));
        }
    }
}

fn keep<T>(result: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}
