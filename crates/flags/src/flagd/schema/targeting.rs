//! The schema of rules. Its operators come in groups; an object may hold several of one group, and nothing else.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::flagd::refs::REF;
use crate::json::Json;
use crate::problem::{Place, Problem};
use crate::sem_ver::{OPERATORS, Version};

/// A rule, or `{}` for none.
pub(super) fn root(json: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    match json {
        Json::Map(_) => rule(json, place, problems),
        other => problems
            .push(place.problem(format!("a rule is an object, not {}", other.noun()), "leave it out, or give `{}`")),
    }
}

/// Which operators an object may hold together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Var,
    Missing,
    MissingSome,
    Binary,
    Between,
    Associative,
    Unary,
    Variadic,
    Reduce,
    Affix,
    SemVer,
    Fractional,
}

fn group(operator: &str) -> Option<Group> {
    Some(match operator {
        "var" => Group::Var,
        "missing" => Group::Missing,
        "missing_some" => Group::MissingSome,
        "if" | "==" | "===" | "!=" | "!==" | ">" | ">=" | "%" | "/" | "map" | "filter" | "all" | "none" | "some"
        | "in" => Group::Binary,
        "substr" | "<" | "<=" => Group::Between,
        "*" => Group::Associative,
        "!" | "!!" => Group::Unary,
        "or" | "and" | "+" | "-" | "max" | "min" | "merge" | "cat" => Group::Variadic,
        "reduce" => Group::Reduce,
        "starts_with" | "ends_with" => Group::Affix,
        "sem_ver" => Group::SemVer,
        "fractional" => Group::Fractional,
        _ => return None,
    })
}

fn rule(json: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    let members = json.members().unwrap_or(&[]);
    let of = members.first().and_then(|(name, _)| group(name));
    for (name, arguments) in members {
        let at = place.member(name);
        match group(name) {
            Some(group) if Some(group) == of => operator(group, name, arguments, &at, problems),
            Some(_) => problems.push(at.problem("a rule has one operator", "put each into an object of its own")),
            None => problems.push(at.problem(format!("`{name}` is no operator"), "see flagd's list of operations")),
        }
    }
}

fn operator(group: Group, name: &str, arguments: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    let mut count = |range: core::ops::RangeInclusive<usize>| match arguments {
        Json::List(items) if range.contains(&items.len()) => items.as_slice(),
        _ => {
            let (from, to) = (range.start(), range.end());
            let to = if *to == usize::MAX { String::from("or more") } else { format!("to {to}") };
            problems.push(place.problem(format!("`{name}` takes an array of {from} {to}"), "count its arguments"));
            &[]
        }
    };
    match group {
        Group::Var => var(arguments, place, problems),
        Group::Unary => match arguments {
            Json::List(_) => {}
            single => value(single, place, problems),
        },
        // `if` stands among these, and takes any number.
        Group::Binary if name == "if" => values(count(1..=usize::MAX), place, problems),
        Group::Binary => values(count(2..=2), place, problems),
        Group::Between => values(count(2..=3), place, problems),
        Group::Associative => values(count(2..=usize::MAX), place, problems),
        Group::Variadic => values(count(1..=usize::MAX), place, problems),
        Group::Reduce => values(count(3..=3), place, problems),
        Group::Missing => texts(count(0..=usize::MAX), place, problems),
        Group::MissingSome => match count(2..=2) {
            [Json::Int(_) | Json::Float(_), Json::List(keys)] => texts(keys, &place.item(1), problems),
            [] => {}
            _ => problems.push(
                place.problem("is not a number and an array of strings", "say how many of which keys are needed"),
            ),
        },
        Group::Affix => {
            for (i, item) in count(2..=2).iter().enumerate() {
                match item {
                    Json::Text(_) => {}
                    Json::Map(_) => rule(item, &place.item(i), problems),
                    other => problems.push(place.item(i).problem(
                        format!("`{name}` compares strings, not {}", other.noun()),
                        "give a string, or a rule that comes to one",
                    )),
                }
            }
        }
        Group::SemVer => sem_ver(count(3..=3), place, problems),
        Group::Fractional => fractional(count(1..=usize::MAX), place, problems),
    }
}

fn var(path: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    let ours = path.text().and_then(|text| text.strip_prefix("$flagd."));
    if ours.is_some_and(|name| name != "timestamp" && name != "flagKey") {
        problems.push(place.problem("flagd adds no such data", "it adds `$flagd.timestamp` and `$flagd.flagKey`"));
    }
}

fn values(items: &[Json], place: &Place<'_>, problems: &mut Vec<Problem>) {
    items.iter().enumerate().for_each(|(i, item)| value(item, &place.item(i), problems));
}

/// A reference, a rule, or a value; arrays may hold anything.
fn value(json: &Json, place: &Place<'_>, problems: &mut Vec<Problem>) {
    match json {
        Json::Map(members) => match members.as_slice() {
            [] => problems.push(place.problem("an empty object is neither a rule nor a reference", "give a rule")),
            [(name, Json::Text(_))] if name == REF => {}
            _ => rule(json, place, problems),
        },
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) | Json::List(_) => {}
    }
}

fn texts(items: &[Json], place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (i, item) in items.iter().enumerate() {
        if item.text().is_none() {
            problems.push(place.item(i).problem(format!("a key is a string, not {}", item.noun()), "name the key"));
        }
    }
}

fn sem_ver(items: &[Json], place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (i, item) in items.iter().enumerate() {
        let at = place.item(i);
        let sound = match (i, item) {
            (1, Json::Text(how)) => OPERATORS.contains(&how.as_str()),
            (1, _) => false,
            (_, Json::Text(text)) => is_version(text),
            (_, Json::Map(members)) => match members.as_slice() {
                [] => true,
                [(name, path)] if name == "var" => {
                    var(path, &at, problems);
                    true
                }
                _ => false,
            },
            (_, _) => false,
        };
        if !sound {
            let hint =
                format!("give a version, one of {}, and a version; `var` may stand for a version", OPERATORS.join(" "));
            problems.push(at.problem("`sem_ver` cannot take this", &hint));
        }
    }
}

/// A version with all three numbers and nothing before them.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or("");
    Version::read(text).is_some() && !text.starts_with(['v', 'V']) && core.split('.').count() == 3
}

fn fractional(items: &[Json], place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (i, item) in items.iter().enumerate() {
        let at = place.item(i);
        match item {
            Json::Map(_) if i == 0 => rule(item, &at, problems),
            Json::List(pair) => match pair.as_slice() {
                [variant] => value(variant, &at.item(0), problems),
                [variant, weight] => {
                    value(variant, &at.item(0), problems);
                    match weight {
                        Json::Int(0..) => {}
                        Json::Float(weight) if *weight >= 0.0 && weight % 1.0 == 0.0 => {}
                        Json::Map(_) => rule(weight, &at.item(1), problems),
                        _ => problems
                            .push(at.item(1).problem("a weight is a whole number that is not below 0", "write one")),
                    }
                }
                _ => problems.push(at.problem("a share is a variant and, if it is not 1, a weight", "give these two")),
            },
            _ => problems.push(at.problem(
                format!("{} stands where a share should", item.noun()),
                "what divides users is a rule, and comes first; each share is an array",
            )),
        }
    }
}
