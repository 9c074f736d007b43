//! What the gate is told about its users' side of a service.

use serde::{Deserialize, Serialize};

/// Where the certificate of a service is. The gate looks at both files again and again, and uses what it finds if it is any good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsOrder {
    /// A PEM file: the certificate, and those that lead from it to one that clients know.
    pub certificate: String,
    /// A PEM file: the private key.
    pub key: String,
}

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
    /// With TLS, which offers HTTP/2 and HTTP/1.1; in clear without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsOrder>,
    /// Clients that are served at a time. Who comes when there are as many waits until one leaves.
    pub most_connections: u32,
    /// The largest head of a request, in bytes: its first line and all its headers.
    pub largest_head: u32,
}

impl Default for DoorOrder {
    fn default() -> Self {
        DoorOrder {
            request_id: true,
            trace_context: false,
            allow_forced_arm: false,
            tls: None,
            most_connections: 10_000,
            largest_head: 64 * 1024,
        }
    }
}
