//! What the server measured during the releases of the last days, read from the journal's file. No server is asked.

use super::Traffic;
use crate::command::audit::{open, unreadable};
use crate::exit::Exit;
use crate::failure::Failure;
use control::{decode_measurement, decode_record};
use engine::{Measurement, Opened, Record, Share};
use journal::{Journal, Sqlite};
use judge::plan::{Scatter, Tail};
use judge::{Histogram, Judge, Settings};
use std::collections::BTreeMap;
use std::path::Path;

/// Releases that were opened longer before a service's newest one say nothing about its traffic now.
const DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;
/// How many measurements are read at once.
const BATCH: usize = 500;

/// What was measured of each service in each channel.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<(String, String), Seen>);

#[derive(Debug)]
struct Seen {
    releases: usize,
    seconds: f64,
    /// Of both versions.
    requests: f64,
    stable_requests: f64,
    stable_errors: f64,
    stable_latency: Histogram,
    /// Reads from stable how errors cluster; it is never told of a phase, and so judges nothing.
    reader: Judge,
}

impl History {
    /// Reads the journal in a data directory.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(crate) async fn read(data: &Path) -> Result<Self, Failure> {
        let journal = open(data)?;
        let mut history = Self::default();
        for (stream, opened) in recent(&journal).await? {
            history.add(&journal, &stream, opened).await?;
        }
        Ok(history)
    }

    pub(super) fn of(&self, service: &str, channel: &str) -> Option<Traffic> {
        let seen = self.0.get(&(service.to_owned(), channel.to_owned()))?;
        if seen.seconds <= 0.0 || seen.stable_requests <= 0.0 {
            return None;
        }
        let dispersion = seen.reader.verdict().dispersion;
        let noun = if seen.releases == 1 { "release" } else { "releases" };
        Some(Traffic {
            requests: seen.requests / seen.seconds,
            // One error more, so that a service that never failed is not taken for one that never will.
            error_rate: (seen.stable_errors + 1.0) / (seen.stable_requests + 1.0),
            dispersion: if dispersion.known { dispersion.phi } else { Scatter::INDEPENDENT_ERRORS },
            tail: (seen.stable_latency.total() > 0).then(|| Tail::of(&seen.stable_latency)),
            said_by: format!("{:.1} h of measurements in {} {noun}", seen.seconds / 3_600.0, seen.releases),
        })
    }

    async fn add(&mut self, journal: &Sqlite, stream: &str, opened: Opened) -> Result<(), Failure> {
        let seen = match self.0.entry((opened.service, opened.channel)) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Seen::nothing()?),
        };
        seen.releases += 1;
        let mut n = 0;
        loop {
            let samples = journal.read_samples(stream, n, BATCH).await.map_err(unreadable)?;
            let Some(last) = samples.last() else { return Ok(()) };
            n = last.n;
            for sample in &samples {
                seen.add(&decode_measurement(sample).map_err(|error| undecodable(&error))?);
            }
        }
    }
}

/// The releases of each service in the days before its newest one, oldest first.
async fn recent(journal: &Sqlite) -> Result<Vec<(String, Opened)>, Failure> {
    let mut opened = Vec::new();
    let mut newest: BTreeMap<(String, String), i64> = BTreeMap::new();
    for head in journal.streams("").await.map_err(unreadable)? {
        let first = journal.read_stream(&head.stream, 0, 1).await.map_err(unreadable)?;
        // Other streams hold tokens and the like.
        let Some(entry) = first.into_iter().next().filter(|entry| entry.kind == "opened") else { continue };
        let (stamp, record) = decode_record(&entry).map_err(|error| undecodable(&error))?;
        if let Record::Opened(release) = record {
            let at = newest.entry((release.service.clone(), release.channel.clone())).or_insert(stamp.at.0);
            *at = stamp.at.0.max(*at);
            opened.push((stamp.at.0, head.stream, *release));
        }
    }
    opened.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    opened.retain(|(at, _, release)| {
        let key = (release.service.clone(), release.channel.clone());
        newest.get(&key).is_some_and(|newest| newest.saturating_sub(*at) <= DAYS * DAY_MS)
    });
    Ok(opened.into_iter().map(|(_, stream, release)| (stream, release)).collect())
}

impl Seen {
    fn nothing() -> Result<Self, Failure> {
        let reader = Judge::new(Settings::default()).map_err(|unsound| {
            Failure::new(Exit::Failed, "TG-1099", "the judge refuses its own defaults").because(unsound.to_string())
        })?;
        Ok(Self {
            releases: 0,
            seconds: 0.0,
            requests: 0.0,
            stable_requests: 0.0,
            stable_errors: 0.0,
            stable_latency: Histogram::new(),
            reader,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few days are far below 2^53")]
    fn add(&mut self, measurement: &Measurement) {
        let Some(stable) = &measurement.stable else { return };
        let canary = measurement.canary.as_ref().map_or(0, |canary| canary.requests);
        self.seconds += super::seconds_of(measurement.span());
        self.requests += (stable.requests + canary) as f64;
        self.stable_requests += stable.requests as f64;
        self.stable_errors += stable.errors as f64;
        self.stable_latency.merge(&stable.latency);
        let _learned = self.reader.absorb(&measurement.block(measurement.share.unwrap_or(Share::NONE)));
    }
}

fn undecodable(error: &control::Undecodable) -> Failure {
    Failure::new(Exit::Failed, "TG-7038", "the history cannot be read").because(error.to_string()).hint(
        "use the version of tidegate that the server runs, or say `traffic` in the policy and leave out --from-history",
    )
}

#[cfg(test)]
mod tests;
