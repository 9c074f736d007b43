//! What the gate is told about its users' side of a service.

use serde::{Deserialize, Serialize};

/// How users come in, and what the gate makes of what they send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DoorOrder {
    /// Whether every request has an `x-request-id`: the one it came with, if that is a sane one, or a new one. The response has it, too.
    pub request_id: bool,
    /// Whether a request without a valid `traceparent` gets a new one, marked as sampled. When off, what came is passed on as it came.
    pub trace_context: bool,
    /// Whether `x-tidegate-arm: canary` or `stable` in a request picks the arm. Anybody may send that header, so this lets every
    /// user onto the canary who knows of it; what they do there is counted apart and judged by nobody.
    pub allow_forced_arm: bool,
}

impl Default for DoorOrder {
    fn default() -> Self {
        DoorOrder { request_id: true, trace_context: false, allow_forced_arm: false }
    }
}
