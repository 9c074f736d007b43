//! Which counters of a Prometheus server are whose: apart from the rest of the wiring, since it alone has queries in it.

use super::EnvValue;
use engine::Millis;
use serde::{Deserialize, Serialize};

/// A Prometheus server as a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrometheusSignal {
    /// Where it answers, without `/api/v1`.
    pub url: String,
    /// How it knows us.
    pub auth: Option<PrometheusAuth>,
    /// An answer that takes longer is none.
    pub timeout: Millis,
    /// How long samples take until they can be asked for.
    pub lag: Millis,
    /// Which counters are whose.
    pub arms: PrometheusArms,
}

/// How a server knows us. The secret is read when a question is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrometheusAuth {
    /// `Authorization: Bearer …`.
    Bearer(EnvValue),
    /// A user and a password.
    Basic(BasicAuth),
}

/// A user and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// Not a secret.
    pub user: String,
    /// Where the password is.
    pub password: EnvValue,
}

/// How the versions' counters are told apart. `$version` stands for the version of the arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrometheusArms {
    /// The same counters, by the value of a label.
    Label(ByLabel),
    /// Other selectors for each arm.
    Queries(ByQuery),
}

/// The same selectors for both arms, and a label that tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByLabel {
    /// The label's name.
    pub label: String,
    /// Its value for the new version.
    pub canary: String,
    /// Its value for the old version.
    pub stable: String,
    /// Selects the counters of requests.
    pub requests: String,
    /// Selects the counters of failed requests.
    pub errors: String,
    /// Selects the histogram of response times.
    pub latency: Option<LatencySource>,
}

/// Selectors for each arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByQuery {
    /// Of the new version.
    pub canary: ArmQueries,
    /// Of the old version.
    pub stable: ArmQueries,
}

/// The selectors of one arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmQueries {
    /// Selects the counters of requests.
    pub requests: String,
    /// Selects the counters of failed requests.
    pub errors: String,
    /// Selects the histogram of response times.
    pub latency: Option<LatencySource>,
}

/// A histogram of response times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatencySource {
    /// Selects `…_bucket` counters with the label `le`.
    Classic(String),
    /// Selects native histograms.
    Native(String),
}

impl PrometheusArms {
    /// The selectors of the new version's arm and of the old one's, before a version is put into them.
    #[must_use]
    pub fn queries(&self) -> [&str; 4] {
        match self {
            Self::Label(by) => [&by.requests, &by.errors, &by.requests, &by.errors],
            Self::Queries(by) => [&by.canary.requests, &by.canary.errors, &by.stable.requests, &by.stable.errors],
        }
    }
}
