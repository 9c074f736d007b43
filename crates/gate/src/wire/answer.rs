//! What the gate answers about itself and about a service.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The gate itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The gate's process id.
    pub pid: u32,
    /// Another one after every start. Counts and sequence numbers never outlive it.
    pub boot_id: String,
    /// When the gate started.
    pub started_ms: i64,
    /// The gate's clock now. It never goes back, so it may differ from the wall clock by what the wall clock was stepped.
    pub now_ms: i64,
    /// The gate's version.
    pub version: String,
    /// The names of the services it serves, sorted.
    pub services: Vec<String>,
    /// What went wrong at the start without stopping it, such as a snapshot that could not be read.
    #[serde(default)]
    pub warnings: Vec<Problem>,
}

/// An order is in force: every request that arrives from now on follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The order's generation.
    pub generation: u64,
    /// The share in force, in parts per million.
    pub share_ppm: u32,
    /// Which run of the gate applied it.
    pub boot_id: String,
    /// Why the order is in force but not on disk, if it is not. The gate keeps trying to save it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_saved: Option<Problem>,
}

/// A service is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Whether there was anything to remove.
    pub existed: bool,
}

/// Asks the gate to stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shutdown {
    /// How long requests in flight may take to finish, in milliseconds.
    pub drain_ms: u64,
}

/// Asks the gate to make way for another program, which goes on with its listeners and processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upgrade {
    /// How long requests in flight may take to finish, in milliseconds. Who connects meanwhile waits.
    pub drain_ms: u64,
    /// The program's path. Without one: what is at the path that the gate was started from.
    #[serde(default)]
    pub program: Option<String>,
}

/// What the gate does for a service, and how its versions are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// The fence of the order in force.
    pub fence: u64,
    /// The generation of the order in force.
    pub generation: u64,
    /// The share in force, in parts per million.
    pub share_ppm: u32,
    /// Whether the gate took users back by itself. Said until control shows that it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_by_gate: Option<WithdrawnByGate>,
    /// The version of the stable arm.
    pub stable: String,
    /// The version of the canary arm.
    pub canary: Option<String>,
    /// Where the gate listens, with the port that the system chose if the order left it to the system.
    pub listen: SocketAddr,
    /// Why the gate does not listen there, if it does not. It keeps trying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_listening: Option<Problem>,
    /// Every version of the order, and those that are still stopping.
    pub versions: Vec<VersionStatus>,
}

/// The gate had no word from control for too long and took the canary's share to 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawnByGate {
    /// The canary's version.
    pub version: String,
    /// When.
    pub at_ms: i64,
    /// How long it had had no word.
    pub after_ms: u64,
}

/// How one version is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionStatus {
    /// The version.
    pub version: String,
    /// How it is.
    pub state: VersionState,
    /// The process id, of a process that runs.
    pub pid: Option<u32>,
    /// The port it listens on, once that is known.
    pub port: Option<u16>,
    /// How often the process was started again after the first start.
    pub restarts: u64,
    /// How the process ended last.
    pub last_exit: Option<Exit>,
    /// What went wrong last, in words: a start that failed, a health check that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Problem>,
    /// Its processes or servers, one by one.
    #[serde(default)]
    pub instances: Vec<InstanceStatus>,
}

/// How one of a version's processes or servers is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// How it is.
    pub state: VersionState,
    /// The process id, of a process that runs.
    pub pid: Option<u32>,
    /// The port it listens on, once that is known.
    pub port: Option<u16>,
    /// How often the process was started again after the first start.
    pub restarts: u64,
    /// Requests that are with it now.
    pub in_flight: u64,
    /// Whether it gets no requests for a while because those it had failed, as long as another instance can have them.
    pub ejected: bool,
}

/// How a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Started, not healthy yet.
    Starting,
    /// Answered its last health check.
    Healthy,
    /// Was healthy and failed its last health checks. It runs and gets its share of requests: taking users away is control's word.
    Unhealthy,
    /// Ended by itself; waits for its next start.
    BackingOff,
    /// Asked to stop, or stopped.
    Stopped,
}

/// The end of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// When it was noticed.
    pub at_ms: i64,
    /// The exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal, if one ended it.
    pub signal: Option<i32>,
}

/// A refusal or a fault, after RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, without particulars.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code, `TG-4xxx`.
    pub code: String,
    /// What happened here.
    pub detail: String,
    /// What to do next.
    pub hint: String,
}
