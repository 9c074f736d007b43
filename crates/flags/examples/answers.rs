//! Answers questions from standard input, so that other engines can be compared with this one. Each line is
//! `{"flags": DOCUMENT, "cases": [{"key": "…", "context": {"targetingKey": "…", …}}, …]}`; each case is answered by a line
//! `{"variant": "…", "reason": "…"}` or `{"error": "…"}`. `cargo run -p flags --example answers -- [v2|v3]`
#![expect(clippy::print_stdout, reason = "it answers there")]

use std::error::Error;

use flags::{Bucketing, Context, FlagSet, Json, Value};

#[derive(serde::Deserialize)]
struct Question {
    flags: Json,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    key: String,
    #[serde(default)]
    context: Json,
}

fn main() -> Result<(), Box<dyn Error>> {
    let bucketing = match std::env::args().nth(1).as_deref() {
        None | Some("v3") => Bucketing::V3,
        Some("v2") => Bucketing::V2,
        Some(other) => return Err(format!("`{other}` is neither v2 nor v3").into()),
    };
    for line in std::io::stdin().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let set = FlagSet::of_flagd(&question.flags, bucketing).map_err(|problems| format!("{problems:?}"))?;
        for case in &question.cases {
            println!("{}", serde_json::to_string(&answer(&set, case))?);
        }
    }
    Ok(())
}

fn answer(set: &FlagSet, case: &Case) -> Json {
    with_values(case.context.members().unwrap_or(&[]), &mut Vec::new(), &mut |attributes| {
        let targeting_key = attributes.iter().find_map(|(name, value)| match (*name, value) {
            ("targetingKey", Value::Text(text)) => Some(*text),
            _ => None,
        });
        let says = |name: &str, value: Json| (name.to_owned(), value);
        match set.evaluate(&case.key, &Context { targeting_key, attributes, at_s: 1_800_000_000 }) {
            Ok(outcome) => Json::Map(vec![
                says("variant", outcome.variant.map_or(Json::Null, Json::from)),
                says("reason", Json::from(outcome.reason.code())),
            ]),
            Err(error) => Json::Map(vec![says("error", Json::from(error.code()))]),
        }
    })
}

/// The members as values of a context, which live as long as `then` runs.
fn with_values<'j>(
    left: &'j [(String, Json)],
    so_far: &mut Vec<(&'j str, Value<'_>)>,
    then: &mut dyn FnMut(&[(&str, Value<'_>)]) -> Json,
) -> Json {
    let Some(((name, json), rest)) = left.split_first() else { return then(so_far) };
    with_value(json, &mut |value| {
        let mut longer: Vec<(&str, Value<'_>)> = so_far.clone();
        longer.push((name, value));
        with_values(rest, &mut longer, then)
    })
}

fn with_value(json: &Json, then: &mut dyn FnMut(Value<'_>) -> Json) -> Json {
    match json {
        Json::Null => then(Value::Null),
        Json::Bool(value) => then(Value::Bool(*value)),
        Json::Int(value) => then(Value::Int(*value)),
        Json::Float(value) => then(Value::Float(*value)),
        Json::Text(text) => then(Value::Text(text)),
        Json::Map(members) => with_values(members, &mut Vec::new(), &mut |members| then(Value::Map(members))),
        Json::List(items) => with_items(items, &mut Vec::new(), then),
    }
}

fn with_items(left: &[Json], so_far: &mut Vec<Value<'_>>, then: &mut dyn FnMut(Value<'_>) -> Json) -> Json {
    let Some((json, rest)) = left.split_first() else { return then(Value::List(so_far)) };
    with_value(json, &mut |value| {
        let mut longer: Vec<Value<'_>> = so_far.clone();
        longer.push(value);
        with_items(rest, &mut longer, then)
    })
}
