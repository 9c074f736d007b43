//! The signal against a Prometheus that really scrapes applications, and against servers that mean harm.

mod apps;
mod client;
mod counts;
mod fake;
mod guide;
mod hostile;
mod native;
mod outage;
mod server;

use crate::house::Scratch;
use crate::orders::{command_wiring, order};
use adapters::Adapters;
use control::ports::{Connect, Counted, Order, Reading, Signal};
use engine::Millis;
use judge::Arm;
use policy::{ByLabel, LatencySource, PrometheusArms, PrometheusAuth, PrometheusSignal, Signal as Wired, Wiring};
use std::sync::Arc;
use std::time::{Duration, Instant};

const INTERVAL: Millis = Millis(3_000);

/// The applications' counters, told apart by the label `version`.
fn arms() -> PrometheusArms {
    PrometheusArms::Label(ByLabel {
        label: "version".into(),
        canary: "$version".into(),
        stable: "$version".into(),
        requests: r#"http_requests_total{job="shop"}"#.into(),
        errors: r#"http_requests_total{job="shop",code=~"5.."}"#.into(),
        latency: Some(LatencySource::Classic(r#"http_request_duration_seconds_bucket{job="shop"}"#.into())),
    })
}

/// A service that the server at `url` counts.
fn counted_by(scratch: &Scratch, url: &str, auth: Option<PrometheusAuth>, arms: PrometheusArms) -> Wiring {
    let signal = PrometheusSignal { url: url.into(), auth, timeout: Millis(2_000), lag: Millis(500), arms };
    Wiring { signals: vec![Wired::Prometheus(Box::new(signal))], ..command_wiring(scratch) }
}

fn signal_of(wiring: &Wiring) -> Arc<dyn Signal> {
    Adapters::new(None).connect(wiring).unwrap().signal
}

fn release(wiring: &Wiring, stable: Option<&str>, canary: &str) -> Order {
    Order { interval: INTERVAL, ..order(wiring, stable, canary) }
}

/// A reader with its cursor, as control is one.
struct Reader {
    signal: Arc<dyn Signal>,
    order: Order,
    cursor: String,
    all: Vec<Counted>,
}

impl Reader {
    fn new(wiring: &Wiring, order: Order) -> Self {
        Self { signal: signal_of(wiring), order, cursor: String::new(), all: Vec::new() }
    }

    async fn read(&mut self) -> Reading {
        let reading = self.signal.read(&self.order, &self.cursor).await;
        if let Reading::Counts(counted) = &reading {
            self.cursor.clone_from(&counted.last().unwrap().cursor);
            self.all.extend(counted.clone());
        }
        reading
    }

    /// Reads until it is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&[Counted]) -> bool) {
        let begun = Instant::now();
        while !is_so(&self.all) {
            let reading = self.read().await;
            assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}; {reading:?}\n{:#?}", brief(&self.all));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Reads until a release has begun.
    async fn begin(&mut self) {
        self.until("both arms are counted", |all| {
            all.last().is_some_and(|block| block.canary.is_some() && block.stable.is_some())
        })
        .await;
        self.all.clear();
    }

    /// Reads `blocks` more.
    async fn more(&mut self, blocks: usize) {
        let wanted = self.all.len() + blocks;
        self.until("blocks come", |all| all.len() >= wanted).await;
    }

    fn sum(&self, of: impl Fn(&Counted) -> Option<&Arm>, what: impl Fn(&Arm) -> u64) -> u64 {
        self.all.iter().filter_map(of).map(what).sum()
    }
}

fn canary(counted: &Counted) -> Option<&Arm> {
    counted.canary.as_ref()
}

fn stable(counted: &Counted) -> Option<&Arm> {
    counted.stable.as_ref()
}

/// Requests of canary and stable, block by block, for messages.
fn brief(all: &[Counted]) -> Vec<(i64, Option<u64>, Option<u64>)> {
    let requests = |arm: Option<&Arm>| arm.map(|arm| arm.requests);
    all.iter().map(|block| (block.to.0, requests(canary(block)), requests(stable(block)))).collect()
}
