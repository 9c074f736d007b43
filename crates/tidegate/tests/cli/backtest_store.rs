//! `tidegate backtest --data`: the measurements of a server's own store, as control writes them.

use crate::backtest::environment;
use control::ReleaseId;
use engine::{Measurement, Opened, Record, Share, Timestamp};
use journal::{Draft, Journal, Sqlite};
use judge::{Arm, Bucket};
use std::path::Path;

const HALF_AN_HOUR: i64 = 180;

/// A release of `service` that was measured for half an hour; each user group has a request a second.
async fn written(file: &Path, service: &str) {
    let journal = Sqlite::open(file).unwrap();
    let fence = journal.acquire("test", 0, 10_000).await.unwrap().fence;
    let policy = policy::read(crate::backtest::POLICY, "p").unwrap();
    let record = Record::Opened(Box::new(Opened {
        service: service.to_owned(),
        channel: "production".to_owned(),
        release_type: "feature".to_owned(),
        version: "2".to_owned(),
        artifact: "version:2".to_owned(),
        live: Some("1".to_owned()),
        waits_for: None,
        plan: policy.compile("shop", "production", "feature").unwrap().plan,
        wiring: String::new(),
        policy: policy.digest().to_owned(),
        quarantine_lifted: None,
        note: None,
    }));
    let body = serde_json::to_string(&record).unwrap();
    let draft = Draft { kind: record.kind().to_string(), at_ms: 0, actor: "ada".to_owned(), body };
    let stream = ReleaseId(1).stream();
    journal.append(&stream, 0, fence, vec![draft]).await.unwrap();
    for n in 0..HALF_AN_HOUR {
        let body = serde_json::to_string(&measurement(n)).unwrap();
        journal.append_sample(&stream, u64::try_from(n).unwrap(), 1, fence, body).await.unwrap();
    }
}

/// The canary fails one request in ten.
fn measurement(n: i64) -> Measurement {
    let arm = |requests: u64, errors: u64| {
        let buckets = vec![Bucket { requests, errors, affected_users: errors }; 64];
        Arm { requests: 64 * requests, errors: 64 * errors, buckets, ..Arm::default() }
    };
    Measurement {
        cursor: String::new(),
        from: Timestamp(n * 10_000),
        to: Timestamp((n + 1) * 10_000),
        received_at: Timestamp((n + 1) * 10_000),
        share: Some(Share::percent(50)),
        stable: Some(arm(10, 0)),
        canary: Some(arm(10, 1)),
        gap: None,
        probes: Vec::new(),
        exits: Vec::new(),
    }
}

#[test]
fn releases_of_the_past_are_a_recording_by_users() {
    let env = environment();
    std::fs::create_dir(env.path("data")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(written(&env.path("data/journal.db"), "shop"));
    let line = "backtest --data data --rollout quick --runs 3 --incident 0..1800:bad --json";
    let ran = env.run(line);
    assert_eq!(ran.code, 0, "{}", ran.screen());
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&json["recording"]["split_by"], &json["recording"]["intervals"]),
        (&"user_buckets".into(), &180.into())
    );
    let found = &json["rollouts"][0]["incidents"][0];
    assert_eq!((&found["replay"]["against"], &found["found"]), (&"other_arm".into(), &1.into()));
    let calm = env.run("backtest --data data --rollout quick --runs 3 --json");
    let json: serde_json::Value = serde_json::from_str(&calm.stdout).unwrap();
    assert_eq!(json["rollouts"][0]["healthy"]["summary"]["false_alarms"]["count"], 0);
}

#[test]
fn releases_of_other_services_are_not_read() {
    let env = environment();
    std::fs::create_dir(env.path("data")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(written(&env.path("data/journal.db"), "cart"));
    let ran = env.run("backtest --data data --rollout quick");
    assert!(ran.code == 1 && ran.stderr.contains("TG-7055"), "{}", ran.screen());
}
