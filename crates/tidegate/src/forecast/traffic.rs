//! What a service has to do, and who says so.

use super::History;
use judge::plan::{Scatter, Tail};
use policy::Policy;

/// What a service has to do, both versions together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Traffic {
    /// Per second.
    pub(crate) requests: f64,
    /// The share that fails while nothing is wrong.
    pub(crate) error_rate: f64,
    /// By what evidence from errors will be divided: how strongly they cluster.
    pub(crate) dispersion: f64,
    /// How long requests take, if that is known.
    pub(crate) tail: Option<Tail>,
    /// Where this is known from, for people.
    pub(crate) said_by: String,
}

/// Who says what a service has to do. Other sources, such as a metrics server, are further variants: each answers for one
/// service in one channel, and whatever it needs for that is read before.
#[derive(Debug)]
pub(crate) enum TrafficSource {
    /// `traffic` in the policy.
    Policy,
    /// What the server measured during releases.
    History(History),
}

impl TrafficSource {
    /// What the service has to do in the channel, if this source knows.
    pub(crate) fn of(&self, policy: &Policy, service: &str, channel: &str) -> Option<Traffic> {
        match self {
            Self::Policy => policy.services().get(service)?.traffic_in(channel).map(Traffic::said),
            Self::History(history) => history.of(service, channel),
        }
    }

    /// What to do when it does not know.
    pub(crate) fn missing(&self, service: &str, channel: &str) -> String {
        match self {
            Self::Policy => format!(
                "say `services.{service}.traffic`, such as `{{ requests: 100/s, error_rate: 0.1 % }}`, to be told which phases can be decided"
            ),
            Self::History(_) => {
                format!(
                    "no release of {service} to {channel} was measured yet; without --from-history the policy's `traffic` is read"
                )
            }
        }
    }
}

impl Traffic {
    fn said(said: &policy::Traffic) -> Self {
        Self {
            requests: said.requests,
            error_rate: said.error_rate,
            dispersion: Scatter::INDEPENDENT_ERRORS,
            tail: said.latency.map(tail),
            said_by: "the policy".into(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "latencies are far below 2^53 ms")]
fn tail(latency: policy::Latency) -> Tail {
    let (p50, p95) = (latency.p50.0 as f64, latency.p95.0 as f64);
    Tail::lognormal(1e3 * p50, (p95 / p50).ln() / Z_95)
}

/// The 95 % point of the normal distribution.
const Z_95: f64 = 1.644_853_626_951_472_7;
