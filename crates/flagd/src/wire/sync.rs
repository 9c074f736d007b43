//! Messages of `flagd.sync.v1`.

use super::structure::Struct;
use prost::Message;

/// Of `SyncFlags` and of `FetchAllFlags`, which have the same fields.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct FlagsRequest {
    #[prost(string, tag = "1")]
    pub(crate) provider_id: String,
    #[prost(string, tag = "2")]
    pub(crate) selector: String,
}

/// `FetchAllFlagsResponse` is this without the context.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SyncFlagsResponse {
    #[prost(string, tag = "1")]
    pub(crate) flag_configuration: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) sync_context: Option<Struct>,
}
