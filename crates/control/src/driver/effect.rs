//! What is under way, what was confirmed, and when to try again. Everything in here is forgotten in a crash, and that is
//! fine: the state says what should be, and the ports are asked again.

use crate::ports::{PortResult, Reading, Seen};
use engine::{Presence, Share, Stage, State, TakenBack};
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::FuturesUnordered;
use journal::{AppendError, Entry, Sample};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use tokio::time::Instant;

/// How an effect ended.
pub(super) enum Outcome {
    /// It was replaced by a newer wish.
    Dropped,
    Stored(Result<Written, AppendError>),
    Shifted {
        share: Share,
        result: PortResult<()>,
    },
    Deployed(PortResult<()>),
    Promoted(PortResult<()>),
    Withdrawn(PortResult<()>),
    Measured(Box<Look>),
    HookRan {
        phase: usize,
        hook: String,
        result: Result<(), String>,
    },
    StableSeen(Result<String, NotWell>),
}

/// Why a rollback cannot be called over yet.
pub(super) enum NotWell {
    /// The lever has users on the version that was withdrawn.
    Users(Share),
    /// The old version is ill.
    Stable(String),
    /// It could not be found out.
    Unknown(String),
}

impl fmt::Display for NotWell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users(share) => write!(f, "the lever still has {share} on the withdrawn version"),
            Self::Stable(why) => write!(f, "stable is not well: {why}"),
            Self::Unknown(why) => f.write_str(why),
        }
    }
}

/// What the journal took.
pub(super) enum Written {
    Entries(Vec<Entry>),
    Sample(Sample),
}

/// One look at both arms.
pub(super) struct Look {
    pub(super) reading: Reading,
    pub(super) seen: Option<Seen>,
    pub(super) share: PortResult<Share>,
    pub(super) taken_back: PortResult<Option<TakenBack>>,
}

/// A slot: at most one effect of its kind is under way.
pub(super) struct Slot {
    running: Option<AbortHandle>,
    /// Not before this moment; `None` when nothing is planned.
    pub(super) due: Option<Instant>,
    failures: u32,
}

/// All slots of a driver.
pub(super) struct Effects {
    pub(super) running: FuturesUnordered<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    pub(super) store: Slot,
    pub(super) shift: Slot,
    pub(super) body: Slot,
    pub(super) look: Slot,
    pub(super) hook: Slot,
    pub(super) verify: Slot,
    /// The share that the lever confirmed to this driver.
    pub(super) share: Option<Share>,
    /// The share that is being brought about.
    pub(super) shifting_to: Option<Share>,
    /// What the target is asked for.
    pub(super) body_towards: Option<Presence>,
    /// What the target confirmed.
    pub(super) presence: Presence,
}

impl Effects {
    /// What is known to have been confirmed before this driver was born. The share is asked for anew in any case: a
    /// lever may have been restarted meanwhile.
    pub(super) fn confirmed_by(state: &State) -> Self {
        let presence = match &state.stage {
            Stage::Opened | Stage::Deploying => Presence::Untouched,
            Stage::Ramping(_) | Stage::Watching(_) | Stage::Promoting => Presence::Beside,
            Stage::Completed => Presence::Promoted,
            Stage::RollingBack(rollback) | Stage::Ended(rollback) => match rollback.withdrawn {
                Some(_) if state.deploy_started => Presence::Absent,
                Some(_) => Presence::Untouched,
                None => Presence::Beside,
            },
        };
        let idle = || Slot { running: None, due: None, failures: 0 };
        Self {
            running: FuturesUnordered::new(),
            store: idle(),
            shift: idle(),
            body: idle(),
            look: idle(),
            hook: idle(),
            verify: idle(),
            share: None,
            shifting_to: None,
            body_towards: None,
            presence,
        }
    }

    /// When to look again if nothing happens before. What was due and not started is not wanted any more: to wake for it
    /// would be to wake for ever.
    pub(super) fn next_wake(&self) -> Instant {
        let now = Instant::now();
        let slots = [&self.store, &self.shift, &self.body, &self.look, &self.hook, &self.verify];
        let waiting = slots.into_iter().filter(|slot| slot.running.is_none()).filter_map(|slot| slot.due);
        waiting.filter(|due| *due > now).min().unwrap_or_else(|| super::after(IDLE_MS))
    }
}

/// Clocks (deadlines, the rollback's budget) are looked at this often when nothing else happens.
const IDLE_MS: u64 = 1_000;

impl Slot {
    /// Whether an effect may be started now.
    pub(super) fn ready(&self) -> bool {
        self.running.is_none() && self.due.is_none_or(|due| due <= Instant::now())
    }

    pub(super) fn busy(&self) -> bool {
        self.running.is_some()
    }

    /// Wraps an effect so that it can be dropped for a newer wish.
    pub(super) fn start(
        &mut self,
        effect: impl Future<Output = Outcome> + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
        let (handle, registration) = AbortHandle::new_pair();
        self.running = Some(handle);
        self.due = None;
        Abortable::new(effect, registration).map(|result| result.unwrap_or(Outcome::Dropped)).boxed()
    }

    /// Drops what is under way.
    pub(super) fn replace(&mut self) {
        if let Some(handle) = self.running.take() {
            handle.abort();
        }
        self.due = None;
        self.failures = 0;
    }

    /// It ended well.
    pub(super) fn done(&mut self) {
        self.running = None;
        self.due = None;
        self.failures = 0;
    }

    /// It ended badly: again after a while that doubles up to `most_ms`.
    pub(super) fn failed(&mut self, first_ms: u64, most_ms: u64) {
        self.running = None;
        let wait = first_ms.saturating_mul(1 << self.failures.min(16)).min(most_ms);
        self.failures = self.failures.saturating_add(1);
        self.due = Some(super::after(wait));
    }

    /// It ended, and comes again after `ms`.
    pub(super) fn again_in(&mut self, ms: u64) {
        self.running = None;
        self.failures = 0;
        self.due = Some(super::after(ms));
    }
}
