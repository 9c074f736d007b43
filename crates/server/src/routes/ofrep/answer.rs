//! What one flag says, in OFREP's shape.

use flags::{Context, EvaluationError, Json, Outcome, Reason};
use registry::Edition;
use serde_json::{Map, Value, json};

/// The answer for one flag: a success, or a failure with its HTTP status for when it is asked for alone.
pub(crate) fn one(edition: &Edition, key: &str, context: &Context<'_>) -> Result<Value, (u16, Value)> {
    match edition.set.evaluate(key, context) {
        Ok(outcome) => Ok(success(edition, key, &outcome)),
        Err(error) => Err(failure(edition, key, error)),
    }
}

fn success(edition: &Edition, key: &str, outcome: &Outcome<'_>) -> Value {
    let mut answer = Map::new();
    answer.insert("key".into(), key.into());
    if let Some(value) = outcome.value {
        answer.insert("value".into(), json!(value));
    }
    answer.insert("reason".into(), outcome.reason.code().into());
    // Clients fail on an answer without a variant, also where there is no value: the reason in small letters stands for it.
    let unnamed = if outcome.reason == Reason::Disabled { "disabled" } else { "default" };
    answer.insert("variant".into(), outcome.variant.unwrap_or(unnamed).into());
    answer.insert("metadata".into(), metadata(edition, outcome.metadata));
    Value::Object(answer)
}

fn metadata(edition: &Edition, own: &[(String, Json)]) -> Value {
    let mut all = Map::new();
    all.insert("version".into(), edition.revision.to_string().into());
    all.extend(own.iter().map(|(name, value)| (name.clone(), json!(value))));
    Value::Object(all)
}

fn failure(edition: &Edition, key: &str, error: EvaluationError) -> (u16, Value) {
    let (status, why) = match error {
        EvaluationError::FlagNotFound => (404, "there is no such flag".to_string()),
        EvaluationError::ParseError => {
            let why = edition.set.problem(key).map(ToString::to_string);
            (400, why.unwrap_or_else(|| "its definition cannot be understood".into()))
        }
        EvaluationError::TargetingKeyMissing => (400, "the context has no `targetingKey`".into()),
        EvaluationError::General => (400, "its rule came to something that is none of its variants".into()),
    };
    (status, json!({ "key": key, "errorCode": error.code(), "errorDetails": why }))
}
