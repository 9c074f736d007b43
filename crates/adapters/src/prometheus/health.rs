//! Whether a server answers, and since when: told in the log when it changes, not at every question.

use control::ports::PortError;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How a source is.
#[derive(Clone, Debug, PartialEq)]
pub enum Health {
    /// Nothing was asked yet.
    Unknown,
    /// It answers.
    Answers {
        /// Since when without a failure.
        since: Instant,
    },
    /// It does not.
    Fails {
        /// Since when without an answer.
        since: Instant,
        /// How many questions in a row.
        times: u64,
        /// The last reason.
        error: PortError,
    },
}

/// The health of one source.
#[derive(Debug)]
pub(super) struct Watch(Mutex<Health>);

impl Watch {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Health::Unknown))
    }

    pub(super) fn now(&self) -> Health {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how a question ended.
    pub(super) fn note(&self, source: &str, error: Option<&PortError>) {
        let mut health = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        *health = match (&*health, error) {
            (Health::Answers { since }, None) => Health::Answers { since: *since },
            (Health::Unknown, None) => Health::Answers { since: now },
            (Health::Fails { since, times, .. }, None) => {
                let seconds = since.elapsed().as_secs();
                tracing::info!(source, seconds, times, "Prometheus answers again");
                Health::Answers { since: now }
            }
            (Health::Fails { since, times, .. }, Some(error)) => {
                Health::Fails { since: *since, times: times.saturating_add(1), error: error.clone() }
            }
            (Health::Unknown | Health::Answers { .. }, Some(error)) => {
                tracing::warn!(source, code = error.code, message = %error.message, hint = %error.hint, "Prometheus fails");
                Health::Fails { since: now, times: 1, error: error.clone() }
            }
        };
    }
}
