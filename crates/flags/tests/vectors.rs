//! Evaluation against the cases that every implementation must agree on.
#![expect(clippy::panic, reason = "a test that cannot go on must fail")]

use flags::{Bucketing, Context, FlagSet, Json, Value};

#[derive(serde::Deserialize)]
struct Vectors {
    sets: Vec<Set>,
}

#[derive(serde::Deserialize)]
struct Set {
    about: String,
    flags: Json,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    key: String,
    context: Json,
    v3: Json,
    v2: Option<Json>,
}

#[test]
fn agrees_with_the_shared_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/evaluation.json");
    let vectors: Vectors = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut asked = 0;
    for set in &vectors.sets {
        for bucketing in [Bucketing::V3, Bucketing::V2] {
            let compiled = FlagSet::of_flagd(&set.flags, bucketing).unwrap();
            for case in &set.cases {
                let wanted = match (bucketing, &case.v2) {
                    (Bucketing::V2, Some(other)) => other,
                    (Bucketing::V2 | Bucketing::V3, _) => &case.v3,
                };
                let got = answer(&compiled, case);
                let context = serde_json::to_string(&case.context).unwrap();
                assert_eq!(&got, wanted, "{} of {}, {bucketing:?}, asked with {context}", case.key, set.about);
                asked += 1;
            }
        }
    }
    assert!(asked > 1_000, "only {asked} cases");
}

fn answer(set: &FlagSet, case: &Case) -> Json {
    // What a value borrows lives as long as the test: it is a few kilobytes.
    let Value::Map(attributes) = leaked(&case.context) else { panic!("{:?} is no context", case.context) };
    let targeting_key = case.context.get("targetingKey").and_then(Json::text);
    let says = |name: &str, value: Json| (name.to_owned(), value);
    match set.evaluate(&case.key, &Context { targeting_key, attributes, at_s: 0 }) {
        Ok(outcome) => Json::Map(vec![
            says("variant", outcome.variant.map_or(Json::Null, Json::from)),
            says("reason", Json::from(outcome.reason.code())),
        ]),
        Err(error) => Json::Map(vec![says("error", Json::from(error.code()))]),
    }
}

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
