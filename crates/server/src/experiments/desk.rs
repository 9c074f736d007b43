//! What is in memory: the experiments that are counted, their users as numbers, and the ids of the latest events.

use super::event::{Count, Refusal, Report, Told, What};
use super::{Counted, stored};
use experiments::{Counts, Design, Places, Run};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Experiments at the same time.
const MOST_EXPERIMENTS: usize = 500;
/// Users of one experiment.
const MOST_USERS: usize = 1_000_000;
/// Users and values of all of them together: some 150 MB.
const MOST_PLACES: usize = 3_000_000;
/// How many ids of events are remembered per channel.
const MOST_IDS: usize = 100_000;
/// How far ahead a clock of a client may be.
const AHEAD_MS: i64 = 300_000;
/// An experiment of which nothing was heard for so long is forgotten until something is.
const IDLE_MS: i64 = 24 * 3_600_000;

/// All of it.
pub(super) struct Desk {
    /// By stream.
    held: HashMap<String, Held>,
    places: Places,
    /// By channel.
    ids: HashMap<String, Ids>,
}

/// An experiment that is counted.
pub(super) struct Held {
    stream: String,
    channel: String,
    design: Design,
    run: Run,
    /// Turns names into numbers. Its key is made by chance and gone with it.
    hasher: RandomState,
    seq: u64,
    n: u64,
    since_ms: i64,
    /// What the journal has; nothing if it has nothing.
    written: Option<Counts>,
}

/// An experiment that is to be counted.
pub(super) struct Begin {
    pub(super) stream: String,
    pub(super) channel: String,
    pub(super) seq: u64,
    pub(super) n: u64,
    pub(super) since_ms: i64,
    pub(super) design: Design,
    pub(super) counts: Option<Counts>,
}

/// Counts on their way into the journal.
pub(super) struct Unwritten {
    pub(super) seq: u64,
    pub(super) n: u64,
    pub(super) counts: Counts,
}

/// The ids of the latest events, as numbers.
#[derive(Default)]
struct Ids {
    hasher: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { held: HashMap::new(), places: Places::new(MOST_PLACES), ids: HashMap::new() }
    }
}

impl Held {
    /// Nothing if the counts are not those of the split.
    pub(super) fn of(begin: Begin) -> Option<Self> {
        let weights = begin.design.weights.clone();
        let written = begin.counts.clone();
        let run = match begin.counts {
            Some(counts) => Run::resume(weights, MOST_USERS, counts)?,
            None => Run::begin(weights, MOST_USERS),
        };
        Some(Self {
            stream: begin.stream,
            channel: begin.channel,
            design: begin.design,
            run,
            hasher: RandomState::new(),
            seq: begin.seq,
            n: begin.n,
            since_ms: begin.since_ms,
            written,
        })
    }

    pub(super) fn is(&self, design: &Design) -> bool {
        self.design.decision == design.decision
    }

    pub(super) fn shown(&self, current: bool) -> Counted {
        Counted {
            since_ms: self.since_ms,
            weights: self.run.weights().to_vec(),
            counts: self.run.counts().clone(),
            current,
        }
    }

    /// Whether something was counted that the journal does not have.
    fn is_changed(&self) -> bool {
        let counts = self.run.counts();
        counts.at_ms != 0 && self.written.as_ref() != Some(counts)
    }
}

impl Desk {
    pub(super) fn counts(&self, key: &str, channel: &str, design: &Design) -> bool {
        self.held.get(&stored::stream(key, channel)).is_some_and(|held| held.is(design))
    }

    pub(super) fn has_room(&self, stream: &str) -> bool {
        self.held.len() < MOST_EXPERIMENTS || self.held.contains_key(stream)
    }

    pub(super) fn held(&self, stream: &str) -> Option<&Held> {
        self.held.get(stream)
    }

    pub(super) fn put(&mut self, held: Held) {
        if let Some(old) = self.held.insert(held.stream.clone(), held) {
            self.places.give_back(&old.run);
        }
    }

    pub(super) fn forget(&mut self, stream: &str) {
        if let Some(old) = self.held.remove(stream) {
            self.places.give_back(&old.run);
        }
    }

    pub(super) fn forget_idle(&mut self, now_ms: i64) {
        let idle = |held: &&Held| !held.is_changed() && held.run.counts().at_ms < now_ms.saturating_sub(IDLE_MS);
        let streams: Vec<String> = self.held.values().filter(idle).map(|held| held.stream.clone()).collect();
        streams.iter().for_each(|stream| self.forget(stream));
    }

    pub(super) fn changed(&self) -> Vec<String> {
        self.held.values().filter(|held| held.is_changed()).map(|held| held.stream.clone()).collect()
    }

    pub(super) fn unwritten(&self, stream: &str) -> Option<Unwritten> {
        let held = self.held.get(stream).filter(|held| held.is_changed())?;
        Some(Unwritten { seq: held.seq, n: held.n, counts: held.run.counts().clone() })
    }

    pub(super) fn written(&mut self, stream: &str, n: u64, counts: &Counts) {
        if let Some(held) = self.held.get_mut(stream) {
            held.n = n;
            held.written = Some(counts.clone());
        }
    }

    /// Counts a batch. Exposures come first: what a user did is told in the same breath as what they saw.
    pub(super) fn count(
        &mut self,
        channel: &str,
        told: Vec<Result<Told, Refusal>>,
        standing: &BTreeMap<String, Result<(), Refusal>>,
        now_ms: i64,
    ) -> Report {
        let mut report = Report::default();
        let (exposures, others): (Vec<_>, Vec<_>) =
            told.into_iter().enumerate().partition(|(_, one)| one.as_ref().is_ok_and(|told| told.flag().is_some()));
        for (at, told) in exposures.into_iter().chain(others) {
            let became = told.and_then(|told| self.take(channel, &told, standing, now_ms));
            report.add(at, became);
        }
        report.refused.sort_by_key(|(at, _)| *at);
        report
    }

    fn take(
        &mut self,
        channel: &str,
        told: &Told,
        standing: &BTreeMap<String, Result<(), Refusal>>,
        now_ms: i64,
    ) -> Result<Count, Refusal> {
        let at_ms = told.at_ms.unwrap_or(now_ms);
        if at_ms > now_ms.saturating_add(AHEAD_MS) {
            return Err(Refusal::wrong_time(format!("`at_ms` is {at_ms}, and it is {now_ms} now")));
        }
        // A replica may have lost its lead since, with its experiments.
        let ids = self.ids.entry(channel.to_string()).or_default();
        if told.id.as_ref().is_some_and(|id| ids.is_known(id)) {
            return Ok(Count::Repeated);
        }
        let count = match &told.what {
            What::Exposure { flag, variant } => {
                standing.get(flag).cloned().unwrap_or_else(|| Err(Refusal::unknown_flag(flag)))?;
                self.expose(&stored::stream(flag, channel), &told.unit, variant, (at_ms, now_ms))?
            }
            What::Metric { name, value } => self.metric(channel, &told.unit, (name, *value), (at_ms, now_ms))?,
        };
        // What could not be counted yet may be told again.
        if let Some(id) = told.id.as_ref().filter(|_| count != Count::Unexposed) {
            self.ids.entry(channel.to_string()).or_default().keep(id);
        }
        Ok(count)
    }

    fn expose(
        &mut self,
        stream: &str,
        unit: &str,
        variant: &str,
        (at_ms, now_ms): (i64, i64),
    ) -> Result<Count, Refusal> {
        let Self { held, places, .. } = self;
        let Some(held) = held.get_mut(stream) else {
            return Err(Refusal::wrong_time("the experiment ended at this moment; send it again"));
        };
        if at_ms < held.since_ms {
            return Err(Refusal::wrong_time(format!("the split is what it is since {} only", held.since_ms)));
        }
        let user = held.hasher.hash_one(unit);
        let noted = held.run.expose(user, variant, at_ms, places).map_err(|refused| Refusal::of(&refused))?;
        held.run.stamp(now_ms);
        Ok(noted.into())
    }

    /// Counts it in every experiment of the channel that the user is in.
    fn metric(
        &mut self,
        channel: &str,
        unit: &str,
        (name, value): (&str, Option<f64>),
        (at_ms, now_ms): (i64, i64),
    ) -> Result<Count, Refusal> {
        let Self { held, places, .. } = self;
        let mut best = Count::Unexposed;
        let mut refused = None;
        for held in held.values_mut().filter(|held| held.channel == channel) {
            let user = held.hasher.hash_one(unit);
            match held.run.metric(user, name, value, at_ms, places).map(Count::from) {
                Ok(Count::Counted) => {
                    held.run.stamp(now_ms);
                    best = Count::Counted;
                }
                Ok(Count::Unexposed) => {}
                Ok(other) if best == Count::Unexposed => best = other,
                Ok(_) => {}
                Err(why) => refused = Some(Refusal::of(&why)),
            }
        }
        match (best, refused) {
            (Count::Counted, _) | (_, None) => Ok(best),
            (_, Some(refusal)) => Err(refusal),
        }
    }
}

impl Ids {
    fn is_known(&self, id: &str) -> bool {
        self.known.contains(&self.hasher.hash_one(id))
    }

    fn keep(&mut self, id: &str) {
        let number = self.hasher.hash_one(id);
        if self.known.insert(number) {
            self.order.push_back(number);
            if self.order.len() > MOST_IDS
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
    }
}
