//! Runs flagd's evaluator test kit: `cargo run -p flags --example testkit -- DIR [v2|v3]`, where DIR is the folder `evaluator` of a
//! checkout of `open-feature/flagd-testbed`. The kit expects version 2 of `fractional`, unless a scenario says version 1, which
//! flagd has left behind.
#![expect(clippy::print_stdout, reason = "it prints what it found")]

#[path = "testkit/gherkin.rs"]
mod gherkin;

use std::error::Error;
use std::path::Path;

use flags::{Bucketing, Context, EvaluationError, FlagSet, Json, Value, ValueType};
use gherkin::{Scenario, Step};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("say where the folder `evaluator` of flagd-testbed is")?;
    let bucketing = match arguments.next().as_deref() {
        None | Some("v2") => Bucketing::V2,
        Some("v3") => Bucketing::V3,
        Some(other) => return Err(format!("`{other}` is neither v2 nor v3").into()),
    };
    let document: Json =
        serde_json::from_str(&std::fs::read_to_string(Path::new(&root).join("flags/testkit-flags.json"))?)?;
    let set = FlagSet::of_flagd(&document, bucketing).map_err(|problems| format!("{problems:?}"))?;
    let mut paths = std::fs::read_dir(Path::new(&root).join("gherkin"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    let (mut all, mut passed) = (0, 0);
    for path in paths {
        for scenario in gherkin::read(&std::fs::read_to_string(path)?) {
            all += 1;
            match play(&scenario, &set) {
                Ok(()) => passed += 1,
                Err(why) => println!("FAILS {} {:?}: {why}", scenario.name, scenario.tags),
            }
        }
    }
    println!("{passed} of {all} scenarios pass with {bucketing:?}");
    Ok(())
}

/// What was asked and what came of it.
#[derive(Default)]
struct Asked {
    key: String,
    kind: String,
    fallback: String,
    targeting_key: Option<String>,
    attributes: Vec<(String, Json)>,
    value: Option<Json>,
    reason: String,
    error: String,
    metadata: Vec<(String, Json)>,
}

fn play(scenario: &Scenario, set: &FlagSet) -> Result<(), String> {
    let mut asked = Asked::default();
    for step in &scenario.steps {
        let quoted: Vec<&str> = step.quoted.iter().map(String::as_str).collect();
        match (step.words.as_str(), quoted.as_slice()) {
            ("an evaluator", []) => {}
            (words, [key, fallback]) if words.ends_with("-flag with key _ and a fallback value _") => {
                asked.kind = words.trim_start_matches("a ").split('-').next().unwrap_or("").to_owned();
                (asked.key, asked.fallback) = ((*key).to_owned(), (*fallback).to_owned());
            }
            ("a context containing a targeting key with value _", [value]) => {
                asked.targeting_key = Some((*value).to_owned())
            }
            ("a context containing a key _, with type _ and with value _", [key, kind, value]) => {
                asked.attributes.push(((*key).to_owned(), read(kind, value)?));
            }
            (
                "a context containing a nested property with outer key _ and inner key _, with value _",
                [outer, inner, value],
            ) => {
                let inner = Json::Map(vec![((*inner).to_owned(), Json::from(*value))]);
                asked.attributes.push(((*outer).to_owned(), inner));
            }
            ("the flag was evaluated with details", []) => asked.evaluate(set)?,
            ("the resolved details value should be _", [value]) => {
                let wanted = read(&asked.kind, value)?;
                same(asked.value.as_ref() == Some(&wanted), &wanted, &asked.value)?;
            }
            ("the reason should be _", [reason]) => same(asked.reason == *reason, reason, &asked.reason)?,
            ("the error-code should be _", [code]) => same(asked.error == *code, code, &asked.error)?,
            ("the resolved metadata is empty", []) => same(asked.metadata.is_empty(), &"nothing", &asked.metadata)?,
            ("the resolved metadata should contain", []) => asked.holds(step)?,
            (words, _) => return Err(format!("the step `{words}` is unknown")),
        }
    }
    Ok(())
}

impl Asked {
    fn evaluate(&mut self, set: &FlagSet) -> Result<(), String> {
        let inner: Vec<Vec<(&str, Value<'_>)>> = self
            .attributes
            .iter()
            .map(|(_, value)| value.members().unwrap_or(&[]).iter().map(|(k, v)| (k.as_str(), scalar(v))).collect())
            .collect();
        let attributes: Vec<(&str, Value<'_>)> = self
            .attributes
            .iter()
            .zip(&inner)
            .map(|((key, json), inner)| (key.as_str(), if inner.is_empty() { scalar(json) } else { Value::Map(inner) }))
            .collect();
        let context = Context { targeting_key: self.targeting_key.as_deref(), attributes: &attributes, at_s: 0 };
        let fallback = read(&self.kind, &self.fallback)?;
        self.metadata = set.metadata(&self.key).to_vec();
        let outcome = set.evaluate(&self.key, &context);
        let (value, reason, error) = match &outcome {
            Ok(outcome) if outcome.value.is_some() && !is_of(&self.kind, outcome.value_type) => {
                (fallback, "ERROR", "TYPE_MISMATCH")
            }
            Ok(outcome) => (outcome.value.cloned().unwrap_or(fallback), outcome.reason.code(), ""),
            Err(error) => (fallback, "ERROR", EvaluationError::code(*error)),
        };
        (self.reason, self.error, self.value) = (reason.to_owned(), error.to_owned(), Some(value));
        Ok(())
    }

    fn holds(&self, step: &Step) -> Result<(), String> {
        for row in &step.rows {
            let [key, kind, value] = row.as_slice() else { return Err(format!("a row of {} cells", row.len())) };
            let wanted = read(kind, value)?;
            let got = self.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value);
            same(got == Some(&wanted), &wanted, &got)?;
        }
        Ok(())
    }
}

fn same(is: bool, wanted: &dyn std::fmt::Debug, got: &dyn std::fmt::Debug) -> Result<(), String> {
    if is { Ok(()) } else { Err(format!("{wanted:?} was wanted, {got:?} came")) }
}

fn is_of(kind: &str, value_type: ValueType) -> bool {
    match value_type {
        ValueType::Boolean => kind == "Boolean",
        ValueType::String => kind == "String",
        ValueType::Integer => kind == "Integer",
        ValueType::Float => kind == "Float",
        ValueType::Object => kind == "Object",
    }
}

fn read(kind: &str, text: &str) -> Result<Json, String> {
    let json = |text: &str| serde_json::from_str::<Json>(text).map_err(|error| format!("{text}: {error}"));
    match kind {
        "String" => Ok(Json::from(text)),
        "Float" => text.parse().map(Json::Float).map_err(|error| format!("{text}: {error}")),
        "Boolean" | "Integer" | "Object" => json(text),
        other => Err(format!("the type `{other}` is unknown")),
    }
}

fn scalar(json: &Json) -> Value<'_> {
    match json {
        Json::Null | Json::List(_) | Json::Map(_) => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Int(*value),
        Json::Float(value) => Value::Float(*value),
        Json::Text(text) => Value::Text(text),
    }
}
