//! A policy as typed values, every number in its canonical unit. It is decoded from the checked text only, so
//! whoever holds one need not check again; what names what is already known to exist.

use crate::wiring::{Hook, Lever, Probe, PrometheusSignal, Signal, Target};
use engine::{Budget, Millis, OnUndecided, Share};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that a policy file defines, after `extends`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definitions {
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) targets: BTreeMap<String, Target>,
    pub(crate) levers: BTreeMap<String, Lever>,
    pub(crate) signals: BTreeMap<String, SignalKind>,
    pub(crate) hooks: BTreeMap<String, Hook>,
    pub(crate) rollouts: BTreeMap<String, Rollout>,
    pub(crate) types: BTreeMap<String, ReleaseType>,
    pub(crate) channels: BTreeMap<String, Channel>,
}

/// What is released, and what with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name of the target where its versions run.
    pub target: String,
    /// The name of the lever that moves its users.
    pub lever: String,
    /// The names of its signals; nothing means the lever's own gate, if it is one.
    pub signals: Option<Vec<String>>,
    /// How both versions are asked whether they are up.
    pub probe: Option<Probe>,
    /// The hooks that run in every phase that names none.
    pub hooks: Vec<String>,
    /// The version that users have before the first release.
    pub live: Option<String>,
    /// What it has to do; it changes no release, so that a policy without it keeps its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
    /// What is different in some channels.
    pub channels: BTreeMap<String, ServiceInChannel>,
}

/// What is different for a service in one channel; nothing means as everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceInChannel {
    /// Instead of the service's target.
    pub target: Option<String>,
    /// Instead of the service's lever.
    pub lever: Option<String>,
    /// Instead of the service's signals.
    pub signals: Option<Vec<String>>,
    /// Instead of the service's probe.
    pub probe: Option<Probe>,
    /// Instead of the service's hooks.
    pub hooks: Option<Vec<String>>,
    /// Instead of the service's live version.
    pub live: Option<String>,
    /// Instead of the service's traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
}

/// What a service has to do in an ordinary hour, both versions together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Per second.
    pub requests: f64,
    /// The share that fails while nothing is wrong, as a fraction.
    pub error_rate: f64,
    /// How long they take.
    pub latency: Option<Latency>,
}

/// Two quantiles of the response time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Half of the requests are faster.
    pub p50: Millis,
    /// 95 of 100 are.
    pub p95: Millis,
}

/// A signal's definition: each kind with its settings, if it has any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignalKind {
    Gate {},
    Push {},
    Prometheus(Box<PrometheusSignal>),
}

/// A way to take a release live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// Rising to everybody.
    pub phases: Vec<Phase>,
    /// How long the old version is kept warm after everybody moved.
    pub watch: Millis,
    /// How often arms are measured and versions probed.
    pub interval: Millis,
    /// A measurement that arrives later than this adds no soak.
    pub stale_after: Millis,
    /// The new version must be up and well within this time.
    pub deploy_within: Millis,
    /// What phases must exclude, unless they say otherwise.
    pub margins: Margins,
    /// How the judge is set.
    pub judge: Judge,
    /// What starts a rollback by itself.
    pub triggers: Triggers,
    /// The time that each step of a rollback may take.
    pub rollback: Budget,
}

/// A share of users held for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Who is moved.
    pub share: Share,
    /// For how long; the last phase may go without.
    pub soak: Option<Millis>,
    /// What is different from the rollout's margins.
    pub margins: Option<PhaseMargins>,
    /// What happens when the soak is over and the judge is undecided.
    pub on_undecided: OnUndecided,
    /// Instead of the service's hooks.
    pub hooks: Option<Vec<String>>,
}

/// How much worse the canary may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margins {
    /// Allowed rise of the error proportion, as a fraction.
    pub error_rate: f64,
    /// Allowed slow-down, relative.
    pub response_time: f64,
    /// In percent: 50, 95 or 99.
    pub quantiles: Vec<u8>,
    /// Beyond which a release is harmful; nothing means the margins themselves.
    pub harm: Option<HarmMargins>,
}

/// What one phase has different from its rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseMargins {
    /// Instead of the rollout's.
    pub error_rate: Option<f64>,
    /// Instead of the rollout's.
    pub response_time: Option<f64>,
    /// Instead of the rollout's.
    pub quantiles: Option<Vec<u8>>,
}

/// The margins beyond which a release is harmful, in every phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HarmMargins {
    /// As a fraction.
    pub error_rate: f64,
    /// Relative.
    pub response_time: f64,
}

/// How the judge is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// The chance of a rollback without a cause, over a whole release.
    pub false_alarms: f64,
    /// The chance that a phase passes a canary that sits exactly at a margin.
    pub wrong_passes: f64,
    /// After each rise of the share, what the soft metrics do not judge.
    pub warm_up: Millis,
    /// Over what time the evidence for late faults is spread.
    pub horizon: Millis,
    /// How long errors that come together last.
    pub incident: Millis,
    /// Differences below this are not harm.
    pub latency_floor: Millis,
}

/// What starts a rollback by itself; nothing means off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// Error rate above a limit.
    pub error_rate: Option<ErrorTrigger>,
    /// Response time worse than stable's.
    pub response_time: Option<LatencyTrigger>,
    /// The canary does not answer.
    pub unavailable: Option<UnavailableTrigger>,
    /// Any integrity alarm.
    pub integrity: bool,
    /// Any critical report by a user.
    pub critical_report: bool,
}

/// `error rate > 1 % for 5 consecutive minutes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorTrigger {
    /// As a fraction.
    pub above: f64,
    /// A whole number of windows.
    #[serde(rename = "for")]
    pub lasting: Millis,
    /// The time over which a rate is taken.
    pub window: Millis,
    /// A window with fewer canary requests cannot speak.
    pub min_samples: u64,
}

/// `response time > 50 % worse for 10 minutes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyTrigger {
    /// Relative to stable in the same window.
    pub worse_by: f64,
    /// In percent: 50, 95 or 99.
    pub quantile: u8,
    /// A whole number of windows.
    #[serde(rename = "for")]
    pub lasting: Millis,
    /// The time over which a quantile is taken.
    pub window: Millis,
    /// A window with fewer requests in either arm cannot speak.
    pub min_samples: u64,
}

/// When a version counts as unavailable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnavailableTrigger {
    /// The chance of a false alarm by probes over a whole release.
    pub false_alarms: f64,
    /// Whether the unexpected end of a canary process counts by itself.
    pub process_exit: bool,
}

/// Hotfix, feature, major: which rollout a release takes where the channel leaves it to the type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseType {
    /// The name of the rollout.
    pub rollout: String,
}

/// Development, staging, production: where a release goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The branch that its releases are built from.
    pub branch: String,
    /// How they are taken live.
    pub rollout: RolloutBy,
    /// How flags divide users.
    #[serde(default)]
    pub bucketing: Bucketing,
}

/// How flags divide users: the versions of flagd's `fractional`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucketing {
    /// Over the text itself.
    V2,
    /// Over its CBOR.
    #[default]
    V3,
}

/// Who decides on the rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutBy {
    /// The release's type.
    Type,
    /// The channel, always this rollout.
    Name(String),
}

impl Signal {
    pub(crate) fn of(kind: &SignalKind) -> Self {
        match kind {
            SignalKind::Gate {} => Self::Gate,
            SignalKind::Push {} => Self::Push,
            SignalKind::Prometheus(wired) => Self::Prometheus(wired.clone()),
        }
    }
}
