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
//! | `GET /metrics` | | Prometheus text |
//!
//! A refusal is an `application/problem+json` [`Problem`]. These types are only the words on the wire; what the gate makes of them
//! is its own business. Times are milliseconds since the Unix epoch.

mod answer;
mod door;
mod measurement;
mod order;

pub use answer::{Applied, Exit, Problem, Removed, ServiceStatus, Shutdown, Status, VersionState, VersionStatus};
pub use door::{DoorOrder, TlsOrder};
pub use measurement::{ArmCounts, Block, Blocks, UnexpectedExit};
pub use order::{AddressOrder, ProcessOrder, ServiceOrder, StickyRule, UpstreamOrder, UpstreamProtocol, VersionOrder};

/// The name of the Unix socket in the gate's directory.
pub const SOCKET: &str = "gate.sock";
