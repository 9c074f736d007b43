//! Whether definitions are sound: asked before they are written, of all of them together, as one may rest on others.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use crate::compile::compile;
use crate::flagd::{KEY_HINT, is_key, is_shallow};
use crate::json::Json;
use crate::limits::{DEPTH, VARIANTS, WHOLE_NUMBER};
use crate::logic::Reader;
use crate::model::{Decision, Flag, Serve, Shelf, Split, ValueType, WHOLE};
use crate::problem::{Place, Problem};

/// Whether every definition can be evaluated wherever it is on.
///
/// # Errors
/// Everything that is wrong, each with its place on the shelf.
pub fn check(shelf: &Shelf) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let place = Place::ROOT.member("segments");
    for (name, segment) in &shelf.segments {
        let place = place.member(name);
        if !is_key(name) || *name != segment.name {
            problems.push(place.problem(format!("`{name}` is no name of this segment"), KEY_HINT));
        }
        problems.extend(crate::compile::segment(shelf, segment, &place).err());
    }
    let place = Place::ROOT.member("flags");
    for (key, flag) in shelf.flags.iter().filter(|(_, flag)| !flag.archived) {
        check_flag(shelf, key, flag, &place.member(key), &mut problems);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn check_flag(shelf: &Shelf, key: &str, flag: &Flag, place: &Place<'_>, problems: &mut Vec<Problem>) {
    let before = problems.len();
    if !is_key(key) || key != flag.key {
        problems.push(place.problem(format!("`{key}` is no key of this flag"), KEY_HINT));
    }
    check_variants(flag, &place.member("variants"), problems);
    check_name(flag, flag.off.as_deref(), &place.member("off"), problems);
    for (i, (name, value)) in flag.metadata.iter().enumerate() {
        let twice = flag.metadata.iter().skip(i + 1).any(|(other, _)| other == name);
        if twice || name.is_empty() || !value.is_scalar() || *value == Json::Null {
            problems.push(place.member("metadata").member(name).problem(
                "metadata that clients cannot take",
                "give each name once, with a string, a number or a boolean",
            ));
        }
    }
    check_prerequisites(shelf, flag, &place.member("prerequisites"), problems);
    let channels = place.member("channels");
    for (channel, state) in &flag.channels {
        let place = channels.member(channel);
        let place = place.member("decision");
        check_decision(flag, &state.decision, &place, problems);
        // Asked only of what is sound so far: the same thing is not said twice.
        if problems.len() == before {
            problems.extend(as_if_on(shelf, flag, channel));
        }
    }
}

fn check_prerequisites(shelf: &Shelf, flag: &Flag, place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (i, wanted) in flag.prerequisites.iter().enumerate() {
        let place = place.item(i);
        let Some(other) = shelf.flags.get(&wanted.flag).filter(|other| !other.archived) else {
            let why = format!("there is no flag `{}`", wanted.flag);
            problems.push(place.member("flag").problem(why, "create it, or take it out of the archive"));
            continue;
        };
        if rests_on(shelf, other, &flag.key) {
            let why = format!("the flag `{}` rests on this one", wanted.flag);
            problems.push(place.member("flag").problem(why, "take one of the flags out of the circle"));
        }
        let place = place.member("variants");
        if wanted.variants.is_empty() {
            problems.push(place.problem("no variant is good", "name at least one"));
        }
        wanted.variants.iter().for_each(|name| check_name(other, Some(name), &place, problems));
    }
}

/// Whether `flag` is the one with this key, or rests on it, wherever any of them is on.
fn rests_on(shelf: &Shelf, flag: &Flag, key: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = Vec::from([flag]);
    while let Some(flag) = open.pop() {
        if flag.key == key {
            return true;
        }
        if seen.insert(&flag.key) {
            open.extend(flag.prerequisites.iter().filter_map(|wanted| shelf.flags.get(&wanted.flag)));
        }
    }
    false
}

/// What would be in the way if the flag were on: it is turned on in a hurry, perhaps by somebody who cannot mend it.
pub(crate) fn as_if_on(shelf: &Shelf, flag: &Flag, channel: &str) -> Option<Problem> {
    if flag.is_on(channel) {
        return compile(shelf, channel, &flag.key).err();
    }
    let mut flag = flag.clone();
    if let Some(state) = flag.channels.get_mut(channel) {
        state.on = true;
    }
    crate::compile::compile_flag(shelf, channel, &flag).err()
}

fn check_variants(flag: &Flag, place: &Place<'_>, problems: &mut Vec<Problem>) {
    if flag.variants.is_empty() || flag.variants.len() > VARIANTS {
        problems.push(
            place.problem(format!("there are not 1 to {VARIANTS} variants"), "give each variant a name and a value"),
        );
    }
    let mut seen = BTreeSet::new();
    for (i, variant) in flag.variants.iter().enumerate() {
        let place = place.item(i);
        if variant.name.is_empty() || !seen.insert(&variant.name) {
            let why = format!("the name `{}` is empty or taken", variant.name);
            problems.push(place.member("name").problem(why, "give each variant a name of its own"));
        }
        if !is_of_type(flag.value_type, &variant.value) {
            problems.push(place.member("value").problem(
                format!(
                    "the value is {}, and the flag is declared {}",
                    variant.value.noun(),
                    declared(flag.value_type)
                ),
                "give all values the declared type; whole numbers go up to 9007199254740991",
            ));
        }
    }
}

/// Whether clients that ask for this type take the value.
fn is_of_type(value_type: ValueType, value: &Json) -> bool {
    match (value_type, value) {
        (ValueType::Boolean, Json::Bool(_)) | (ValueType::String, Json::Text(_)) => true,
        (ValueType::Integer | ValueType::Float, Json::Int(number)) => number.abs_diff(0) <= WHOLE_NUMBER.unsigned_abs(),
        (ValueType::Float, Json::Float(number)) => number.is_finite(),
        (ValueType::Object, Json::Map(_)) => is_shallow(value, DEPTH),
        (_, _) => false,
    }
}

const fn declared(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Boolean => "boolean",
        ValueType::String => "string",
        ValueType::Integer => "integer",
        ValueType::Float => "float",
        ValueType::Object => "object",
    }
}

fn check_name(flag: &Flag, name: Option<&str>, place: &Place<'_>, problems: &mut Vec<Problem>) {
    if let Some(name) = name.filter(|name| flag.variant(name).is_none()) {
        let why = format!("`{name}` is no variant of the flag `{}`", flag.key);
        problems.push(place.problem(why, "name one of its variants"));
    }
}

fn check_decision(flag: &Flag, decision: &Decision, place: &Place<'_>, problems: &mut Vec<Problem>) {
    match decision {
        Decision::Logic { targeting, default } => {
            let place = place.member("logic");
            check_name(flag, default.as_deref(), &place.member("default"), problems);
            let at = place.member("targeting");
            problems.extend(targeting.as_ref().and_then(|rule| Reader::new().read(rule, &at, 0).err()));
        }
        Decision::Rules { rules, otherwise } => {
            let place = place.member("rules");
            check_serve(flag, otherwise, &place.member("otherwise"), problems);
            let place = place.member("rules");
            for (i, rule) in rules.iter().enumerate() {
                check_serve(flag, &rule.serve, &place.item(i).member("serve"), problems);
            }
        }
    }
}

fn check_serve(flag: &Flag, serve: &Serve, place: &Place<'_>, problems: &mut Vec<Problem>) {
    match serve {
        Serve::CodeDefault => {}
        Serve::Variant(name) => check_name(flag, Some(name), &place.member("variant"), problems),
        Serve::Split(split) => check_split(flag, split, &place.member("split"), problems),
    }
}

fn check_split(flag: &Flag, split: &Split, place: &Place<'_>, problems: &mut Vec<Problem>) {
    if split.by.is_empty() || split.by.split('.').any(str::is_empty) {
        problems.push(place.member("by").problem("the attribute has no name", "name it; dots lead into objects"));
    }
    let place = place.member("weights");
    let mut seen = BTreeSet::new();
    for (i, share) in split.weights.iter().enumerate() {
        let at = place.item(i);
        let at = at.member("variant");
        check_name(flag, Some(&share.variant), &at, problems);
        if !seen.insert(&share.variant) {
            problems.push(at.problem(format!("`{}` is there twice", share.variant), "give each variant one weight"));
        }
    }
    let sum: u64 = split.weights.iter().map(|share| u64::from(share.weight)).sum();
    if sum != u64::from(WHOLE) {
        problems.push(place.problem(format!("the weights add up to {sum}"), &format!("let them add up to {WHOLE}")));
    }
}
