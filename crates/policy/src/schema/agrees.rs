//! The schema takes what the reader takes, and refuses what it can see to be wrong.

use super::schema;
use crate::findings::Findings;
use crate::source::{Origin, Source};
use crate::yaml::{Content, Node, parse};
use serde_json::{Value, json};

/// The text as an editor's YAML reader sees it.
fn value(text: &str) -> Value {
    let mut findings = Findings::new(Source::new("test", text), Source::new("standard", ""));
    json_of(&parse(text, Origin::User, &mut findings).expect("YAML"))
}

fn json_of(node: &Node) -> Value {
    match &node.value {
        Content::List(items) => items.iter().map(json_of).collect(),
        Content::Map(entries) => entries.iter().map(|e| (e.key.clone(), json_of(&e.value))).collect(),
        Content::Text { .. } if node.is_nothing() => Value::Null,
        Content::Text { text, plain: true } => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        Content::Text { text, plain: false } => json!(text),
    }
}

/// As much of JSON Schema as the schema uses, but for patterns; the first thing that is wrong.
fn check(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    for (word, rule) in schema.as_object().expect("a schema is a map") {
        match word.as_str() {
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a local reference");
                let target = root["$defs"].get(name).unwrap_or_else(|| panic!("{name} is not defined"));
                check(value, target, root)?;
            }
            "type" if !has_type(value, rule) => return Err(format!("{value} is not of type {rule}")),
            "enum" if !rule.as_array().is_some_and(|all| all.contains(value)) => {
                return Err(format!("{value} not in {rule}"));
            }
            "const" if rule != value => return Err(format!("{value} is not {rule}")),
            "minimum" if value.as_u64() < rule.as_u64() => return Err(format!("{value} < {rule}")),
            "maximum" if value.as_u64() > rule.as_u64() => return Err(format!("{value} > {rule}")),
            "anyOf" | "oneOf" => {
                let fitting =
                    rule.as_array().into_iter().flatten().filter(|one| check(value, one, root).is_ok()).count();
                if fitting == 0 || word == "oneOf" && fitting > 1 {
                    return Err(format!("{value} fits {fitting} of {rule}"));
                }
            }
            "required" => {
                for key in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    value.get(key).ok_or_else(|| format!("{key} is missing"))?;
                }
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    check(item, rule, root)?;
                }
            }
            "minItems" if value.as_array().is_some_and(|all| (all.len() as u64) < rule.as_u64().unwrap_or(0)) => {
                return Err(format!("{value} is too short"));
            }
            "additionalProperties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    match schema.get("properties").and_then(|known| known.get(key)) {
                        Some(known) => check(inner, known, root)?,
                        None if rule == &json!(false) => return Err(format!("{key} is unknown")),
                        None => check(inner, rule, root)?,
                    }
                }
            }
            "type" | "enum" | "const" | "minimum" | "maximum" | "minItems" | "maxItems" | "properties" | "pattern"
            | "propertyNames" | "description" | "default" | "examples" | "title" | "$schema" | "$defs" => {}
            other => panic!("the schema uses `{other}`, which this check does not know"),
        }
    }
    Ok(())
}

fn has_type(value: &Value, kind: &Value) -> bool {
    match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        other => panic!("an unknown type {other:?}"),
    }
}

fn accepts(text: &str) -> Result<(), String> {
    let schema = schema();
    check(&value(text), &schema, &schema)
}

#[test]
fn the_starter_and_the_standard_are_accepted() {
    assert_eq!(accepts(&crate::starter("shop").expect("a name")), Ok(()));
    let whole = format!("{}\nservices: {{}}\n", crate::standard());
    assert_eq!(accepts(&whole), Ok(()));
}

#[test]
fn every_kind_and_form_is_accepted() {
    let text = r#"
services:
  shop: { target: a, lever: a, signals: [a], hooks: [a], live: "1.0", probe: { canary: "http://a/", stable: "http://b/" }, channels: { staging: { target: b } } }
targets:
  a: { process: { command: x, port: auto, protocol: h2c, env: { A: b, B: { from_env: C }, D: { from_file: /e } } } }
  b: { command: { deploy: x, promote: x, withdraw: x } }
levers:
  a: { gate: { listen: "127.0.0.1:80", sticky: [ { cookie: a }, { header: b }, address ], expose_arm: true, request_id: off, trace_context: on, allow_forced_arm: on, most_connections: 5, tls: { certificate: /c, key: /k } } }
  b: { command: { shift: x, observe: x } }
signals:
  a: { gate: {} }
  b: { push: {} }
  c: { prometheus: { url: "http://a/", auth: { bearer: { from_env: A } }, timeout: 2 s, lag: 0 s, arms: { label: { requests: "a{b=\"c\"}", errors: e, latency: { classic: l_bucket } } } } }
  d: { prometheus: { url: "http://a/", auth: { basic: { user: u, password: { from_file: /p } } }, arms: { queries: { canary: { requests: a, errors: e, latency: { native: l } }, stable: { requests: b, errors: f } } } } }
hooks: { a: { command: { run: x } }, b: { http: { url: "http://a/", expect: 200 } } }
rollouts: { r: { extends: canary, triggers: { error_rate: off, integrity: off } } }
"#;
    assert_eq!(accepts(text), Ok(()));
}

#[test]
fn what_a_schema_can_see_is_refused() {
    let starter = crate::starter("shop").expect("a name");
    for (from, to) in [
        ("services:", "service:"),
        ("target: local", "targt: local"),
        ("lever: edge", "weight: 5"),
        ("process:", "kubernetes:"),
        ("extends: standard", "extends: other"),
        ("./shop --port $PORT", "5"),
        ("[cookie: tidegate, address]", "[adress]"),
    ] {
        assert!(starter.contains(from), "{from}");
        assert!(accepts(&starter.replacen(from, to, 1)).is_err(), "{from} -> {to}");
    }
}
