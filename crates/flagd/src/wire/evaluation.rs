//! Messages of `flagd.evaluation.v1` and `v2`, which are the same on the wire. In v2 a value and a variant may be absent, which
//! means "the value in the code"; in v1 they are plain fields, and a plain field that is absent reads as its zero, which is what
//! v1 says of a flag that is off. A zero that is present reads as itself in both.

use super::structure::Struct;
use prost::{Message, Oneof};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResolveRequest {
    #[prost(string, tag = "1")]
    pub(crate) flag_key: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) context: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResolveAllRequest {
    #[prost(message, optional, tag = "1")]
    pub(crate) context: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct EventStreamRequest {}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct EventStreamResponse {
    #[prost(string, tag = "1")]
    pub(crate) r#type: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) data: Option<Struct>,
}

/// A response for one type of value; the type of `value` is all in which they differ.
macro_rules! resolve_responses {
    ($($name:ident { $kind:ident $type:ty })*) => {$(
        #[derive(Clone, PartialEq, Message)]
        pub(crate) struct $name {
            #[prost($kind, optional, tag = "1")]
            pub(crate) value: Option<$type>,
            #[prost(string, tag = "2")]
            pub(crate) reason: String,
            #[prost(string, optional, tag = "3")]
            pub(crate) variant: Option<String>,
            #[prost(message, optional, tag = "4")]
            pub(crate) metadata: Option<Struct>,
        }
    )*};
}

resolve_responses! {
    ResolveBooleanResponse { bool bool }
    ResolveStringResponse { string String }
    ResolveFloatResponse { double f64 }
    ResolveIntResponse { int64 i64 }
    ResolveObjectResponse { message Struct }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResolveAllResponse {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(crate) flags: BTreeMap<String, AnyFlag>,
    #[prost(message, optional, tag = "2")]
    pub(crate) metadata: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AnyFlag {
    #[prost(string, tag = "1")]
    pub(crate) reason: String,
    #[prost(string, tag = "2")]
    pub(crate) variant: String,
    #[prost(oneof = "AnyValue", tags = "3, 4, 5, 6")]
    pub(crate) value: Option<AnyValue>,
    #[prost(message, optional, tag = "7")]
    pub(crate) metadata: Option<Struct>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum AnyValue {
    #[prost(bool, tag = "3")]
    Bool(bool),
    #[prost(string, tag = "4")]
    Text(String),
    #[prost(double, tag = "5")]
    Double(f64),
    #[prost(message, tag = "6")]
    Object(Struct),
}
