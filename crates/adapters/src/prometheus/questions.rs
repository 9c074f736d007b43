//! What is asked for each arm: the selectors of the policy with the arm's version in them.

use super::arm::{Sampled, SampledLatency};
use super::client::Prometheus;
use super::counter::Counter;
use crate::failure::lasting;
use control::ports::{PortError, PortResult};
use engine::{Millis, Timestamp};
use policy::selector::{Selector, VERSION};
use policy::{ArmQueries, ByLabel, LatencySource, PrometheusArms};

/// The questions about one arm.
#[derive(Clone, Debug)]
pub(super) struct Questions {
    requests: Selector,
    errors: Selector,
    latency: Latency,
}

#[derive(Clone, Debug)]
enum Latency {
    NotAsked,
    Classic(Selector),
    Native(Selector),
}

/// Which arm.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Canary,
    Stable,
}

impl Questions {
    /// The questions about an arm with this version.
    pub(super) fn about(arms: &PrometheusArms, side: Side, version: &str) -> PortResult<Self> {
        match (arms, side) {
            (PrometheusArms::Label(by), Side::Canary) => Self::by_label(by, &by.canary, version),
            (PrometheusArms::Label(by), Side::Stable) => Self::by_label(by, &by.stable, version),
            (PrometheusArms::Queries(by), Side::Canary) => Self::by_query(&by.canary, version),
            (PrometheusArms::Queries(by), Side::Stable) => Self::by_query(&by.stable, version),
        }
    }

    fn by_label(by: &ByLabel, value: &str, version: &str) -> PortResult<Self> {
        let value = value.replace(VERSION, version);
        let read = |text: &str| Ok(selector(text)?.of_version(version).and(&by.label, &value));
        Self::new(&by.requests, &by.errors, by.latency.as_ref(), read)
    }

    fn by_query(by: &ArmQueries, version: &str) -> PortResult<Self> {
        Self::new(&by.requests, &by.errors, by.latency.as_ref(), |text| Ok(selector(text)?.of_version(version)))
    }

    fn new(
        requests: &str,
        errors: &str,
        latency: Option<&LatencySource>,
        read: impl Fn(&str) -> PortResult<Selector>,
    ) -> PortResult<Self> {
        let latency = match latency {
            None => Latency::NotAsked,
            Some(LatencySource::Classic(text)) => Latency::Classic(read(text)?),
            Some(LatencySource::Native(text)) => Latency::Native(read(text)?),
        };
        Ok(Self { requests: read(requests)?, errors: read(errors)?, latency })
    }

    /// Everything that was sampled in the time before `at`.
    pub(super) async fn ask(&self, server: &Prometheus, at: Timestamp, back: Millis) -> PortResult<Sampled> {
        // In a box, or the questions about two arms at once would be one large future.
        let all = |selector: &Selector| {
            let promql = format!("{selector}[{}ms]", back.0);
            Box::pin(async move { server.query(&promql, at).await })
        };
        let latency = async {
            Ok::<_, PortError>(match &self.latency {
                Latency::NotAsked => SampledLatency::NotAsked,
                Latency::Classic(selector) => SampledLatency::Classic(numbers(all(selector).await?)),
                Latency::Native(selector) => SampledLatency::Native(
                    all(selector)
                        .await?
                        .into_iter()
                        .map(|series| Counter { labels: series.labels, samples: series.histograms })
                        .collect(),
                ),
            })
        };
        let (requests, errors, latency) = tokio::try_join!(all(&self.requests), all(&self.errors), latency)?;
        let among = self.requests.metric() == self.errors.metric();
        Ok(Sampled {
            requests: numbers(requests),
            errors: numbers(errors),
            latency,
            errors_among_requests: among.then(|| self.errors.clone()),
        })
    }
}

fn numbers(series: Vec<super::Series>) -> Vec<Counter<f64>> {
    series.into_iter().map(|series| Counter { labels: series.labels, samples: series.samples }).collect()
}

fn selector(text: &str) -> PortResult<Selector> {
    Selector::parse(text).map_err(|why| {
        lasting(
            "TG-5010",
            format!("the release asks Prometheus for `{text}`: {why}"),
            "open the release again with a policy that `tidegate check` finds well",
        )
    })
}
