//! A journal whose disk fills up, and what clients are told then.

use crate::world::World;
use journal::{
    AppendError, Begun, BoxFuture, Damage, Draft, Entry, Fence, Head, Journal, Lease, LeaseError, Memory, Report,
    Sample, StreamHead, Tail, Unavailable, UnavailableKind,
};
use serde_json::json;
use std::sync::Mutex;

/// A journal in memory that can be told to fail.
#[derive(Default)]
pub(crate) struct Outage {
    inner: Memory,
    writing: Mutex<Option<UnavailableKind>>,
    reading: Mutex<Option<UnavailableKind>>,
}

impl Outage {
    /// From now on nothing can be written.
    pub(crate) fn stop_writing(&self, kind: Option<UnavailableKind>) {
        *self.writing.lock().unwrap() = kind;
    }

    /// From now on nothing can be read.
    pub(crate) fn stop_reading(&self, kind: Option<UnavailableKind>) {
        *self.reading.lock().unwrap() = kind;
    }

    fn writes(&self) -> Result<(), Unavailable> {
        down(*self.writing.lock().unwrap())
    }

    fn reads(&self) -> Result<(), Unavailable> {
        down(*self.reading.lock().unwrap())
    }
}

fn down(kind: Option<UnavailableKind>) -> Result<(), Unavailable> {
    match kind {
        Some(kind) => Err(Unavailable { kind, place: None, detail: "/var/secret/path".into() }),
        None => Ok(()),
    }
}

impl Journal for Outage {
    fn append(
        &self,
        stream: &str,
        expected_seq: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> BoxFuture<'_, Result<Vec<Entry>, AppendError>> {
        match self.writes() {
            Ok(()) => self.inner.append(stream, expected_seq, fence, drafts),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }

    fn append_sample(
        &self,
        stream: &str,
        expected_n: u64,
        after_seq: u64,
        fence: Fence,
        body: String,
    ) -> BoxFuture<'_, Result<Sample, AppendError>> {
        match self.writes() {
            Ok(()) => self.inner.append_sample(stream, expected_n, after_seq, fence, body),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }

    fn read_stream(&self, stream: &str, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        match self.reads() {
            Ok(()) => self.inner.read_stream(stream, after, limit),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    fn read_all(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        match self.reads() {
            Ok(()) => self.inner.read_all(after, limit),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    fn read_samples(&self, stream: &str, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Sample>, Unavailable>> {
        match self.reads() {
            Ok(()) => self.inner.read_samples(stream, after, limit),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    fn streams(&self, prefix: &str) -> BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>> {
        self.inner.streams(prefix)
    }

    fn begun(&self, prefix: &str, after_position: u64) -> BoxFuture<'_, Result<Begun, Unavailable>> {
        self.inner.begun(prefix, after_position)
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, Unavailable>> {
        match self.reads() {
            Ok(()) => self.inner.head(),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    fn tail(&self, after_position: u64) -> Tail {
        self.inner.tail(after_position)
    }

    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        self.inner.acquire(holder, now_ms, ttl_ms)
    }

    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        self.inner.renew(lease, now_ms, ttl_ms)
    }

    fn release(&self, lease: &Lease) -> BoxFuture<'_, Result<(), LeaseError>> {
        self.inner.release(lease)
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Damage>> {
        self.inner.verify()
    }

    fn verify_against(&self, anchor: Head) -> BoxFuture<'_, Result<Report, Damage>> {
        match self.reads() {
            Ok(()) => self.inner.verify_against(anchor),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_told_and_users_are_taken_back_all_the_same() {
    let world = World::new().await;
    let id = world.ramping().await;
    world.journal.stop_writing(Some(UnavailableKind::DiskFull));
    let ask = json!({"service": "blog", "channel": "production", "type": "feature", "version": "1.0.0"});
    let problem = world.admin().post("/v1/releases", &ask).await.refused(503, "TG-3010");
    assert!(problem.hint.contains("free space"), "{problem:?}");

    let pause = world.admin().post(&format!("/v1/releases/{id}/pause"), &json!({"reason": "lunch"})).await;
    pause.refused(503, "TG-2107");
    assert!(!pause.headers.contains_key("retry-after"));
    let problem = world.admin().post("/v1/tokens", &json!({"name": "ci", "scopes": ["read"]})).await;
    problem.refused(503, "TG-3010");

    // Going back is true before it is written, and shown as such.
    let back = world.admin().post(&format!("/v1/releases/{id}/rollback"), &json!({"reason": "broken"})).await;
    back.refused(503, "TG-2107");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let release = world.admin().get(&format!("/v1/releases/{id}")).await.expect(200);
    assert_eq!(release["stage"], "rolling_back");
    assert!(release["unwritten"].as_u64() > Some(0));
    assert_eq!(release["troubles"][0]["code"], "TG-3010");

    world.journal.stop_writing(None);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let release = world.admin().get(&format!("/v1/releases/{id}")).await.expect(200);
    assert_eq!((&release["stage"], &release["unwritten"]), (&json!("rolled_back"), &json!(0)));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_read_says_nothing_of_its_place() {
    let world = World::new().await;
    let id = world.ramping().await;
    world.admin().post(&format!("/v1/releases/{id}/rollback"), &json!({"reason": "broken"})).await.expect(200);
    world.journal.stop_reading(Some(UnavailableKind::Io));
    for path in ["/v1/journal", "/v1/status", "/v1/journal/export", "/v1/journal/events", "/metrics"] {
        let answer = world.admin().get(path).await;
        answer.refused(503, "TG-3014");
        assert!(!answer.text().contains("secret"), "{path}: {}", answer.text());
    }
    let release = world.admin().get(&format!("/v1/releases/{id}")).await.expect(200);
    assert_eq!(release["plan"]["phases"][0]["state"], "unknown");
    let found = world.admin().get("/v1/journal/verify").await.expect(200);
    assert_eq!((&found["ok"], &found["damage"]["code"]), (&json!(false), &json!("TG-3045")));
}
