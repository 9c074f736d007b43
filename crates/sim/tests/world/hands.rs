//! One control plane with a hand on its journal and on its ports, for what no scenario can arrange: the moment between an
//! append and its answer, a port that panics, an inbox that is full. Still virtual time, still no sockets.

use control::ports::{
    BoxFuture, Clock, Connect, Hooks, Installed, Lever, Order, PortResult, Prober, Reading, Seen, Signal, Site, Target,
    Turn,
};
use control::{Control, Leadership, OpenRelease, ReleaseId};
use engine::{Share, TakenBack, Timestamp};
use journal::{
    AppendError, Begun, Damage, Draft, Entry, Fence, Head, Journal, Lease, LeaseError, Memory, Report, Sample,
    StreamHead, Tail, Unavailable, UnavailableKind,
};
use policy::Wiring;
use sim::{BEGINNING, CHANNEL, Rules, SERVICE};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What a lever does when it is told a share.
type Told = Box<dyn Fn(Share) + Send + Sync>;

/// A control plane that leads alone.
pub(crate) struct World {
    pub(crate) control: Control,
    pub(crate) journal: Arc<Held>,
    pub(crate) world: Arc<Obedient>,
    running: JoinHandle<()>,
    began: Instant,
}

impl World {
    /// On a journal of its own, which leads.
    pub(crate) async fn new() -> Self {
        Self::on(Arc::new(Held::new()), Arc::default(), Instant::now()).await
    }

    async fn on(journal: Arc<Held>, world: Arc<Obedient>, began: Instant) -> Self {
        let (control, run) = Control::new(journal.clone(), world.clone(), Arc::new(Virtual(began)), "alone");
        let running = tokio::spawn(run.run());
        control.leadership().wait_for(|now| matches!(now, Leadership::Leads { .. })).await.unwrap();
        Self { control, journal, world, running, began }
    }

    /// The control plane crashes, and another takes its place on the same journal and in the same world.
    pub(crate) async fn restart(self) -> Self {
        self.running.abort();
        let _ended = self.running.await;
        Self::on(self.journal, self.world, self.began).await
    }

    /// Opens this version.
    pub(crate) async fn open(&self, version: &str) -> Result<ReleaseId, control::ControlError> {
        open(self.control.clone(), version.to_string()).await
    }

    /// Waits until users are on the new version.
    pub(crate) async fn ramping(&self, id: ReleaseId) {
        let mut changes = self.control.watch(id).unwrap();
        changes.wait_for(|live| live.state.confirmed_share.is_some_and(|(s, _)| s != Share::NONE)).await.unwrap();
    }

    /// The release's word after so many seconds.
    pub(crate) async fn word_after(&self, id: ReleaseId, seconds: u64) -> &'static str {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        self.control.show(id).unwrap().state.stage_word()
    }
}

/// Opens a version, by nobody's leave.
pub(crate) async fn open(control: Control, version: String) -> Result<ReleaseId, control::ControlError> {
    let ask = OpenRelease {
        service: SERVICE.to_string(),
        channel: CHANNEL.to_string(),
        release_type: "feature".to_string(),
        version,
        digest: None,
        supersede: false,
        lift_quarantine: None,
        note: None,
    };
    let policy = Rules::quick().policy().unwrap();
    control.open("ann", ask, &policy, Path::new("/srv")).await.map(|live| live.id)
}

struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        Timestamp(BEGINNING.0 + i64::try_from(self.0.elapsed().as_millis()).unwrap())
    }
}

/// Does what it is told, at once.
#[derive(Default)]
pub(crate) struct Obedient {
    share: Arc<Mutex<Option<Share>>>,
    pub(crate) settled: AtomicUsize,
    /// Called before a share is obeyed.
    pub(crate) told: Arc<Mutex<Option<Told>>>,
}

struct Ports {
    share: Arc<Mutex<Option<Share>>>,
    told: Arc<Mutex<Option<Told>>>,
}

impl Connect for Obedient {
    fn connect(&self, _: &Wiring) -> PortResult<Site> {
        let ports = Arc::new(Ports { share: self.share.clone(), told: self.told.clone() });
        Ok(Site {
            lever: ports.clone(),
            target: ports.clone(),
            signal: ports.clone(),
            prober: ports.clone(),
            hooks: ports,
        })
    }

    fn settle<'a>(&'a self, _: &'a Wiring, _: &'a Installed, _: Turn) -> BoxFuture<'a, PortResult<()>> {
        self.settled.fetch_add(1, SeqCst);
        Box::pin(async { Ok(()) })
    }
}

impl Lever for Ports {
    fn shift<'a>(&'a self, _: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            if let Some(told) = &*self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
                told(share);
            }
            *self.share.lock().unwrap() = Some(share);
            Ok(())
        })
    }

    fn observe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        Box::pin(async move { Ok(self.share.lock().unwrap().unwrap_or(Share::NONE)) })
    }

    fn taken_back<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Target for Ports {
    fn deploy<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }

    fn promote<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }

    fn withdraw<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Signal for Ports {
    fn read<'a>(&'a self, _: &'a Order, _: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(async { Reading::NotYet })
    }
}

impl Prober for Ports {
    fn probe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async { None })
    }
}

impl Hooks for Ports {
    fn run<'a>(&'a self, _: &'a Order, _: &'a str, _: Share) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

/// A journal that may keep its answers back, lose the lease of whoever asks, and hold what nobody can read.
pub(crate) struct Held {
    pub(crate) inner: Memory,
    /// While it is true, appends are carried out and not answered.
    pub(crate) hold: watch::Sender<bool>,
    /// The next renewal finds that somebody else led meanwhile.
    pub(crate) lose_lease: AtomicBool,
    /// Reads of this stream find that it is damaged.
    pub(crate) damaged: Mutex<Option<String>>,
}

impl Held {
    pub(crate) fn new() -> Self {
        Self {
            inner: Memory::new(),
            hold: watch::Sender::new(false),
            lose_lease: AtomicBool::new(false),
            damaged: Mutex::new(None),
        }
    }

    fn check(&self, stream: &str) -> Result<(), Unavailable> {
        let damaged = self.damaged.lock().unwrap().as_deref() == Some(stream);
        let why = Unavailable { kind: UnavailableKind::Damaged, place: None, detail: "a bit fell over".to_string() };
        if damaged { Err(why) } else { Ok(()) }
    }
}

impl Journal for Held {
    fn append(
        &self,
        stream: &str,
        expected_seq: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> journal::BoxFuture<'_, Result<Vec<Entry>, AppendError>> {
        let stream = stream.to_string();
        let mut hold = self.hold.subscribe();
        Box::pin(async move {
            let written = self.inner.append(&stream, expected_seq, fence, drafts).await;
            let _free = hold.wait_for(|hold| !hold).await.unwrap();
            written
        })
    }

    fn append_sample(
        &self,
        stream: &str,
        expected_n: u64,
        after_seq: u64,
        fence: Fence,
        body: String,
    ) -> journal::BoxFuture<'_, Result<Sample, AppendError>> {
        self.inner.append_sample(stream, expected_n, after_seq, fence, body)
    }

    fn read_stream(
        &self,
        stream: &str,
        after: u64,
        limit: usize,
    ) -> journal::BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        match self.check(stream) {
            Ok(()) => self.inner.read_stream(stream, after, limit),
            Err(why) => Box::pin(async move { Err(why) }),
        }
    }

    fn read_all(&self, after: u64, limit: usize) -> journal::BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        self.inner.read_all(after, limit)
    }

    fn read_samples(
        &self,
        stream: &str,
        after: u64,
        limit: usize,
    ) -> journal::BoxFuture<'_, Result<Vec<Sample>, Unavailable>> {
        self.inner.read_samples(stream, after, limit)
    }

    fn streams(&self, prefix: &str) -> journal::BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>> {
        self.inner.streams(prefix)
    }

    fn begun(&self, prefix: &str, after_position: u64) -> journal::BoxFuture<'_, Result<Begun, Unavailable>> {
        self.inner.begun(prefix, after_position)
    }

    fn head(&self) -> journal::BoxFuture<'_, Result<Head, Unavailable>> {
        self.inner.head()
    }

    fn tail(&self, after_position: u64) -> Tail {
        self.inner.tail(after_position)
    }

    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> journal::BoxFuture<'_, Result<Lease, LeaseError>> {
        self.inner.acquire(holder, now_ms, ttl_ms)
    }

    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> journal::BoxFuture<'_, Result<Lease, LeaseError>> {
        if !self.lose_lease.swap(false, SeqCst) {
            return self.inner.renew(lease, now_ms, ttl_ms);
        }
        let lease = lease.clone();
        Box::pin(async move {
            let late = now_ms + 2 * ttl_ms;
            let other = self.inner.acquire("another", late, ttl_ms).await?;
            self.inner.release(&other).await?;
            self.inner.renew(&lease, now_ms, ttl_ms).await
        })
    }

    fn release(&self, lease: &Lease) -> journal::BoxFuture<'_, Result<(), LeaseError>> {
        self.inner.release(lease)
    }

    fn verify(&self) -> journal::BoxFuture<'_, Result<Report, Damage>> {
        self.inner.verify()
    }

    fn verify_against(&self, anchor: Head) -> journal::BoxFuture<'_, Result<Report, Damage>> {
        self.inner.verify_against(anchor)
    }
}
