//! The counts in the text format that Prometheus scrapes.

mod process;

use std::fmt::Write as _;

use judge::sketch::upper_edge_us;

use crate::count::ArmTally;
use crate::gate::Gate;
use crate::route::Arm;
use crate::wire::{InstanceStatus, ServiceStatus, VersionState};

/// Upper edges of the latency buckets that are scraped, in seconds. The counts behind them are known to 1 %, so an edge is meant
/// to within 1 %.
const EDGES: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// All metrics of the gate, up to now.
pub(crate) fn render(gate: &Gate) -> String {
    let mut page = Page::default();
    page.head("tidegate_gate_start_time_seconds", "gauge", "When the gate started, in seconds since the Unix epoch.");
    page.line("tidegate_gate_start_time_seconds", &[], gate.status().started_ms as f64 / 1_000.0);
    let mut arms: Vec<(String, Arm, String, ArmTally)> = Vec::new();
    let mut services: Vec<(String, ServiceStatus)> = Vec::new();
    gate.for_each(|name, service| {
        let totals = service
            .collect()
            .totals()
            .map(|(arm, version, counts)| (name.to_owned(), arm, version.to_owned(), counts.clone()));
        arms.extend(totals);
        services.push((name.to_owned(), service.status()));
    });
    process::of_process(&mut page, gate.status().started_ms);
    page.head("tidegate_gate_build_info", "gauge", "1, with the gate's version.");
    page.line("tidegate_gate_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    of_services(&mut page, &services);
    of_clients(&mut page, gate);
    of_arms(&mut page, &arms);
    page.0
}

fn of_services(page: &mut Page, services: &[(String, ServiceStatus)]) {
    page.head("tidegate_gate_canary_share", "gauge", "Share of users that goes to the canary, as a fraction.");
    for (name, status) in services {
        page.line("tidegate_gate_canary_share", &[("service", name)], f64::from(status.share_ppm) / 1e6);
    }
    page.head("tidegate_gate_listening", "gauge", "1 if the service can be reached.");
    for (name, status) in services {
        page.line("tidegate_gate_listening", &[("service", name)], f64::from(u8::from(status.not_listening.is_none())));
    }
    page.head("tidegate_gate_version_healthy", "gauge", "1 if the version answered its last health check.");
    for_each_version(services, |labels, version| {
        page.line("tidegate_gate_version_healthy", labels, f64::from(u8::from(version.state == VersionState::Healthy)));
    });
    page.head(
        "tidegate_gate_instance_healthy",
        "gauge",
        "1 if this instance of the version answered its last health check.",
    );
    for_each_instance(services, |page_labels, instance| {
        let healthy = instance.state == VersionState::Healthy;
        page.line("tidegate_gate_instance_healthy", page_labels, f64::from(u8::from(healthy)));
    });
    page.head(
        "tidegate_gate_instance_ejected",
        "gauge",
        "1 if this instance gets no requests because those it had failed.",
    );
    for_each_instance(services, |page_labels, instance| {
        page.line("tidegate_gate_instance_ejected", page_labels, f64::from(u8::from(instance.ejected)));
    });
    page.head("tidegate_gate_withdrawn", "gauge", "1 if the gate took users back because it had no word from control.");
    for (name, status) in services {
        let withdrawn = f64::from(u8::from(status.withdrawn_by_gate.is_some()));
        page.line("tidegate_gate_withdrawn", &[("service", name)], withdrawn);
    }
    page.head("tidegate_gate_version_restarts_total", "counter", "Times the version's process was started again.");
    for_each_version(services, |labels, version| {
        page.line("tidegate_gate_version_restarts_total", labels, version.restarts as f64);
    });
}

fn of_clients(page: &mut Page, gate: &Gate) {
    let mut clients = Vec::new();
    gate.for_each(|name, service| {
        let seats = service.lane().seats();
        clients.push((name.to_owned(), seats.taken(), seats.waited()));
    });
    page.head("tidegate_gate_connections", "gauge", "Connections of clients that are being served.");
    for (name, taken, _) in &clients {
        page.line("tidegate_gate_connections", &[("service", name)], *taken as f64);
    }
    page.head(
        "tidegate_gate_connections_waited_total",
        "counter",
        "Connections that came when there were as many as may be.",
    );
    for (name, _, waited) in &clients {
        page.line("tidegate_gate_connections_waited_total", &[("service", name)], *waited as f64);
    }
    page.head("tidegate_gate_certificate_current", "gauge", "1 if the certificate on disk is the one in use.");
    for (name, current) in gate.certificates() {
        page.line("tidegate_gate_certificate_current", &[("service", &name)], f64::from(u8::from(current)));
    }
    if let Some(log) = gate.access_log() {
        page.head(
            "tidegate_gate_access_log_dropped_total",
            "counter",
            "Lines of the access log that were not written.",
        );
        page.line("tidegate_gate_access_log_dropped_total", &[], log.dropped() as f64);
    }
}

fn for_each_version(
    services: &[(String, ServiceStatus)],
    mut each: impl FnMut(&[(&str, &str)], &crate::wire::VersionStatus),
) {
    for (name, status) in services {
        for version in &status.versions {
            each(&[("service", name), ("version", &version.version)], version);
        }
    }
}

fn for_each_instance(services: &[(String, ServiceStatus)], mut each: impl FnMut(&[(&str, &str)], &InstanceStatus)) {
    for_each_version(services, |labels, version| {
        for (number, instance) in version.instances.iter().enumerate() {
            let number = (number + 1).to_string();
            let labels: Vec<_> = labels.iter().copied().chain([("instance", number.as_str())]).collect();
            each(&labels, instance);
        }
    });
}

type OfArm = (&'static str, &'static str, fn(&ArmTally) -> u64);

const COUNTERS: [OfArm; 7] = [
    ("tidegate_gate_requests_total", "Requests that were answered, or failed.", |counts| counts.requests),
    ("tidegate_gate_errors_total", "Requests that failed: a 5xx, a failed connection, a time-out.", |counts| {
        counts.errors
    }),
    (
        "tidegate_gate_retried_on_stable_total",
        "Failed connections to the canary where stable answered instead.",
        |counts| counts.retried_on_stable,
    ),
    ("tidegate_gate_abandoned_total", "Requests whose client went away before an answer.", |counts| counts.abandoned),
    ("tidegate_gate_truncated_total", "Responses that broke off after their headers.", |counts| counts.truncated),
    ("tidegate_gate_forced_requests_total", "Requests that asked for the arm; in no other count.", |counts| {
        counts.forced
    }),
    ("tidegate_gate_forced_errors_total", "Those of them that failed.", |counts| counts.forced_errors),
];

fn of_arms(page: &mut Page, arms: &[(String, Arm, String, ArmTally)]) {
    for (metric, help, value) in COUNTERS {
        page.head(metric, "counter", help);
        for (service, arm, version, counts) in arms {
            let labels = [("service", service.as_str()), ("arm", arm.name()), ("version", version)];
            page.line(metric, &labels, value(counts) as f64);
        }
    }
    page.head("tidegate_gate_request_duration_seconds", "histogram", "From request to response headers.");
    for (service, arm, version, counts) in arms {
        histogram(page, &[("service", service), ("arm", arm.name()), ("version", version)], counts);
    }
}

fn histogram(page: &mut Page, labels: &[(&str, &str)], counts: &ArmTally) {
    let latency = counts.latency();
    for edge in EDGES {
        // Half a bucket of tolerance, so that a bucket whose edge is the wanted one up to rounding is not left out.
        let below = latency
            .iter()
            .filter(|(bucket, _)| upper_edge_us(*bucket) <= edge * 1e6 * 1.009)
            .map(|(_, count)| count)
            .sum::<u64>();
        let edge = edge.to_string();
        let labels: Vec<_> = labels.iter().copied().chain([("le", edge.as_str())]).collect();
        page.line("tidegate_gate_request_duration_seconds_bucket", &labels, below as f64);
    }
    let all = latency.iter().map(|(_, count)| count).sum::<u64>() as f64;
    let infinity: Vec<_> = labels.iter().copied().chain([("le", "+Inf")]).collect();
    page.line("tidegate_gate_request_duration_seconds_bucket", &infinity, all);
    page.line("tidegate_gate_request_duration_seconds_sum", labels, counts.latency_sum_us as f64 / 1e6);
    page.line("tidegate_gate_request_duration_seconds_count", labels, all);
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, metric: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {metric} {help}\n# TYPE {metric} {kind}");
    }

    /// Labels are names that were checked, so nothing in them needs escaping.
    fn line(&mut self, metric: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{metric}{labels} {value}");
    }
}
