//! What a release acts with: where its version runs, what moves users, what measures, what is tried out. It is
//! written into the journal when the release opens, beside the plan, so that a policy edited in the middle of a
//! release moves nothing under its feet. Its serialized form is therefore a format that must stay readable.

mod prometheus;

pub use prometheus::{
    ArmQueries, BasicAuth, ByLabel, ByQuery, LatencySource, PrometheusArms, PrometheusAuth, PrometheusSignal,
};

use engine::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything outside of Tidegate that one service uses in one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wiring {
    /// The service's name in the policy.
    pub service: String,
    /// The channel that the release goes to.
    pub channel: String,
    /// Where the new version runs.
    pub target: Target,
    /// What moves users.
    pub lever: Lever,
    /// Where measurements come from; without any the judge stays undecided.
    pub signals: Vec<Signal>,
    /// How both versions are asked whether they are up; process targets are asked at their health path as well.
    pub probe: Option<Probe>,
    /// The hooks that some phase of the plan names, by name, in order of first use.
    pub hooks: Vec<(String, Hook)>,
    /// The version that users have before the first release.
    pub live: Option<String>,
}

/// Where the new version runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Processes on this machine, run by the gate.
    Process(ProcessTarget),
    /// Commands that deploy, promote and withdraw.
    Command(CommandTarget),
    /// Nothing is brought up: the code of both versions runs already, and a flag chooses between them.
    Running {},
}

/// A process that the gate starts, watches and stops; each version gets a free port of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessTarget {
    /// Run by `sh -c` with `PORT`, `TIDEGATE_SERVICE` and `TIDEGATE_VERSION` in its environment.
    pub command: String,
    /// Where the process says that it is well, e.g. `/healthz`; without one a TCP connection is enough.
    pub health: Option<String>,
    /// Which port each process gets.
    pub port: Port,
    /// How many processes of the version run.
    #[serde(default = "one")]
    pub instances: u16,
    /// Added to the environment.
    pub env: BTreeMap<String, EnvValue>,
    /// Where it runs, relative to the policy file.
    pub workdir: String,
    /// How long a start may take until the process is well.
    pub start_within: Millis,
    /// How long the process has between the polite and the impolite signal.
    pub stop_grace: Millis,
    /// How often its health is asked for.
    pub health_every: Millis,
    /// What the process speaks.
    #[serde(default)]
    pub protocol: Protocol,
}

/// What a version speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2 from the first byte, without TLS.
    H2c,
}

/// Releases that were opened before there could be several.
fn one() -> u16 {
    1
}

/// The port of a version. Two versions run at the same time, so that none can have a fixed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Port {
    /// A free one for every start.
    Auto,
}

/// Commands that bring a version up and take it away; each must end by itself and may be run again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandTarget {
    /// Brings the new version up beside the old one, without users.
    pub deploy: String,
    /// Succeeds when the new version can take users; without one the end of `deploy` means ready.
    pub ready: Option<String>,
    /// Makes the new version the one that everybody has.
    pub promote: String,
    /// Takes the new version away.
    pub withdraw: String,
    /// The longest time that each of them may run.
    pub timeout: Millis,
    /// Added to the environment of each.
    pub env: BTreeMap<String, EnvValue>,
    /// Where they run, relative to the policy file.
    pub workdir: String,
}

/// What moves users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// Tidegate's own data plane.
    Gate(GateLever),
    /// Commands that set and tell the share.
    Command(CommandLever),
    /// A flag of Tidegate's, whose variants are the arms.
    Flag(FlagLever),
}

/// A flag whose share of users is moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagLever {
    /// Its key.
    pub key: String,
    /// The variant that is the new version.
    pub canary: String,
    /// The variant that is the old one.
    pub stable: String,
}

/// How the gate serves a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateLever {
    /// Where users connect: an IP address and a port, e.g. `127.0.0.1:8080`. Port 0 lets the system choose.
    pub listen: String,
    /// What names a user, the first that is present wins.
    pub sticky: Vec<StickyBy>,
    /// The longest wait for a version's response headers.
    pub upstream_timeout: Millis,
    /// The longest wait for a connection to a version.
    pub connect_timeout: Millis,
    /// Whether responses say which arm and version answered.
    pub expose_arm: bool,
    /// The dead man's switch: after this time without a word from control the gate takes users back by itself. Without one,
    /// as in releases that were opened before there was a switch, it never does.
    #[serde(default)]
    pub dead_man: Option<Millis>,
    /// Whether every request has an `x-request-id`.
    #[serde(default = "on")]
    pub request_id: bool,
    /// Whether a request without a valid `traceparent` begins a trace.
    #[serde(default)]
    pub trace_context: bool,
    /// Whether a request may name its arm.
    #[serde(default)]
    pub allow_forced_arm: bool,
    /// Certificate and key, for TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Clients that are served at a time.
    #[serde(default = "most_connections")]
    pub most_connections: u32,
}

fn on() -> bool {
    true
}

fn most_connections() -> u32 {
    10_000
}

/// Where the gate finds a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// A PEM file with the certificate and those that lead from it to one that clients know.
    pub certificate: String,
    /// A PEM file with the private key.
    pub key: String,
}

/// What names a user, so that the same user always sees the same version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StickyBy {
    /// The value of this cookie.
    Cookie(String),
    /// The value of this request header.
    Header(String),
    /// The address that the connection comes from.
    Address,
}

/// Commands around a traffic router that Tidegate does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandLever {
    /// Sets the share that `TIDEGATE_SHARE_PERCENT` says.
    pub shift: String,
    /// Prints the share that is in effect, in percent.
    pub observe: String,
    /// The longest time that each of them may run.
    pub timeout: Millis,
    /// Added to the environment of each.
    pub env: BTreeMap<String, EnvValue>,
    /// Where they run, relative to the policy file.
    pub workdir: String,
}

/// Where measurements come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The gate counts what passes through it.
    Gate,
    /// Counts, integrity alarms and critical reports that others send by API.
    Push,
    /// Counters that a Prometheus server sampled.
    Prometheus(Box<PrometheusSignal>),
}

/// How both versions are asked whether they are up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The URL that only the new version answers.
    pub canary: String,
    /// The URL that only the old version answers.
    pub stable: String,
    /// How often both are asked.
    pub every: Millis,
    /// An answer that takes longer is none.
    pub timeout: Millis,
}

/// A trial that must succeed in a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    /// A command that ends with status 0.
    Command(CommandHook),
    /// A URL that answers as expected.
    Http(HttpHook),
}

/// A command that must end with status 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandHook {
    /// Run by `sh -c`.
    pub run: String,
    /// The longest time that it may run.
    pub timeout: Millis,
    /// Added to its environment.
    pub env: BTreeMap<String, EnvValue>,
    /// Where it runs, relative to the policy file.
    pub workdir: String,
}

/// A URL that must answer with one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpHook {
    /// What is asked for, with GET.
    pub url: String,
    /// The status that means success.
    pub expect: u16,
    /// An answer that takes longer is none.
    pub timeout: Millis,
}

/// The value of an environment variable. A secret is only ever referred to: it is read at the moment of use,
/// by whoever uses it, and reaches neither the journal nor a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// The value itself; not a secret.
    Text(String),
    /// The name of a variable in the environment of Tidegate.
    FromEnv(String),
    /// The path of a file, whose content is the value without a final line break.
    FromFile(String),
}
