//! Answers: what the engine says, in the words of the version that the client speaks.

use super::Version;
use crate::Edition;
use crate::context::{Given, whole};
use crate::wire;
use crate::wire::evaluation::{
    AnyFlag, AnyValue, ResolveAllResponse, ResolveBooleanResponse, ResolveFloatResponse, ResolveIntResponse,
    ResolveObjectResponse, ResolveStringResponse,
};
use crate::wire::structure::{Struct, double};
use bytes::Bytes;
use flags::{EvaluationError, Json, Reason, ValueType};
use tonic::{Code, Status};

/// The type that a client wants, which is the method that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Boolean,
    String,
    Float,
    Int,
    Object,
}

impl Asked {
    pub(crate) fn of(method: &str) -> Option<Self> {
        match method {
            "ResolveBoolean" => Some(Self::Boolean),
            "ResolveString" => Some(Self::String),
            "ResolveFloat" => Some(Self::Float),
            "ResolveInt" => Some(Self::Int),
            "ResolveObject" => Some(Self::Object),
            _ => None,
        }
    }
}

/// The answer about one flag.
pub(crate) fn one(
    edition: &Edition,
    version: Version,
    asked: Asked,
    key: &str,
    given: &Given,
) -> Result<Bytes, Status> {
    let outcome = given.lend(|context| edition.set().evaluate(key, context)).map_err(refused)?;
    match (version, outcome.value, outcome.reason) {
        // v1 cannot say "the value in the code", and its zero would be taken for one. Off is the one case that its clients know.
        (Version::V1, None, Reason::Static | Reason::Default | Reason::TargetingMatch | Reason::Split) => {
            return Err(Status::not_found("FLAG_NOT_FOUND: the flag gives no value here"));
        }
        (Version::V1, None, Reason::Disabled) | (Version::V1, Some(_), _) | (Version::V2, _, _) => {}
    }
    let (value, variant) = (outcome.value, outcome.variant.map(str::to_owned));
    let (reason, metadata) = (outcome.reason.code().to_owned(), Struct::of(outcome.metadata));
    macro_rules! response {
        ($response:ident, $read:ident) => {
            wire::frame(&$response { value: typed(value, $read)?, reason, variant, metadata: Some(metadata) })
        };
    }
    Ok(match asked {
        Asked::Boolean => response!(ResolveBooleanResponse, boolean),
        Asked::String => response!(ResolveStringResponse, string),
        Asked::Float => response!(ResolveFloatResponse, float),
        Asked::Int => response!(ResolveIntResponse, int),
        Asked::Object => response!(ResolveObjectResponse, object),
    })
}

/// The answers about all flags, as v1 has them: what it cannot say of a flag, it does not say, and clients use their own value.
pub(crate) fn all(edition: &Edition, given: &Given) -> Bytes {
    let set = edition.set();
    let flags = given.lend(|context| {
        let answers = set.keys().filter_map(|key| {
            let outcome = set.evaluate(key, context).ok()?;
            let value = match (outcome.value, outcome.reason) {
                (Some(value), _) => any(value)?,
                (None, Reason::Disabled) => zero(outcome.value_type),
                (None, Reason::Static | Reason::Default | Reason::TargetingMatch | Reason::Split) => return None,
            };
            let flag = AnyFlag {
                reason: outcome.reason.code().to_owned(),
                variant: outcome.variant.unwrap_or_default().to_owned(),
                value: Some(value),
                metadata: Some(Struct::of(outcome.metadata)),
            };
            Some((key.to_owned(), flag))
        });
        answers.collect()
    });
    wire::frame(&ResolveAllResponse { flags, metadata: Some(Struct::of(set.metadata(""))) })
}

/// The providers know four errors by their code; any other code but these two they retry.
fn refused(error: EvaluationError) -> Status {
    let code = match error {
        EvaluationError::FlagNotFound => Code::NotFound,
        EvaluationError::ParseError => Code::DataLoss,
        EvaluationError::TargetingKeyMissing => Code::FailedPrecondition,
        EvaluationError::General => Code::Internal,
    };
    Status::new(code, error.code())
}

fn typed<T>(value: Option<&Json>, read: impl Fn(&Json) -> Option<T>) -> Result<Option<T>, Status> {
    let mismatch = || Status::invalid_argument("TYPE_MISMATCH");
    value.map(|value| read(value).ok_or_else(mismatch)).transpose()
}

fn boolean(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(yes) => Some(*yes),
        _ => None,
    }
}

fn string(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn float(value: &Json) -> Option<f64> {
    match value {
        Json::Int(number) => Some(double(*number)),
        Json::Float(number) => Some(*number),
        _ => None,
    }
}

/// A number is an integer if it has no fraction. flagd cuts a fraction off; then 0.5 is 0 and nobody is told.
fn int(value: &Json) -> Option<i64> {
    match value {
        Json::Int(number) => Some(*number),
        Json::Float(number) => whole(*number),
        _ => None,
    }
}

fn object(value: &Json) -> Option<Struct> {
    match value {
        Json::Map(entries) => Some(Struct::of(entries)),
        _ => None,
    }
}

fn any(value: &Json) -> Option<AnyValue> {
    match value {
        Json::Bool(yes) => Some(AnyValue::Bool(*yes)),
        Json::Text(text) => Some(AnyValue::Text(text.clone())),
        Json::Int(number) => Some(AnyValue::Double(double(*number))),
        Json::Float(number) => Some(AnyValue::Double(*number)),
        Json::Map(entries) => Some(AnyValue::Object(Struct::of(entries))),
        Json::Null | Json::List(_) => None,
    }
}

/// What v1 says of a flag that is off.
fn zero(value_type: ValueType) -> AnyValue {
    match value_type {
        ValueType::Boolean => AnyValue::Bool(false),
        ValueType::String => AnyValue::Text(String::new()),
        ValueType::Integer | ValueType::Float => AnyValue::Double(0.0),
        ValueType::Object => AnyValue::Object(Struct::default()),
    }
}
