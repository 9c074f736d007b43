//! What can be wrong with a Prometheus server, as people are told.

use crate::failure::{lasting, passing};
use crate::http::NoAnswer;
use control::ports::PortError;
use engine::Millis;

/// There is no answer.
pub(super) fn silent(url: &str, timeout: Millis, largest: usize, why: NoAnswer) -> PortError {
    match why {
        NoAnswer::Broken(why) => passing(
            "TG-5050",
            format!("Prometheus does not answer at {url}: {why}"),
            "look whether it runs and listens there",
        ),
        NoAnswer::Late => passing(
            "TG-5051",
            format!("Prometheus did not answer at {url} within {timeout}"),
            "look at its load; make the selectors narrower, or `timeout` in the policy longer",
        ),
        NoAnswer::TooLarge => too_large(url, &format!("more than {} MiB", largest / (1024 * 1024))),
    }
}

pub(super) fn too_large(url: &str, how: &str) -> PortError {
    lasting(
        "TG-5055",
        format!("the answer of Prometheus at {url} is too large: {how}"),
        "make the selectors narrower, so that only the counters of this service match",
    )
}

pub(super) fn unauthorized(url: &str, status: u16) -> PortError {
    lasting(
        "TG-5052",
        format!("Prometheus at {url} does not let Tidegate in: status {status}"),
        "look at `auth` of the signal in the policy, and at the secret that it refers to",
    )
}

/// It said no. Trying again can help when it is the server's own trouble.
pub(super) fn refused(url: &str, status: u16, why: &str) -> PortError {
    let error = lasting(
        "TG-5053",
        format!("Prometheus at {url} refuses the question: status {status}: {why}"),
        "try the selectors of the signal in its web page",
    );
    PortError { retry: status >= 500 || status == 429, ..error }
}

pub(super) fn garbled(url: &str, why: &str) -> PortError {
    lasting(
        "TG-5054",
        format!("what answers at {url} does not speak as Prometheus does: {why}"),
        "look at `url` of the signal in the policy; it stands without `/api/v1`",
    )
}

/// A sample that is no count.
pub(super) fn no_count(series: &str, why: &str) -> PortError {
    lasting(
        "TG-5056",
        format!("{series} is no counter: {why}"),
        "select counters of whole requests; for `latency`, the `…_bucket` counters or native histograms",
    )
}

/// A histogram that cannot be compared.
pub(super) fn no_histogram(why: &str) -> PortError {
    lasting(
        "TG-5057",
        format!("the response times cannot be compared: {why}"),
        "give both versions the same buckets, in seconds, and do not change them in a release",
    )
}

/// Counts that contradict each other.
pub(super) fn contradiction(arm: &str, why: &str) -> PortError {
    lasting(
        "TG-5058",
        format!("the counters of {arm} contradict each other: {why}"),
        "let `requests`, `errors` and `latency` count the same requests at the same moment, when they are answered",
    )
}

/// A selector that can never match.
pub(super) fn no_such_label(label: &str, metric: &str) -> PortError {
    lasting(
        "TG-5059",
        format!("`errors` asks for the label `{label}`, which no counter of {metric} has"),
        "write the label as `requests` shows it in the web page of Prometheus",
    )
}
