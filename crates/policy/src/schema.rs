//! The language as a JSON Schema, so that editors complete and check a policy while it is written. It is looser
//! than the reader where a schema cannot follow: names that must exist, keys that may come from what is extended.

use crate::shape::{KeyRule, Kinds, MOST_ITEMS, Need, Part, Quantity, Record, Shape, TextRule, Unit, parts};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of a policy file.
#[must_use]
pub fn schema() -> Value {
    let defs: Map<String, Value> = parts()
        .into_iter()
        .map(|part| {
            let value = match part {
                Part::Record(record) => of_record(record),
                Part::Kinds(kinds) => of_kinds(kinds),
            };
            (part.name().to_owned(), value)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tidegate.yaml",
        "$ref": "#/$defs/Policy",
        "$defs": defs,
    })
}

fn of_record(record: &Record) -> Value {
    let properties: Map<String, Value> = record
        .fields
        .iter()
        .map(|field| {
            let mut value = of_shape(&field.shape);
            if let Value::Object(map) = &mut value {
                map.insert("description".to_owned(), json!(field.doc));
                if let Need::Default(default) = field.need {
                    map.insert("default".to_owned(), default_of(default));
                }
            }
            (field.key.to_owned(), value)
        })
        .collect();
    let required: Vec<_> = record
        .fields
        .iter()
        .filter(|field| matches!(field.need, Need::Required) && (!record.inherits || field.key == "services"))
        .map(|field| field.key)
        .collect();
    json!({
        "type": "object",
        "description": record.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_kinds(kinds: &Kinds) -> Value {
    let keyed = kinds.kinds.iter().map(|kind| {
        json!({
            "type": "object",
            "description": kind.doc,
            "properties": { kind.key: of_shape(&kind.shape) },
            "required": [kind.key],
            "additionalProperties": false,
        })
    });
    let words = kinds.words.iter().map(|(word, doc)| json!({ "const": word, "description": doc }));
    json!({ "description": kinds.doc, "oneOf": keyed.chain(words).collect::<Vec<_>>() })
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Text(rule) => of_text(*rule),
        Shape::Quantity(quantity) => of_quantity(quantity),
        Shape::Whole { least, most, .. } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Switch => json!({ "enum": ["on", "off", true, false] }),
        Shape::Word(words) => json!({ "enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>() }),
        Shape::Quantile => json!({ "enum": ["p50", "p95", "p99"] }),
        Shape::OnUndecided => json!({
            "type": "string",
            "pattern": "^(extend ([2-9]|[1-9][0-9]|100)x|hold|roll back|advance)$",
            "examples": ["extend 2x", "hold", "roll back", "advance"],
        }),
        Shape::Name(_) => json!({ "type": "string", "pattern": NAME }),
        Shape::RolloutBy => json!({ "type": "string", "examples": ["by type"] }),
        Shape::EnvValue => json!({ "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/Reference" }] }),
        Shape::OrOff(inner) => json!({ "anyOf": [{ "const": "off" }, of_shape(inner)] }),
        Shape::List { of, least } => {
            json!({ "type": "array", "items": of_shape(of), "minItems": least, "maxItems": MOST_ITEMS })
        }
        Shape::Map { of, key } => {
            let names = match key {
                KeyRule::Name(_) | KeyRule::Channel => NAME,
                KeyRule::Variable => VARIABLE,
            };
            json!({ "type": "object", "additionalProperties": of_shape(of), "propertyNames": { "pattern": names } })
        }
        Shape::Record(record) => json!({ "$ref": format!("#/$defs/{}", record.name) }),
        Shape::Kind(kinds) => json!({ "$ref": format!("#/$defs/{}", kinds.name) }),
    }
}

const NAME: &str = "^[a-z0-9][a-z0-9-]{0,62}$";
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

fn of_text(rule: TextRule) -> Value {
    let pattern = match rule {
        TextRule::Command | TextRule::Directory | TextRule::File | TextRule::Branch | TextRule::LabelValue => "\\S",
        TextRule::UrlPath => "^/\\S*$",
        TextRule::Url => "^http://[^@\\s]+$",
        TextRule::Listen => "^\\S+:[0-9]{1,5}$",
        TextRule::Version => "^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$",
        TextRule::Token => "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        TextRule::Variable | TextRule::Label => VARIABLE,
        TextRule::Selector => "^\\s*[A-Za-z_:][A-Za-z0-9_:]*\\s*(\\{.*\\})?\\s*$",
        TextRule::UserName => "^[^:]+$",
    };
    json!({ "type": "string", "pattern": pattern })
}

fn of_quantity(quantity: &Quantity) -> Value {
    const NUMBER: &str = "[0-9]+(\\.[0-9]+)?";
    let pattern = match quantity.unit {
        Unit::Time => format!("^{NUMBER} *(ms|s|min|h|d)( *{NUMBER} *(ms|s|min|h|d))*$"),
        Unit::Share | Unit::Percent => format!("^{NUMBER} *%$"),
        Unit::Points => format!("^{NUMBER} *(points|point|pp)$"),
    };
    json!({ "type": "string", "pattern": pattern, "examples": [quantity.example] })
}

/// A default as an editor would insert it.
fn default_of(text: &str) -> Value {
    match text {
        "{}" => json!({}),
        "[]" => json!([]),
        _ => match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(items) => items.split(", ").collect(),
            None => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
        },
    }
}

#[cfg(test)]
mod agrees;
