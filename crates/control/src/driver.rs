//! One release under way: hear, step, write down, act.
//!
//! The driver never waits for one thing while another could be done: the journal, the lever, the target, hooks and
//! measurements are effects that run side by side, and each is started only by comparing what should be with what was
//! confirmed ([`act`]). Two rules keep people safe:
//!
//! * **What is not written may only lower the share.** While facts wait for the journal, the share that is asked for is
//!   the lower one of what was written and what is true; nothing else is started. A full disk therefore stops a ramp and
//!   never a rollback.
//! * **A newer wish replaces an older one at once.** A shift that is still under way when a rollback begins is dropped,
//!   and the order to take users back carries a later turn.

mod act;
mod effect;
mod hear;
mod store;

use crate::live::{Live, Trouble, heard_to};
use crate::ports::{Clock, Installed, Order, Site, Turn};
use crate::recover::Recovered;
use crate::{ControlError, ReleaseId};
use effect::{Effects, Outcome};
use engine::{Command, Input, Measurement, Share, Stamp, State, Timestamp, desired};
use futures_util::StreamExt;
use journal::{Fence, Hash, Journal};
use policy::Wiring;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Pending;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

/// Where an answer goes once the journal has it.
pub(crate) type Reply = oneshot::Sender<Result<Arc<Live>, ControlError>>;

/// What a driver is told from outside.
#[derive(Debug)]
pub enum Message {
    /// A person or a token says something.
    Say {
        /// Who and when.
        stamp: Stamp,
        /// What.
        input: Input,
        /// Answered once it is written.
        reply: Reply,
    },
    /// Counts were pushed.
    Pushed(Box<Measurement>),
    /// The release in front has ended.
    WayCleared {
        /// What users have since then.
        live: Option<Installed>,
    },
}

/// Why a driver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// The release is over, and that is written.
    Over,
    /// Somebody else wrote the stream: the state must be folded anew.
    Stale,
    /// Another leader took over, or control stops.
    Deposed,
}

/// What a driver is made of.
pub(crate) struct Parts {
    pub(crate) id: ReleaseId,
    pub(crate) recovered: Recovered,
    pub(crate) site: Site,
    pub(crate) wiring: Arc<Wiring>,
    pub(crate) stable: Option<Installed>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) fence: Fence,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) inbox: mpsc::Receiver<Message>,
    pub(crate) publish: watch::Sender<Arc<Live>>,
    /// Counts every order of this leadership, over all its drivers: a lever compares the orders of a service, and a
    /// service outlives its releases.
    pub(crate) turns: Arc<AtomicU64>,
}

/// Drives one release.
pub(crate) struct Driver {
    id: ReleaseId,
    /// Shared with whoever reads what was published; a step that changes it makes a new one.
    state: Arc<State>,
    site: Site,
    wiring: Arc<Wiring>,
    stable: Option<Arc<Installed>>,
    canary: Arc<Installed>,
    journal: Arc<dyn Journal>,
    fence: Fence,
    clock: Arc<dyn Clock>,
    inbox: mpsc::Receiver<Message>,
    publish: watch::Sender<Arc<Live>>,
    effects: Effects,
    pending: std::collections::VecDeque<Pending>,
    /// The share that the written facts ask for.
    written_share: Share,
    seq: u64,
    samples: u64,
    last_sample: Option<Hash>,
    last: Option<Arc<Measurement>>,
    /// When the last interval with counts ended, by the clock of whoever counted.
    counted_to: Option<Timestamp>,
    probes: Vec<engine::Probe>,
    troubles: Vec<Trouble>,
    turns: Arc<AtomicU64>,
    changed: bool,
}

impl Driver {
    pub(crate) fn new(parts: Parts) -> Self {
        let Recovered { state, seq, samples, last_sample, last, counted_to } = parts.recovered;
        let written_share = desired(&state).share;
        let canary = Arc::new(Installed {
            version: state.opened.version.clone(),
            artifact: state.opened.artifact.clone(),
            target: parts.wiring.target.clone(),
        });
        Self {
            id: parts.id,
            effects: Effects::confirmed_by(&state),
            state: Arc::new(state),
            site: parts.site,
            wiring: parts.wiring,
            stable: parts.stable.map(Arc::new),
            canary,
            journal: parts.journal,
            fence: parts.fence,
            clock: parts.clock,
            inbox: parts.inbox,
            publish: parts.publish,
            pending: std::collections::VecDeque::new(),
            written_share,
            seq,
            samples,
            last_sample,
            last,
            counted_to,
            probes: Vec::new(),
            troubles: Vec::new(),
            turns: parts.turns,
            changed: true,
        }
    }

    /// Drives the release until it is over, or until it must not be driven from here any more.
    pub(crate) async fn run(mut self) -> Finished {
        // What follows from the recovered state and was not written before the crash.
        self.tick();
        loop {
            self.store();
            self.act();
            self.publish();
            if self.state.is_over() && self.pending.is_empty() {
                self.turn_away().await;
                return Finished::Over;
            }
            let wake = self.effects.next_wake();
            tokio::select! {
                biased;
                // First what was begun, since it moves users and goes on only here: whoever fills the inbox must not be
                // able to hold up a rollback. Effects are few, so that the inbox has its turn.
                Some(outcome) = self.effects.running.next() => {
                    if let Some(finished) = self.take(outcome) {
                        return finished;
                    }
                }
                message = self.inbox.recv() => match message {
                    Some(message) => self.hear(message),
                    None => return Finished::Deposed,
                },
                () = tokio::time::sleep_until(wake) => self.tick(),
            }
        }
    }

    /// Answers those who came too late: the release is over, and the engine says so.
    async fn turn_away(&mut self) {
        self.inbox.close();
        while let Some(message) = self.inbox.recv().await {
            self.hear(message);
            self.store();
        }
    }

    fn take(&mut self, outcome: Outcome) -> Option<Finished> {
        match outcome {
            Outcome::Dropped => None,
            Outcome::Stored(result) => self.stored(result),
            Outcome::Shifted { share, result } => {
                self.shifted(share, result);
                None
            }
            Outcome::Deployed(result) => {
                self.deployed(result);
                None
            }
            Outcome::Promoted(result) => {
                self.body_done("promote", result, Input::Promoted);
                None
            }
            Outcome::Withdrawn(result) => {
                self.body_done("withdraw", result, Input::Withdrawn);
                None
            }
            Outcome::Measured(seen) => {
                self.measured(*seen);
                None
            }
            Outcome::HookRan { phase, hook, result } => {
                self.hook_ran(phase, hook, result);
                None
            }
            Outcome::StableSeen(result) => {
                self.stable_seen(result);
                None
            }
        }
    }

    fn tick(&mut self) {
        let stamp = self.stamp();
        if !engine::at_rest(&self.state, &stamp) {
            self.step(&stamp, Input::Tick, None);
        }
    }

    /// Steps the state. The facts wait for the journal, and the reply for them.
    fn step(&mut self, stamp: &Stamp, input: Input, reply: Option<Reply>) {
        let stamp = self.state.stamped(stamp);
        match engine::step(Arc::make_mut(&mut self.state), &stamp, input) {
            Ok(facts) => {
                self.changed |= !facts.is_empty();
                self.enqueue(&stamp, facts, reply);
            }
            Err(refusal) => {
                if let Some(reply) = reply {
                    // Whoever asked may be gone.
                    let _ = reply.send(Err(refusal.into()));
                }
            }
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.clock.now(), actor: crate::control::SELF.to_string() }
    }

    fn order(&self) -> Order {
        let count = self.turns.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        Order {
            release: self.id.to_string(),
            wiring: Arc::clone(&self.wiring),
            stable: self.stable.clone(),
            canary: Arc::clone(&self.canary),
            turn: Turn { fence: self.fence.0, count },
            interval: self.state.plan().interval,
            taken_back: self.state.taken_back_at,
        }
    }

    /// Shows the release as it is. That it is over is shown only once it is written, so that whoever reads it can open the
    /// next one; while the journal cannot be written, it is shown with the trouble.
    fn publish(&mut self) {
        let not_yet_over = self.state.is_over() && !self.pending.is_empty() && self.troubles.is_empty();
        if !not_yet_over && std::mem::take(&mut self.changed) {
            let live = self.live();
            self.publish.send_replace(live);
        }
    }

    fn live(&self) -> Arc<Live> {
        Arc::new(Live {
            id: self.id,
            state: Arc::clone(&self.state),
            troubles: self.troubles.clone(),
            unwritten: self.pending.len(),
            last: self.last.clone(),
            heard_to: self.heard_to(),
            seq: self.seq,
        })
    }

    fn heard_to(&self) -> Option<Timestamp> {
        heard_to(&self.state, self.counted_to, self.last.as_deref())
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Notes that something failed, or works again.
    fn trouble(&mut self, what: &'static str, failure: Option<(&'static str, String, String)>) {
        let before = self.troubles.iter().position(|trouble| trouble.what == what);
        match (failure, before) {
            (None, None) => return,
            (None, Some(i)) => {
                let trouble = self.troubles.remove(i);
                tracing::info!(release = %self.id, what, failed_since = trouble.since.0, "works again");
            }
            (Some((code, message, hint)), None) => {
                tracing::warn!(release = %self.id, what, code, %message, %hint, "does not work, will be tried again");
                let since = self.now();
                self.troubles.push(Trouble { what, since, code, message, hint });
            }
            (Some((code, message, hint)), Some(i)) => {
                if let Some(trouble) = self.troubles.get_mut(i) {
                    trouble.code = code;
                    trouble.message = message;
                    trouble.hint = hint;
                }
            }
        }
        self.changed = true;
    }
}

/// Whether a command makes users safer, so that it is obeyed even while the journal cannot be written.
fn takes_users_back(command: &Command) -> bool {
    match command {
        Command::RollBack { .. } | Command::Abort { .. } => true,
        Command::Pause { .. } | Command::Resume | Command::Advance { .. } | Command::Supersede { .. } => false,
    }
}

/// A moment from now.
fn after(ms: u64) -> Instant {
    Instant::now() + std::time::Duration::from_millis(ms)
}
