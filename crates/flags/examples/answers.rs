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
    let Value::Map(attributes) = leaked(&case.context) else { return Json::from("the context is no object") };
    let targeting_key = case.context.get("targetingKey").and_then(Json::text);
    let says = |name: &str, value: Json| (name.to_owned(), value);
    match set.evaluate(&case.key, &Context { targeting_key, attributes, at_s: 1_800_000_000 }) {
        Ok(outcome) => Json::Map(vec![
            says("variant", outcome.variant.map_or(Json::Null, Json::from)),
            says("reason", Json::from(outcome.reason.code())),
        ]),
        Err(error) => Json::Map(vec![says("error", Json::from(error.code()))]),
    }
}

/// The value as a context has it. What it borrows is never given back: the program ends with its questions.
fn leaked(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Int(*value),
        Json::Float(value) => Value::Float(*value),
        Json::Text(text) => Value::Text(text),
        Json::List(items) => Value::List(Vec::leak(items.iter().map(leaked).collect())),
        Json::Map(members) => Value::Map(Vec::leak(members.iter().map(|(k, v)| (k.as_str(), leaked(v))).collect())),
    }
}
