//! What is read from a journal is what was measured, and only of the releases that are meant.

use super::{DAY_MS, History};
use crate::runtime;
use crate::serve::JOURNAL;
use engine::{Measurement, Millis, Opened, Record, Share, Timestamp};
use journal::{Draft, Fence, Journal, Sqlite};
use judge::{Arm, Histogram};
use std::path::{Path, PathBuf};

const NOW_MS: i64 = 1_790_000_000_000;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tidegate-history-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// A release of the shop with minutes of a thousand requests of which two fail, a tenth of both on the new version.
async fn release(journal: &Sqlite, stream: &str, at_ms: i64, minutes: i64) {
    let policy = policy::read(&policy::starter("shop").unwrap(), "tidegate.yaml").unwrap();
    let record = Record::Opened(Box::new(Opened {
        service: "shop".into(),
        channel: "production".into(),
        release_type: "feature".into(),
        version: "2.0".into(),
        artifact: "version:2.0".into(),
        live: Some("1.0".into()),
        waits_for: None,
        plan: policy.compile("shop", "production", "feature").unwrap().plan,
        wiring: String::new(),
        policy: policy.digest().into(),
        quarantine_lifted: None,
        note: None,
    }));
    let body = serde_json::to_string(&record).unwrap();
    let draft = Draft { kind: record.kind().to_string(), at_ms, actor: "somebody".into(), body };
    journal.append(stream, 0, Fence(0), vec![draft]).await.unwrap();
    for minute in 0..minutes {
        let from = Timestamp(at_ms + minute * 60_000);
        let to = from + Millis::minutes(1);
        let measurement = Measurement {
            cursor: String::new(),
            from,
            to,
            received_at: to,
            share: Some(Share::percent(10)),
            stable: Some(arm(900, 2)),
            canary: Some(arm(100, 0)),
            gap: None,
            probes: Vec::new(),
            exits: Vec::new(),
        };
        let body = serde_json::to_string(&measurement).unwrap();
        journal.append_sample(stream, u64::try_from(minute).unwrap(), 1, Fence(0), body).await.unwrap();
    }
}

fn arm(requests: u64, errors: u64) -> Arm {
    let mut latency = Histogram::new();
    (0..requests).for_each(|i| latency.record(50_000 + 100 * i));
    Arm { requests, errors, latency, ..Arm::default() }
}

fn read(data: &Path) -> History {
    runtime::here(History::read(data)).unwrap()
}

#[test]
fn traffic_is_what_was_measured() {
    let folder = Folder::new("measured");
    runtime::here(async {
        let journal = Sqlite::open(folder.0.join(JOURNAL)).unwrap();
        release(&journal, "first", NOW_MS, 30).await;
        release(&journal, "second", NOW_MS + 3_600_000, 30).await;
        Ok(())
    })
    .unwrap();
    let traffic = read(&folder.0).of("shop", "production").unwrap();
    assert!((traffic.requests - 1_000.0 / 60.0).abs() < 1e-9, "{}", traffic.requests);
    assert!((traffic.error_rate - 121.0 / 54_001.0).abs() < 1e-12, "{}", traffic.error_rate);
    assert!(traffic.tail.is_some());
    assert_eq!(traffic.said_by, "1.0 h of measurements in 2 releases");
    assert_eq!(read(&folder.0).of("shop", "staging"), None);
}

#[test]
fn what_is_older_than_a_week_says_nothing() {
    let folder = Folder::new("older");
    runtime::here(async {
        let journal = Sqlite::open(folder.0.join(JOURNAL)).unwrap();
        release(&journal, "old", NOW_MS - 8 * DAY_MS, 3).await;
        release(&journal, "new", NOW_MS, 6).await;
        Ok(())
    })
    .unwrap();
    assert_eq!(read(&folder.0).of("shop", "production").unwrap().said_by, "0.1 h of measurements in 1 release");
}

#[test]
fn a_release_without_measurements_is_no_history() {
    let folder = Folder::new("empty");
    runtime::here(async {
        release(&Sqlite::open(folder.0.join(JOURNAL)).unwrap(), "only", NOW_MS, 0).await;
        Ok(())
    })
    .unwrap();
    assert_eq!(read(&folder.0).of("shop", "production"), None);
}
