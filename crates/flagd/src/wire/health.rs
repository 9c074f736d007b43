//! Messages of `grpc.health.v1`.

use prost::Message;

/// Of `HealthCheckResponse.ServingStatus`.
pub(crate) const SERVING: i32 = 1;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HealthCheckRequest {
    #[prost(string, tag = "1")]
    pub(crate) service: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
}
