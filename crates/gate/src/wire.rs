//! The protocol between control and gate: HTTP/1.1 with JSON bodies over the Unix socket [`SOCKET`] in the gate's directory.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `GET /v1/status` | | [`Status`] |
//! | `PUT /v1/services/{name}` | [`ServiceOrder`] | [`Applied`] |
//! | `GET /v1/services/{name}` | | [`ServiceStatus`] |
//! | `GET /v1/services/{name}/blocks?boot=B&after=SEQ&limit=N` | | [`Blocks`] |
//! | `DELETE /v1/services/{name}?fence=F&generation=G` | | [`Removed`] |
//! | `POST /v1/shutdown` | [`Shutdown`] | [`Status`] |
//! | `POST /v1/upgrade` | [`Upgrade`] | [`Status`] |
//! | `GET /metrics` | | Prometheus text |
//!
//! A control plane that watches says so by the header [`FENCE`] in the calls that read a service; orders have their fence in them. What
//! is asked without it, or with a fence below that of the order in force, is no word from control: see
//! [`ServiceOrder::dead_man_ms`].
//!
//! A refusal is an `application/problem+json` [`Problem`]. These types are only the words on the wire; what the gate makes of them
//! is its own business. Times are milliseconds since the Unix epoch.

mod answer;
mod door;
mod measurement;
mod order;

pub use answer::{
    Applied, Exit, InstanceStatus, Problem, Removed, ServiceStatus, Shutdown, Status, Upgrade, VersionState,
    VersionStatus, WithdrawnByGate,
};
pub use door::{DoorOrder, TlsOrder};
pub use measurement::{ArmCounts, Block, Blocks, UnexpectedExit};
pub use order::{AddressOrder, ProcessOrder, ServiceOrder, StickyRule, UpstreamOrder, UpstreamProtocol, VersionOrder};

/// The header by which a control plane that asks for a service says which leader it is.
pub const FENCE: &str = "x-tidegate-fence";

/// The name of the Unix socket in the gate's directory.
pub const SOCKET: &str = "gate.sock";
