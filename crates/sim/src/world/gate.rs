//! A gate as control sees it: it splits what comes, counts it in blocks under one order each, and refuses old orders. The
//! counts of a block follow from the seed and the moment when it begins, whoever asks for them and when.

use super::arm::{Asked, Late};
use super::silence::Switch;
use super::{BEGINNING, Inner, Served, World};
use crate::chance::Chance;
use crate::weather::Weather;
use control::ports::{Counted, Turn};
use engine::{Exit, Millis, Share};
use std::collections::VecDeque;

/// One service behind the gate.
#[derive(Debug)]
pub(crate) struct Gate {
    turn: Turn,
    pub(crate) share: Share,
    /// The share that it was asked for last, whether it did it or not.
    pub(crate) asked: Share,
    pub(crate) stable: Option<Installation>,
    pub(crate) canary: Option<Installation>,
    /// The number of the first block that counted this canary.
    canary_since: u64,
    open_since: Millis,
    looked_at: Millis,
    interval: Millis,
    closed: VecDeque<(u64, Counted)>,
    /// The counts of the last block are lost.
    pub(crate) lost_last: bool,
    next: u64,
    exits: Vec<Exit>,
    pub(crate) switch: Switch,
    /// When the canary's share rose last.
    risen: Option<Millis>,
    /// Errors of clusters that come in the next block: the old version's, the new one's.
    late: Late,
    /// The release whose order is in force.
    pub(crate) release: String,
}

/// A version that was brought up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installation {
    pub(crate) version: String,
    pub(crate) alive: bool,
    /// When its process ended by itself.
    pub(crate) died: Option<Millis>,
}

impl Installation {
    pub(crate) fn of(version: &str) -> Self {
        Self { version: version.to_string(), alive: true, died: None }
    }
}

/// An order came after a later one.
#[derive(Debug)]
pub(crate) struct Stale;

/// What a gate keeps.
const KEPT: usize = 2_048;

impl Gate {
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            turn: Turn { fence: 0, count: 0 },
            share: Share::NONE,
            asked: Share::NONE,
            stable: None,
            canary: None,
            canary_since: 0,
            open_since: now,
            looked_at: now,
            interval: Millis::seconds(1),
            closed: VecDeque::new(),
            lost_last: false,
            next: 1,
            exits: Vec::new(),
            switch: Switch::default(),
            risen: None,
            late: Late::default(),
            release: String::new(),
        }
    }

    /// The highest fence under which it obeyed.
    pub(crate) fn fence(&self) -> u64 {
        self.turn.fence
    }

    /// Takes an order if it is not older than the last one.
    pub(crate) fn obey(&mut self, turn: Turn) -> Result<(), Stale> {
        if turn < self.turn {
            return Err(Stale);
        }
        self.turn = turn;
        Ok(())
    }

    /// Brings a version up beside `stable`; one that is already up and alive is left alone.
    pub(crate) fn bring_up(&mut self, now: Millis, interval: Millis, stable: Option<&str>, version: &str) {
        if let (None, Some(stable)) = (&self.stable, stable) {
            self.stable = Some(Installation::of(stable));
        }
        match &mut self.canary {
            Some(canary) if canary.version == version => (canary.alive, canary.died) = (true, None),
            Some(_) | None => {
                self.canary = Some(Installation::of(version));
                self.share = Share::NONE;
                self.canary_since = self.next;
                self.risen = None;
                self.late = Late::default();
                self.open_since = now;
                self.looked_at = now;
                self.interval = interval.max(Millis(1));
            }
        }
    }

    /// Makes the canary the stable version. `false` when another version than `version` is asked for.
    pub(crate) fn promote(&mut self, version: &str) -> bool {
        if self.canary.as_ref().is_some_and(|canary| canary.version == version) {
            self.stable = self.canary.take();
            self.share = Share::NONE;
        }
        self.stable.as_ref().is_some_and(|stable| stable.version == version)
    }

    /// An order says which versions stand where: one that was promoted already stands beside the old one again.
    pub(crate) fn take_back_promotion(&mut self, stable: &str, canary: &str) {
        if self.canary.is_none() && self.stable.as_ref().is_some_and(|promoted| promoted.version == canary) {
            self.canary = self.stable.replace(Installation::of(stable));
        }
    }

    /// Lets a version go, and says on which share of users it was.
    pub(crate) fn withdraw(&mut self, version: &str) -> Option<Share> {
        self.canary.take_if(|canary| canary.version == version)?;
        Some(std::mem::replace(&mut self.share, Share::NONE))
    }

    /// Serves one version and nothing else.
    pub(crate) fn settle(&mut self, version: &str) {
        self.canary = None;
        self.share = Share::NONE;
        if self.stable.as_ref().is_none_or(|stable| stable.version != version) {
            self.stable = Some(Installation::of(version));
        }
    }

    /// The blocks after a number; `None` when there is no canary that could be counted.
    pub(crate) fn after(&self, cursor: &str) -> Option<Vec<Counted>> {
        self.canary.as_ref()?;
        let seen: u64 = cursor.parse().unwrap_or(0).max(self.canary_since.saturating_sub(1));
        // What is new is at the end, and little of it.
        let new = self.closed.iter().rev().take_while(|(number, _)| *number > seen).count();
        Some(self.closed.range(self.closed.len() - new..).map(|(_, counted)| counted.clone()).collect())
    }

    /// Ends the open block, which nobody will hear of when all its counts are lost.
    fn close(&mut self, weather: &Weather, block: Counted) {
        let (since, to) = (self.open_since, block.to.since(BEGINNING));
        self.lost_last = weather.uncounted(since) == (true, true);
        if self.closed.len() == KEPT {
            self.closed.pop_front();
        }
        self.open_since = to;
        if !self.lost_last {
            self.closed.push_back((self.next, block));
        }
        self.next += 1;
    }

    /// Processes that ended since the last look.
    fn bury(&mut self, weather: &Weather, now: Millis) {
        for installation in [&mut self.stable, &mut self.canary].into_iter().flatten() {
            if let Some(at) = weather.deaths(&installation.version, self.looked_at, now).filter(|_| installation.alive)
            {
                installation.alive = false;
                installation.died = Some(at);
                let version = installation.version.clone();
                self.exits.push(Exit { version, at: BEGINNING + at, how: "signal 9".to_string() });
            }
        }
        self.looked_at = now;
    }
}

impl World {
    /// A service's gate, with every block closed that ended by now.
    pub(crate) fn with_gate<T>(&self, service: &str, act: impl FnOnce(&mut Gate) -> T) -> T {
        let now = self.now();
        let Inner { gates, served, .. } = &mut *self.inner();
        let gate = gates.entry(service.to_string()).or_insert_with(|| Gate::new(now));
        served.catch_up(gate, self.seed, &self.weather, now);
        act(gate)
    }

    /// Moves users: the open block ends, so that each block was counted under one share.
    pub(crate) fn shift(&self, service: &str, share: Share) -> Share {
        let now = self.now();
        let Inner { gates, served, .. } = &mut *self.inner();
        let Some(gate) = gates.get_mut(service) else { return Share::NONE };
        served.move_users(gate, self.seed, &self.weather, now, share)
    }
}

impl Served {
    /// Ends the open block and puts another share in force.
    pub(super) fn move_users(
        &mut self,
        gate: &mut Gate,
        seed: u64,
        weather: &Weather,
        now: Millis,
        share: Share,
    ) -> Share {
        self.catch_up(gate, seed, weather, now);
        if gate.share != share && now > gate.open_since {
            let block = self.count(gate, seed, weather, now);
            gate.close(weather, block);
        }
        if share > gate.share {
            gate.risen = Some(now);
        }
        std::mem::replace(&mut gate.share, share)
    }

    fn catch_up(&mut self, gate: &mut Gate, seed: u64, weather: &Weather, now: Millis) {
        gate.bury(weather, now);
        if gate.canary.is_none() {
            gate.open_since = now;
            return;
        }
        // Blocks that nobody could read any more need not be counted.
        let oldest = now - gate.interval.times(KEPT as u64);
        gate.open_since = gate.open_since.max(oldest);
        while gate.open_since + gate.interval <= now {
            let to = gate.open_since + gate.interval;
            let block = self.count(gate, seed, weather, to);
            gate.close(weather, block);
        }
    }

    /// What was counted from the beginning of the open block to `to`.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a block")]
    fn count(&mut self, gate: &mut Gate, seed: u64, weather: &Weather, to: Millis) -> Counted {
        let from = gate.open_since;
        let mut chance = Chance::of(seed, from.0.wrapping_add(1));
        let seconds = (to - from).0 as f64 / 1_000.0;
        let requests = chance.poisson(weather.traffic(from) * seconds);
        let reached = gate.share.fraction() * weather.reached(from);
        let on_canary = if gate.canary.is_some() { chance.binomial(requests, reached) } else { 0 };
        let risen = gate.risen;
        let mut arm = |installed: &Option<Installation>, requests, risen, late: &mut u64| {
            let asked = installed.as_ref().map(|installed| Asked { installed, requests, at: from, risen });
            asked.map(|asked| self.answer(weather, &asked, late, &mut chance))
        };
        let canary = arm(&gate.canary, on_canary, risen, &mut gate.late.canary);
        let stable = arm(&gate.stable, requests - on_canary, None, &mut gate.late.stable);
        if let (Some(canary), Some(stable)) = (&gate.canary, &gate.stable) {
            self.toll.count(weather, (canary, on_canary, risen), stable, (from, to));
        }
        Counted {
            cursor: gate.next.to_string(),
            from: BEGINNING + from,
            to: BEGINNING + to,
            share: Some(gate.share),
            stable,
            canary,
            exits: std::mem::take(&mut gate.exits),
        }
    }
}
