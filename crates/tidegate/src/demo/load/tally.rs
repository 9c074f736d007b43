//! What users saw, by the version that answered and by the reason when nothing good came.

use serde::Serialize;
use std::collections::BTreeMap;

/// How many failures are kept word for word.
const EXAMPLES: usize = 5;

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The version that answered, as the response says.
    pub(crate) version: Option<String>,
    /// When it was sent, in milliseconds since the epoch.
    pub(crate) sent_ms: i64,
    /// What came.
    pub(crate) fate: Fate,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Well.
    Fine,
    /// With an error that the version itself answered.
    FailedByVersion(u16),
    /// With an error that the gate answered, as no version did.
    FailedByGate(u16),
    /// Without any answer.
    Unanswered(String),
}

/// The sum of answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    /// All requests that ended.
    pub(crate) requests: u64,
    /// By the version that answered.
    pub(crate) versions: BTreeMap<String, Seen>,
    /// Errors that the gate answered itself.
    pub(crate) failed_by_gate: u64,
    /// No answer at all: connections refused, broken or silent.
    pub(crate) unanswered: u64,
    /// The first failures that were no version's own answer, for whoever must understand them.
    pub(crate) examples: Vec<String>,
}

/// What one version answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Seen {
    /// Good answers.
    pub(crate) fine: u64,
    /// Errors.
    pub(crate) failed: u64,
    /// When the last request was sent that this version answered, in milliseconds since the epoch.
    pub(crate) last_sent_ms: i64,
}

impl Tally {
    /// Counts one answer.
    pub(crate) fn note(&mut self, answer: Answer) {
        self.requests += 1;
        if let (Some(version), Fate::Fine | Fate::FailedByVersion(_)) = (&answer.version, &answer.fate) {
            let seen = self.versions.entry(version.clone()).or_default();
            seen.last_sent_ms = seen.last_sent_ms.max(answer.sent_ms);
            if answer.fate == Fate::Fine {
                seen.fine += 1
            } else {
                seen.failed += 1
            }
            return;
        }
        let why = match answer.fate {
            // An answer without a version comes from no version of the demo.
            Fate::Fine => "an answer that no version signed".to_owned(),
            Fate::FailedByVersion(status) | Fate::FailedByGate(status) => format!("HTTP {status} by the gate"),
            Fate::Unanswered(ref why) => why.clone(),
        };
        match answer.fate {
            Fate::Unanswered(_) => self.unanswered += 1,
            Fate::Fine | Fate::FailedByVersion(_) | Fate::FailedByGate(_) => self.failed_by_gate += 1,
        }
        if self.examples.len() < EXAMPLES {
            self.examples.push(format!("at {}: {why}", answer.sent_ms));
        }
    }

    /// What was seen since an `earlier` moment.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut versions = self.versions.clone();
        versions.retain(|version, seen| {
            if let Some(before) = earlier.versions.get(version) {
                seen.fine -= before.fine.min(seen.fine);
                seen.failed -= before.failed.min(seen.failed);
            }
            seen.fine + seen.failed > 0
        });
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            versions,
            failed_by_gate: self.failed_by_gate.saturating_sub(earlier.failed_by_gate),
            unanswered: self.unanswered.saturating_sub(earlier.unanswered),
            examples: self.examples.iter().skip(earlier.examples.len()).cloned().collect(),
        }
    }

    /// Errors that this version answered.
    #[must_use]
    pub(crate) fn failed_by(&self, version: &str) -> u64 {
        self.versions.get(version).map_or(0, |seen| seen.failed)
    }

    /// Everything that did not go well.
    #[must_use]
    pub(crate) fn failed(&self) -> u64 {
        self.failed_by_gate + self.unanswered + self.versions.values().map(|seen| seen.failed).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(version: Option<&str>, fate: Fate) -> Answer {
        Answer { version: version.map(str::to_owned), sent_ms: 7, fate }
    }

    #[test]
    fn every_failure_has_one_culprit() {
        let mut tally = Tally::default();
        tally.note(answer(Some("1.1"), Fate::Fine));
        tally.note(answer(Some("1.2"), Fate::FailedByVersion(500)));
        tally.note(answer(Some("1.2"), Fate::FailedByGate(502)));
        tally.note(answer(None, Fate::Unanswered("refused".into())));
        assert_eq!((tally.requests, tally.failed()), (4, 3));
        assert_eq!((tally.failed_by("1.2"), tally.failed_by_gate, tally.unanswered), (1, 1, 1));
        assert_eq!(tally.examples, ["at 7: HTTP 502 by the gate", "at 7: refused"]);
    }

    #[test]
    fn a_difference_counts_only_what_came_later() {
        let mut tally = Tally::default();
        tally.note(answer(Some("1.0"), Fate::Fine));
        let before = tally.clone();
        tally.note(answer(Some("1.1"), Fate::Fine));
        let since = tally.since(&before);
        assert_eq!(since.requests, 1);
        assert_eq!(since.versions.keys().collect::<Vec<_>>(), ["1.1"]);
    }
}
