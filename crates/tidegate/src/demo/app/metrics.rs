//! What the application counts, as Prometheus reads it, so that the demo's two versions can be scraped by one that is at
//! hand.

use hyper::StatusCode;
use std::fmt::Write as _;
use std::time::Duration;

/// The statuses that it answers with. Their counters are there from the beginning: a counter that appears with its first
/// error is one that nobody knows to be zero before.
const CODES: [StatusCode; 3] = [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE];

/// Upper edges in milliseconds, about 20 % apart around the usual times.
const EDGES_MS: [u64; 16] = [10, 20, 30, 40, 50, 60, 72, 86, 104, 125, 150, 180, 220, 300, 500, 1_000];

/// The counters of one version.
#[derive(Debug)]
pub(crate) struct Metrics {
    version: String,
    requests: [u64; CODES.len()],
    /// One for each edge, and one for what is slower.
    buckets: [u64; EDGES_MS.len() + 1],
    total: Duration,
}

impl Metrics {
    pub(crate) fn new(version: &str) -> Self {
        // A label is a text in quotes.
        let version = version.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        Self { version, requests: [0; CODES.len()], buckets: [0; EDGES_MS.len() + 1], total: Duration::ZERO }
    }

    /// Counts an answer.
    pub(crate) fn count(&mut self, status: StatusCode, after: Duration) {
        if let Some(count) = CODES.iter().position(|code| *code == status).and_then(|at| self.requests.get_mut(at)) {
            *count += 1;
        }
        let bucket = EDGES_MS.partition_point(|edge| Duration::from_millis(*edge) < after);
        if let Some(count) = self.buckets.get_mut(bucket) {
            *count += 1;
        }
        self.total += after;
    }

    /// The page, in the text format.
    pub(crate) fn page(&self) -> String {
        let version = &self.version;
        let mut page =
            String::from("# HELP http_requests_total Requests answered.\n# TYPE http_requests_total counter\n");
        for (code, count) in CODES.iter().zip(self.requests) {
            let code = code.as_u16();
            let _infallible = writeln!(page, "http_requests_total{{version=\"{version}\",code=\"{code}\"}} {count}");
        }
        page.push_str(
            "# HELP http_request_duration_seconds How long answers took.\n# TYPE http_request_duration_seconds histogram\n",
        );
        let name = "http_request_duration_seconds";
        let mut sum = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            sum += count;
            let le =
                EDGES_MS.get(at).map_or("+Inf".to_owned(), |ms| Duration::from_millis(*ms).as_secs_f64().to_string());
            let _infallible = writeln!(page, "{name}_bucket{{version=\"{version}\",le=\"{le}\"}} {sum}");
        }
        let seconds = self.total.as_secs_f64();
        let _infallible = writeln!(page, "{name}_sum{{version=\"{version}\"}} {seconds}");
        let _infallible = writeln!(page, "{name}_count{{version=\"{version}\"}} {sum}");
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_was_counted() {
        let mut metrics = Metrics::new("1.1");
        metrics.count(StatusCode::OK, Duration::from_millis(60));
        metrics.count(StatusCode::OK, Duration::from_micros(60_001));
        metrics.count(StatusCode::INTERNAL_SERVER_ERROR, Duration::from_secs(2));
        let page = metrics.page();
        for line in [
            "http_requests_total{version=\"1.1\",code=\"200\"} 2",
            "http_requests_total{version=\"1.1\",code=\"500\"} 1",
            "http_requests_total{version=\"1.1\",code=\"503\"} 0",
            "http_request_duration_seconds_bucket{version=\"1.1\",le=\"0.05\"} 0",
            "http_request_duration_seconds_bucket{version=\"1.1\",le=\"0.06\"} 1",
            "http_request_duration_seconds_bucket{version=\"1.1\",le=\"0.072\"} 2",
            "http_request_duration_seconds_bucket{version=\"1.1\",le=\"1\"} 2",
            "http_request_duration_seconds_bucket{version=\"1.1\",le=\"+Inf\"} 3",
            "http_request_duration_seconds_count{version=\"1.1\"} 3",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
        }
    }
}
