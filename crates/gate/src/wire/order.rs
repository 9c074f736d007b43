//! What the gate is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::DoorOrder;

/// Everything the gate has to know about one service. An order replaces the one before it as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceOrder {
    /// The fencing token of the control plane that gives the order. Orders are compared by `(fence, generation)`: a lower pair
    /// than the last is refused as stale, the same pair is accepted only with the same content.
    pub fence: u64,
    /// The order's number within its fence.
    pub generation: u64,
    /// Where users connect. Port 0 lets the system choose; [`super::ServiceStatus::listen`] then says what it chose.
    pub listen: SocketAddr,
    /// What names a user: the first rule that finds something wins. When none does and one of them is a cookie, the gate sets
    /// that cookie; otherwise, and with no rules at all, the address names the user.
    #[serde(default)]
    pub sticky: Vec<StickyRule>,
    /// Distinguishes this split from others: the same users fall differently under another salt.
    pub salt: String,
    /// The share of users that goes to the canary, in parts per million.
    pub share_ppm: u32,
    /// How often a block of counts is closed, in milliseconds.
    #[serde(default = "default::interval_ms")]
    pub interval_ms: u64,
    /// The version of the stable arm.
    pub stable: String,
    /// The version of the canary arm. Without one everybody is served by stable and the share must be 0.
    #[serde(default)]
    pub canary: Option<String>,
    /// Every version that is kept running: both arms, and those that are kept warm in neither.
    pub versions: Vec<VersionOrder>,
    /// The longest wait for an upstream's response headers, in milliseconds, counted from when the request was sent.
    #[serde(default = "default::upstream_timeout_ms")]
    pub upstream_timeout_ms: u64,
    /// The longest wait for a connection to an upstream, in milliseconds.
    #[serde(default = "default::connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Whether responses say which arm and version answered, in `x-tidegate-arm` and `x-tidegate-version`.
    #[serde(default = "default::expose_arm")]
    pub expose_arm: bool,
    /// The dead man's switch: after this time without a word from control, in milliseconds, the gate takes the canary's share to 0
    /// by itself. Without a number it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_man_ms: Option<u64>,
    /// The [`WithdrawnByGate::at_ms`](super::WithdrawnByGate::at_ms) that control knows of. After the gate took users back by
    /// itself, an order that gives the canary a share is taken only if it names that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knows_withdrawn_ms: Option<i64>,
    /// The users' side: what is done with their headers.
    #[serde(default)]
    pub door: DoorOrder,
}

/// One way to name a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StickyRule {
    /// The value of the cookie with this name.
    Cookie(String),
    /// The value of the request header with this name.
    Header(String),
    /// The address that the connection comes from.
    Address,
}

/// One version of a service and where it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionOrder {
    /// The version's name.
    pub version: String,
    /// Where it answers.
    pub upstream: UpstreamOrder,
    /// What it speaks.
    #[serde(default)]
    pub protocol: UpstreamProtocol,
}

/// What an upstream speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamProtocol {
    /// HTTP/1.1, or the HTTP/1.0 of an old server.
    #[default]
    Http1,
    /// HTTP/2 from the first byte, without TLS: what gRPC needs.
    H2c,
}

/// Where a version answers: `{"process": {…}}`, `{"address": "127.0.0.1:9000", …}` or
/// `{"addresses": ["127.0.0.1:9000", "127.0.0.1:9001"], …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UpstreamShape", into = "UpstreamShape")]
pub enum UpstreamOrder {
    /// The gate starts it and keeps it running.
    Process(ProcessOrder),
    /// Somebody else runs it.
    Address(AddressOrder),
}

/// A local process that the gate keeps running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessOrder {
    /// Run by `sh -c`, with `PORT`, `TIDEGATE_SERVICE` and `TIDEGATE_VERSION` in its environment.
    pub command: String,
    /// The port it listens on, on the loopback address. 0: the gate finds a free one for every start.
    #[serde(default)]
    pub port: u16,
    /// How many processes of the version run, each with a port of its own. Each request goes to the one with the fewest.
    #[serde(default = "default::instances")]
    pub instances: u16,
    /// Answers with a status below 400 when the process is well. Without one a TCP connection is enough.
    #[serde(default)]
    pub health_path: Option<String>,
    /// How often the health is asked for, in milliseconds.
    #[serde(default = "default::health_interval_ms")]
    pub health_interval_ms: u64,
    /// How long a start may take until the process is healthy, in milliseconds. After that it is stopped and started again.
    #[serde(default = "default::start_timeout_ms")]
    pub start_timeout_ms: u64,
    /// Added to the gate's own environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Where it runs. Without one: the gate's own working directory.
    #[serde(default)]
    pub workdir: Option<String>,
    /// How long the process has between SIGTERM and SIGKILL, in milliseconds.
    #[serde(default = "default::stop_grace_ms")]
    pub stop_grace_ms: u64,
}

/// A server that the gate does not run, or several that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressOrder {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where others of the same version listen. Each request goes to the one with the fewest.
    pub others: Vec<SocketAddr>,
    /// Answers with a status below 400 when the server is well. Without one a TCP connection is enough.
    pub health_path: Option<String>,
    /// How often the health is asked for, in milliseconds.
    pub health_interval_ms: u64,
}

impl AddressOrder {
    /// A server at `address` with the usual settings.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        AddressOrder {
            address,
            others: Vec::new(),
            health_path: None,
            health_interval_ms: default::health_interval_ms(),
        }
    }
}

impl ProcessOrder {
    /// A process run by `command`, on a free port, with the usual settings.
    #[must_use]
    pub fn new(command: impl Into<String>) -> Self {
        ProcessOrder {
            command: command.into(),
            port: 0,
            instances: default::instances(),
            health_path: None,
            health_interval_ms: default::health_interval_ms(),
            start_timeout_ms: default::start_timeout_ms(),
            env: BTreeMap::new(),
            workdir: None,
            stop_grace_ms: default::stop_grace_ms(),
        }
    }
}

/// [`UpstreamOrder`] as it is written: an untagged enum would answer every mistake with "did not match any variant".
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamShape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<ProcessOrder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<SocketAddr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<SocketAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_interval_ms: Option<u64>,
}

impl TryFrom<UpstreamShape> for UpstreamOrder {
    type Error = &'static str;

    fn try_from(shape: UpstreamShape) -> Result<Self, Self::Error> {
        let UpstreamShape { process, address, addresses, health_path, health_interval_ms } = shape;
        if let Some(process) = process {
            let alone =
                address.is_none() && addresses.is_empty() && health_path.is_none() && health_interval_ms.is_none();
            return alone.then_some(UpstreamOrder::Process(process)).ok_or(
                "an upstream is either a `process` or an `address`; a process has its health settings inside `process`",
            );
        }
        let (address, others) = match (address, addresses.split_first()) {
            (Some(address), None) => (address, Vec::new()),
            (None, Some((first, others))) => (*first, others.to_vec()),
            (Some(_), Some(_)) => return Err("an upstream has an `address` or several `addresses`, not both"),
            (None, None) => return Err("an upstream needs a `process` or an `address`"),
        };
        let health_interval_ms = health_interval_ms.unwrap_or_else(default::health_interval_ms);
        Ok(UpstreamOrder::Address(AddressOrder { address, others, health_path, health_interval_ms }))
    }
}

impl From<UpstreamOrder> for UpstreamShape {
    fn from(order: UpstreamOrder) -> Self {
        let nothing = UpstreamShape {
            process: None,
            address: None,
            addresses: Vec::new(),
            health_path: None,
            health_interval_ms: None,
        };
        match order {
            UpstreamOrder::Process(process) => UpstreamShape { process: Some(process), ..nothing },
            UpstreamOrder::Address(AddressOrder { address, others, health_path, health_interval_ms }) => {
                let health_interval_ms = Some(health_interval_ms);
                if others.is_empty() {
                    return UpstreamShape { address: Some(address), health_path, health_interval_ms, ..nothing };
                }
                let addresses = std::iter::once(address).chain(others).collect();
                UpstreamShape { addresses, health_path, health_interval_ms, ..nothing }
            }
        }
    }
}

mod default {
    pub(super) fn instances() -> u16 {
        1
    }
    pub(super) fn interval_ms() -> u64 {
        10_000
    }
    pub(super) fn upstream_timeout_ms() -> u64 {
        30_000
    }
    /// Above the second (and the two after it) that the system waits before it repeats a connection request that an upstream with
    /// a short queue has dropped. A refused connection is known at once in any case.
    pub(super) fn connect_timeout_ms() -> u64 {
        5_000
    }
    pub(super) fn expose_arm() -> bool {
        true
    }
    pub(super) fn health_interval_ms() -> u64 {
        1_000
    }
    pub(super) fn start_timeout_ms() -> u64 {
        30_000
    }
    pub(super) fn stop_grace_ms() -> u64 {
        10_000
    }
}
