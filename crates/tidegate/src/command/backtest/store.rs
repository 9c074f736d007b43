//! A recording out of the project's own store: the measurements of all releases of a service. The file is read, and a server
//! that runs meanwhile is not disturbed.

use super::source::{Between, Named};
use super::told;
use crate::command::audit::{open, unreadable};
use crate::exit::Exit;
use crate::failure::Failure;
use backtest::{Interval, Recording, Units};
use control::{ReleaseId, decode_measurement, decode_record};
use engine::{Measurement, Record, Share};
use journal::{Journal, Sqlite};
use judge::USER_BUCKETS;
use std::path::Path;

/// How many samples are read at once.
const BATCH: usize = 500;

pub(super) async fn read(data: &Path, between: Between, service: &str) -> Result<Named, Failure> {
    let journal = open(data)?;
    let mut measured = Vec::new();
    let mut releases = 0;
    for head in journal.streams(ReleaseId::STREAMS).await.map_err(unreadable)? {
        if of_service(&journal, &head.stream, service).await? {
            releases += 1;
            measurements(&journal, &head.stream, between, &mut measured).await?;
        }
    }
    if measured.is_empty() {
        return Err(Failure::new(
            Exit::Failed,
            "TG-7055",
            format!("no measurement of {service} is in {}", data.display()),
        )
        .because(format!("of {releases} releases none was measured while the old version had users"))
        .hint("look at --service, --from and --to, and at `tidegate release list`"));
    }
    measured.sort_by_key(|one: &Measurement| (one.from, one.to));
    let before = measured.len();
    // Two releases never measure one service at once; a clock that was set back makes it look so.
    let mut end = i64::MIN;
    measured.retain(|one| {
        let follows = one.from.0 >= end && one.to > one.from;
        if follows {
            end = one.to.0;
        }
        follows
    });
    let mut notes = Vec::new();
    if measured.len() < before {
        notes.push(format!(
            "{} measurements overlap others, as after a clock was set back, and are left out",
            before - measured.len()
        ));
    }
    let bucketed = |one: &Measurement| one.stable.as_ref().is_some_and(|arm| arm.buckets.len() == USER_BUCKETS);
    let users = measured.iter().all(bucketed);
    let intervals = measured.into_iter().map(|one| Interval {
        from_ms: one.from.0,
        to_ms: one.to.0,
        stable: vec![one.stable],
        canary: one.canary,
    });
    let units = if users { Units::UserBuckets } else { Units::Total };
    let recording = Recording::new(units, intervals.collect()).map_err(told)?;
    notes.push(format!("it is what {releases} releases of {service} measured, one after another"));
    Ok(Named { recording, name: data.display().to_string(), notes })
}

async fn of_service(journal: &Sqlite, stream: &str, service: &str) -> Result<bool, Failure> {
    let first = journal.read_stream(stream, 0, 1).await.map_err(unreadable)?;
    let Some(entry) = first.first() else { return Ok(false) };
    let (_, record) = decode_record(entry).map_err(|error| undecodable(&error))?;
    Ok(matches!(record, Record::Opened(opened) if opened.service == service))
}

async fn measurements(
    journal: &Sqlite,
    stream: &str,
    between: Between,
    found: &mut Vec<Measurement>,
) -> Result<(), Failure> {
    let mut n = 0;
    loop {
        let samples = journal.read_samples(stream, n, BATCH).await.map_err(unreadable)?;
        let Some(last) = samples.last() else { return Ok(()) };
        n = last.n;
        for sample in &samples {
            let measurement = decode_measurement(sample).map_err(|error| undecodable(&error))?;
            let wanted = between.from_ms.is_none_or(|from| measurement.from.0 >= from)
                && between.to_ms.is_none_or(|to| measurement.to.0 <= to);
            // With everybody on the new version the old one did nothing that a replay could split.
            let served = measurement.stable.is_some() && measurement.share.is_none_or(|share| share < Share::ALL);
            if wanted && served {
                found.push(measurement);
            }
        }
    }
}

fn undecodable(error: &control::Undecodable) -> Failure {
    Failure::new(Exit::Failed, "TG-7064", error.to_string()).hint("read it with the version that wrote it")
}
