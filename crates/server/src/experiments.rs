//! Exposures and metrics on their way into counts, and counts on their way into the journal.
//!
//! Users are told of by a name. It is hashed at once with a key that the operating system's chance makes for each experiment and
//! that nobody ever sees; the hash lives in memory, and the journal gets sums. So a restart forgets who was seen: the sums go on, a
//! user who comes back is counted again, and the statistics are told how often that can have happened.
//!
//! One replica counts: the one that leads. What it counted since the last minute is lost if it is killed.

mod desk;
mod event;
mod stored;

pub(crate) use event::{MOST_EVENTS, Refusal, Report, Told};

use crate::failure::Failure;
use control::Control;
use desk::{Begin, Desk, Held};
use experiments::{Counts, Design};
use flags::Weight;
use journal::AppendError;
use registry::{FlagError, Registry};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often counts are written while something is counted.
const EVERY: Duration = Duration::from_secs(60);

/// All experiments.
pub(crate) struct Experiments {
    control: Control,
    flags: Arc<Registry>,
    desk: Mutex<Desk>,
    /// Experiments begin, are read and are written one after the other.
    writing: tokio::sync::Mutex<()>,
}

/// An experiment as it was counted last.
pub(crate) struct Counted {
    pub(crate) since_ms: i64,
    pub(crate) weights: Vec<Weight>,
    pub(crate) counts: Counts,
    /// Whether this is what the flag decides now.
    pub(crate) current: bool,
}

impl Experiments {
    pub(crate) fn new(control: Control, flags: Arc<Registry>) -> Arc<Self> {
        Arc::new(Self { control, flags, desk: Mutex::default(), writing: tokio::sync::Mutex::new(()) })
    }

    /// Writes counts now and then, for ever.
    pub(crate) async fn keep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.store().await;
            self.desk().forget_idle(self.now_ms());
        }
    }

    /// Counts what is told of a channel. `may` says which flags the teller may speak of.
    pub(crate) async fn count(
        &self,
        channel: &str,
        told: Vec<Result<Told, Refusal>>,
        may: impl Fn(&flags::Flag) -> bool,
    ) -> Result<Report, Failure> {
        // Before anything is counted: another replica's counts must not be split in two.
        self.control.fence()?;
        self.flags.ready()?;
        let mut standing: BTreeMap<String, Result<(), Refusal>> = BTreeMap::new();
        for flag in told.iter().filter_map(|one| one.as_ref().ok().and_then(Told::flag)) {
            if !standing.contains_key(flag) {
                standing.insert(flag.to_string(), self.prepare(flag, channel, &may).await?);
            }
        }
        let now_ms = self.now_ms();
        Ok(self.desk().count(channel, told, &standing, now_ms))
    }

    /// Makes ready to count a flag's exposures: nothing is to be done if it is counted already as it is decided now.
    async fn prepare(
        &self,
        key: &str,
        channel: &str,
        may: &impl Fn(&flags::Flag) -> bool,
    ) -> Result<Result<(), Refusal>, Failure> {
        let entry = match self.flags.get(key) {
            Ok(entry) if may(&entry.kept.flag) => entry,
            Ok(_) | Err(FlagError::Unknown { .. }) => return Ok(Err(Refusal::unknown_flag(key))),
            Err(error) => return Err(error.into()),
        };
        let design = match Design::of(&entry.kept.flag, channel) {
            Ok(design) => design,
            Err(why) => return Ok(Err(Refusal::no_experiment(key, why))),
        };
        if self.desk().counts(key, channel, &design) {
            return Ok(Ok(()));
        }
        let _one_by_one = self.writing.lock().await;
        if self.desk().counts(key, channel, &design) {
            return Ok(Ok(()));
        }
        let stream = stored::stream(key, channel);
        if !self.desk().has_room(&stream) {
            return Ok(Err(Refusal::too_many_experiments()));
        }
        self.store_one(&stream).await;
        let begin = self.begin((&stream, channel), design, entry.changed_at_ms).await?;
        let held =
            Held::of(begin).ok_or_else(|| stored::unreadable(&stream, &"the counts are not those of the split"))?;
        self.desk().put(held);
        Ok(Ok(()))
    }

    /// Goes on where the journal left off, if the flag still decides the same; otherwise begins anew, in the journal first.
    async fn begin(
        &self,
        (stream, channel): (&str, &str),
        design: Design,
        changed_at_ms: i64,
    ) -> Result<Begin, Failure> {
        let journal = self.control.journal();
        let last = stored::last(journal.as_ref(), stream).await?;
        if let Some(last) = &last
            && last.began.decision == design.decision
        {
            return Ok(Begin {
                stream: stream.to_string(),
                channel: channel.to_string(),
                seq: last.seq,
                n: last.n,
                since_ms: last.began.since_ms,
                design,
                counts: last.counts.clone(),
            });
        }
        let (seq, n) = last.map_or((0, 0), |last| (last.seq, last.n));
        let began = stored::Began {
            since_ms: changed_at_ms,
            weights: design.weights.clone(),
            decision: design.decision.clone(),
        };
        let seq = began.write(journal.as_ref(), stream, seq, self.control.fence()?, self.now_ms()).await?;
        Ok(Begin {
            stream: stream.to_string(),
            channel: channel.to_string(),
            seq,
            n,
            since_ms: changed_at_ms,
            design,
            counts: None,
        })
    }

    /// An experiment's counts: those of now where this replica counts, those that were written last otherwise.
    pub(crate) async fn look(&self, flag: &flags::Flag, channel: &str) -> Result<Option<Counted>, Failure> {
        let design = Design::of(flag, channel).ok();
        let stream = stored::stream(&flag.key, channel);
        if self.control.fence().is_ok()
            && let Some(held) = self.desk().held(&stream)
        {
            let current = design.as_ref().is_some_and(|design| held.is(design));
            return Ok(Some(held.shown(current)));
        }
        let last = stored::last(self.control.journal().as_ref(), &stream).await?;
        Ok(last.map(|last| Counted {
            since_ms: last.began.since_ms,
            current: design.is_some_and(|design| design.decision == last.began.decision),
            counts: last
                .counts
                .unwrap_or_else(|| Counts { users: vec![0; last.began.weights.len()], ..Counts::default() }),
            weights: last.began.weights,
        }))
    }

    /// Writes every count that changed since it was written.
    pub(crate) async fn store(&self) {
        let _one_by_one = self.writing.lock().await;
        let changed = self.desk().changed();
        for stream in changed {
            self.store_one(&stream).await;
        }
    }

    async fn store_one(&self, stream: &str) {
        let Some(unwritten) = self.desk().unwritten(stream) else { return };
        let Ok(fence) = self.control.fence() else {
            // Whoever leads now counts from what the journal has; these counts would be counted twice.
            self.desk().forget(stream);
            return;
        };
        let body = match serde_json::to_string(&unwritten.counts) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(code = "TG-8110", %error, stream, "counts cannot be written");
                return;
            }
        };
        let journal = self.control.journal();
        match journal.append_sample(stream, unwritten.n, unwritten.seq, fence, body).await {
            Ok(sample) => self.desk().written(stream, sample.n, &unwritten.counts),
            Err(error @ (AppendError::Conflict { .. } | AppendError::Fenced { .. })) => {
                tracing::warn!(%error, stream, "somebody else counts this experiment; counts since the last minute are dropped");
                self.desk().forget(stream);
            }
            Err(error) => tracing::warn!(%error, stream, "counts cannot be written; trying again in a minute"),
        }
    }

    fn now_ms(&self) -> i64 {
        self.control.now().0
    }

    /// A panic elsewhere must not end all counting; every event is counted whole or not at all.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
