//! The part of control that runs: it holds the lease, folds every release when it takes over, starts a driver for each
//! that is under way, and picks up what drivers leave behind.

use crate::ReleaseId;
use crate::board::{self, ServiceKey};
use crate::control::{Inner, Leadership};
use crate::driver::{Driver, Finished, Message, Parts};
use crate::error::ControlError;
use crate::leader::{LEASE_MS, RENEW_MS};
use crate::live::{Live, Trouble, heard_to};
use crate::ports::{Installed, Turn};
use crate::recover::{Recovered, recover};
use crate::roster::Door;
use engine::{Command, Input, Stage, Stamp};
use journal::{Fence, Lease, LeaseError};
use policy::Wiring;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinError, JoinSet};

/// A release that is to be driven from now on.
pub(crate) struct Start {
    pub(crate) id: ReleaseId,
    pub(crate) fence: Fence,
    pub(crate) recovered: Recovered,
    pub(crate) door: Door,
}

/// The running part of control. Dropping it stops every driver where it is, as a crash would.
pub struct Run {
    inner: Arc<Inner>,
    started: mpsc::UnboundedReceiver<Start>,
    drivers: JoinSet<Finished>,
    driven: HashMap<Id, ReleaseId>,
    settlers: JoinSet<()>,
    fence: Option<Fence>,
    turns: Arc<AtomicU64>,
}

enum Held {
    /// It leads; `true` under a new fence.
    Led(Lease, bool),
    /// The journal does not answer. Taking users back must not wait for it; fencing protects against two leaders.
    Unsure(Lease),
    /// Somebody else does, or nobody can.
    Not,
}

impl Run {
    pub(crate) fn new(inner: Arc<Inner>, started: mpsc::UnboundedReceiver<Start>) -> Self {
        Self {
            inner,
            started,
            drivers: JoinSet::new(),
            driven: HashMap::new(),
            settlers: JoinSet::new(),
            fence: None,
            turns: Arc::default(),
        }
    }

    /// Leads when it can, follows otherwise, for ever.
    pub async fn run(mut self) {
        let mut lease: Option<Lease> = None;
        loop {
            lease = match self.hold(lease.take()).await {
                Held::Led(new, true) => self.take_over(new).await,
                Held::Led(new, false) => Some(new),
                Held::Unsure(old) => Some(old),
                Held::Not => {
                    self.stop_driving().await;
                    None
                }
            };
            if lease.is_some() {
                self.pick_up().await;
            }
            if !self.attend().await {
                lease = None;
            }
        }
    }

    async fn hold(&self, lease: Option<Lease>) -> Held {
        let now = self.inner.clock.now().0;
        let journal = &self.inner.journal;
        let (held, leadership) = match lease {
            Some(lease) => match journal.renew(&lease, now, LEASE_MS).await {
                Ok(lease) => return Held::Led(lease, false),
                Err(LeaseError::Unavailable(why)) => {
                    tracing::warn!(%why, "the lease cannot be renewed; driving on under the old fence");
                    return Held::Unsure(lease);
                }
                Err(LeaseError::Held { by, .. }) => (Held::Not, Leadership::Follows { leader: by }),
                Err(LeaseError::Lost { .. }) => (Held::Not, Leadership::Unknown),
            },
            None => match journal.acquire(&self.inner.holder, now, LEASE_MS).await {
                Ok(lease) => return Held::Led(lease, true),
                Err(LeaseError::Held { by, .. }) => (Held::Not, Leadership::Follows { leader: by }),
                Err(LeaseError::Lost { .. }) => (Held::Not, Leadership::Unknown),
                Err(LeaseError::Unavailable(why)) => {
                    let (code, hint) = (why.code(), why.hint().to_string());
                    (Held::Not, Leadership::Stuck { code, why: why.to_string(), hint })
                }
            },
        };
        self.inner.leadership.send_replace(leadership);
        held
    }

    /// Waits until the lease must be renewed. `false`: this replica was deposed.
    async fn attend(&mut self) -> bool {
        let pause = tokio::time::sleep(Duration::from_millis(RENEW_MS));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                biased;
                Some(start) = self.started.recv() => self.start(start),
                Some(ended) = self.drivers.join_next_with_id(), if !self.drivers.is_empty() => {
                    if Box::pin(self.ended(ended)).await == Finished::Deposed {
                        return false;
                    }
                }
                Some(_) = self.settlers.join_next(), if !self.settlers.is_empty() => {}
                () = &mut pause => return true,
            }
        }
    }

    /// Folds every release under a new fence. If the journal does not answer for one, nothing is driven yet; one that is
    /// [unreadable](crate::unreadable) is left out.
    async fn take_over(&mut self, lease: Lease) -> Option<Lease> {
        self.stop_driving().await;
        match self.load(lease.fence).await {
            Ok(()) => {
                self.fence = Some(lease.fence);
                self.inner.leadership.send_replace(Leadership::Leads { fence: lease.fence.0 });
                self.settle(lease.fence);
                tracing::info!(fence = lease.fence.0, "leading");
                Some(lease)
            }
            Err(error) => {
                tracing::error!(code = error.code(), %error, hint = error.hint(), "the releases cannot be read");
                let (code, why, hint) = (error.code(), error.to_string(), error.hint());
                self.inner.leadership.send_replace(Leadership::Stuck { code, why, hint });
                None
            }
        }
    }

    async fn load(&mut self, fence: Fence) -> Result<(), ControlError> {
        let ids = self.inner.newcomers.all(self.inner.journal.as_ref()).await?;
        self.inner.unreadable.forget();
        let mut under_way = Vec::new();
        for id in ids {
            let recovered = match recover(self.inner.journal.as_ref(), id).await {
                Ok(recovered) => recovered,
                Err(error) if error.is_unreadable() => {
                    self.inner.unreadable.note(id, error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.inner.roster.show(Arc::new(shown(id, &recovered)));
            if !recovered.state.is_over() {
                under_way.push((id, recovered));
            }
        }
        // Only now, since a release needs to know which versions the others made live.
        for (id, recovered) in under_way {
            self.restart(id, fence, recovered);
        }
        Ok(())
    }

    fn restart(&mut self, id: ReleaseId, fence: Fence, recovered: Recovered) {
        if let Some(door) = self.inner.roster.drive(Arc::new(shown(id, &recovered))) {
            self.start(Start { id, fence, recovered, door });
        }
    }

    fn start(&mut self, start: Start) {
        let Start { id, fence, recovered, door: Door { publish, inbox } } = start;
        if self.fence != Some(fence) {
            // Opened under a leadership that has ended since: whoever leads now folds it and drives it. The door falls shut
            // with this; one that was opened since is not touched.
            return;
        }
        let wiring: Wiring = match serde_json::from_str(&recovered.state.opened.wiring) {
            Ok(wiring) => wiring,
            Err(why) => {
                let message = format!("the wiring of {id} cannot be read by this version: {why}");
                let hint = "run the version of Tidegate that opened it".to_string();
                return self.cannot_drive(id, &recovered, ("TG-2108", message, hint));
            }
        };
        let site = match self.inner.connect.connect(&wiring) {
            Ok(site) => site,
            Err(error) => return self.cannot_drive(id, &recovered, (error.code, error.message, error.hint)),
        };
        let stable = stable_of(&self.inner, &recovered, &wiring);
        if let (Some(version), None) = (&recovered.state.opened.live, &stable) {
            // To drive it would be to give users back to something else.
            let message =
                format!("how {version} runs, which users had before, stands in a release that cannot be read");
            let hint = "take users back by hand if need be, and restore the last backup that verifies".to_string();
            return self.cannot_drive(id, &recovered, ("TG-2110", message, hint));
        }
        let driver = Driver::new(Parts {
            id,
            recovered,
            site,
            wiring: Arc::new(wiring),
            stable,
            journal: Arc::clone(&self.inner.journal),
            fence,
            clock: Arc::clone(&self.inner.clock),
            inbox,
            publish,
            turns: Arc::clone(&self.turns),
        });
        let task = self.drivers.spawn(driver.run());
        self.driven.insert(task.id(), id);
    }

    /// A release that cannot be driven is shown with the reason, and tried again with every renewal of the lease.
    fn cannot_drive(
        &self,
        id: ReleaseId,
        recovered: &Recovered,
        (code, message, hint): (&'static str, String, String),
    ) {
        tracing::error!(release = %id, code, %message, %hint, "cannot be driven, will be tried again");
        let since = self.inner.clock.now();
        let trouble = Trouble { what: "drive", since, code, message, hint };
        self.inner.roster.show(Arc::new(Live { troubles: vec![trouble], ..shown(id, recovered) }));
    }

    /// Drives what nobody drives, and clears the way of those who wait for a release that has ended.
    async fn pick_up(&mut self) {
        let Some(fence) = self.fence else { return };
        let inner = Arc::clone(&self.inner);
        let mut undriven = inner.roster.undriven();
        // One that is being opened right now will be known in a moment, and nobody else may take in what is taken in here.
        let nobody_opens = inner.opening.try_lock();
        if nobody_opens.is_ok() {
            undriven.extend(inner.newcomers.unknown(inner.journal.as_ref(), &inner.roster).await.unwrap_or_default());
        }
        for id in undriven {
            // In a box: it is rare, and what can hold it would be moved with every renewal.
            match Box::pin(recover(inner.journal.as_ref(), id)).await {
                Ok(recovered) => {
                    inner.unreadable.mended(id);
                    self.restart(id, fence, recovered);
                }
                Err(error) if error.is_unreadable() => inner.unreadable.note(id, error),
                Err(error) => tracing::error!(release = %id, code = error.code(), %error, "cannot be folded"),
            }
        }
        drop(nobody_opens);
        self.clear_ways().await;
    }

    /// Clears the way of those who wait, or asks those in front once more to go: the word of whoever opened the newer
    /// release may have been lost in a crash.
    async fn clear_ways(&self) {
        let lives = self.inner.roster.lives();
        let keys: BTreeSet<_> = lives.iter().filter(|live| waits(live)).map(|live| board::key_of(live)).collect();
        for key in keys {
            self.clear_ways_at(&key).await;
        }
    }

    /// The same for one place.
    async fn clear_ways_at(&self, key: &ServiceKey) {
        let there = self.inner.roster.lives_at(key);
        for waiting in there.iter().filter(|live| waits(live)) {
            // Everybody in front, not only the one that was there first: the queue may have been pushed aside twice.
            let in_front: Vec<_> = board::in_flight(&there).filter(|other| other.id < waiting.id).collect();
            in_front.iter().for_each(|other| self.push_aside(other, waiting));
            // One that cannot be read may stand in front as well, or have made live what users have.
            if in_front.is_empty() && self.inner.unreadable.first().is_none() {
                let live = live_installed(&self.inner, key, &waiting.state.opened.wiring);
                if let Some(inbox) = self.inner.roster.inbox(waiting.id) {
                    // A driver that is gone is picked up with the next renewal, and asked again.
                    let _ = inbox.send(Message::WayCleared { live }).await;
                }
            }
        }
    }

    /// Only what was opened in place of another ever waits. Whoever cannot go any more is ending by itself.
    fn push_aside(&self, other: &Live, by: &Live) {
        let goes = match &other.state.stage {
            Stage::Opened | Stage::Deploying | Stage::Ramping(_) | Stage::Watching(_) => true,
            Stage::Promoting | Stage::Completed | Stage::RollingBack(_) | Stage::Ended(_) => false,
        };
        if let (true, Some(inbox)) = (goes, self.inner.roster.inbox(other.id)) {
            let stamp = Stamp { at: self.inner.clock.now(), actor: by.state.opened_by.clone() };
            let input = Input::Command(Command::Supersede { by: by.id.to_string() });
            let (reply, _nobody_waits) = oneshot::channel();
            // A driver that is busy is asked again with the next renewal.
            let _ = inbox.try_send(Message::Say { stamp, input, reply });
        }
    }

    async fn ended(&mut self, ended: Result<(Id, Finished), JoinError>) -> Finished {
        let (task, finished) = match &ended {
            Ok((task, finished)) => (*task, *finished),
            Err(error) => (error.id(), Finished::Stale),
        };
        let ended_id = self.driven.remove(&task);
        if let Some(id) = ended_id
            && !self.driven.values().any(|other| *other == id)
        {
            self.inner.roster.close(id);
        }
        if let Err(error) = &ended {
            // The same state would very likely fail again. The next renewal is soon enough, and no hot loop.
            tracing::error!(%error, "a driver failed; its release is folded anew with the next renewal of the lease");
            return finished;
        }
        match finished {
            Finished::Over => {
                if let Some(ended) = ended_id.and_then(|id| self.inner.roster.live(id)) {
                    self.clear_ways_at(&board::key_of(&ended)).await;
                }
            }
            Finished::Stale => self.pick_up().await,
            Finished::Deposed => {
                tracing::warn!("deposed: another leader writes the journal");
                self.inner.leadership.send_replace(Leadership::Unknown);
            }
        }
        finished
    }

    async fn stop_driving(&mut self) {
        self.fence = None;
        self.drivers.shutdown().await;
        self.settlers.shutdown().await;
        self.driven.clear();
    }

    /// Makes sure that services without a release under way are served as they were.
    fn settle(&mut self, fence: Fence) {
        if self.inner.unreadable.first().is_some() {
            // What is live may stand in what cannot be read. The levers hold on to what they have.
            return;
        }
        for key in self.inner.roster.places() {
            let there = self.inner.roster.lives_at(&key);
            let busy = board::in_flight(&there).next().is_some();
            let Some(live) = board::live_version(&there).filter(|_| !busy) else { continue };
            let by = there.iter().find(|other| other.id == live.release);
            let Some(wiring) = by.and_then(|by| serde_json::from_str::<Wiring>(&by.state.opened.wiring).ok()) else {
                continue;
            };
            let connect = Arc::clone(&self.inner.connect);
            self.settlers.spawn(async move {
                let turn = Turn { fence: fence.0, count: 0 };
                while let Err(error) = connect.settle(&wiring, &live.installed, turn).await {
                    tracing::warn!(service = %key, code = error.code, %error, "cannot be settled, will be tried again");
                    tokio::time::sleep(SETTLE_AGAIN).await;
                }
            });
        }
    }
}

/// Whether it waits until the releases in front of it have ended.
fn waits(live: &Live) -> bool {
    matches!(live.state.stage, Stage::Opened) && !live.state.way_clear
}

/// How long to wait before a service that could not be settled is tried again.
const SETTLE_AGAIN: Duration = Duration::from_secs(5);

pub(crate) fn shown(id: ReleaseId, recovered: &Recovered) -> Live {
    Live {
        id,
        state: Arc::new(recovered.state.clone()),
        troubles: Vec::new(),
        unwritten: 0,
        last: recovered.last.clone(),
        heard_to: heard_to(&recovered.state, recovered.counted_to, recovered.last.as_deref()),
        seq: recovered.seq,
    }
}

/// The version that a release started from, as it was installed.
fn stable_of(inner: &Inner, recovered: &Recovered, wiring: &Wiring) -> Option<Installed> {
    let opened = &recovered.state.opened;
    let version = opened.live.as_deref()?;
    let key = ServiceKey { service: opened.service.clone(), channel: opened.channel.clone() };
    board::installed(&inner.roster.lives_at(&key), version)
        .or_else(|| named_by_policy(wiring).filter(|named| named.version == version))
}

/// What users have now: what a release made live, or what the policy says they had before the first.
pub(crate) fn live_installed(inner: &Inner, key: &ServiceKey, wiring: &str) -> Option<Installed> {
    let made_live = board::live_version(&inner.roster.lives_at(key)).map(|live| live.installed);
    made_live.or_else(|| named_by_policy(&serde_json::from_str(wiring).ok()?))
}

fn named_by_policy(wiring: &Wiring) -> Option<Installed> {
    let version = wiring.live.clone()?;
    Some(Installed { artifact: format!("version:{version}"), version, target: wiring.target.clone() })
}
