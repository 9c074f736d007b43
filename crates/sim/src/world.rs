//! The world around control: machines that serve a service, a clock, and everything that was seen, in order. It lives on
//! while control planes die and are born.

mod arm;
mod gate;
mod log;
mod silence;
mod toll;

pub(crate) use gate::{Gate, Stale};
pub use log::{Answer, Event, Seen};
pub(crate) use silence::heed_silence;
pub use toll::Toll;

use crate::latency::Latencies;
use crate::planted::Planted;
use crate::scenario::Scenario;
use crate::weather::Weather;
use control::ports::Clock;
use engine::{Millis, Timestamp};
use journal::{Entry, Memory};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// The beginning of every simulated world: a Tuesday, 15:00 UTC.
pub const BEGINNING: Timestamp = Timestamp(1_767_711_600_000);

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) port_ms: u64,
    pub(crate) start_ms: u64,
    pub(crate) weather: Weather,
    pub(crate) planted: Option<Planted>,
    pub(crate) journal: Arc<Memory>,
    /// Told whenever a release is opened, ends or waits for a person, and when people have nothing more to say.
    pub(crate) news: Notify,
    /// Told when a lever first gets a dead man's switch.
    pub(crate) switched: Notify,
    began: Instant,
    points: AtomicU64,
    next_crash: AtomicU64,
    inner: Mutex<Inner>,
}

pub(crate) struct Inner {
    pub(crate) gates: BTreeMap<String, Gate>,
    pub(crate) log: Vec<Seen>,
    /// Under these names something was written.
    pub(crate) actors: BTreeSet<String>,
    /// Releases that are neither over nor waiting for a person.
    pub(crate) moving: BTreeSet<String>,
    pub(crate) people_left: bool,
    /// The highest fence under which anybody wrote.
    pub(crate) fence: u64,
    pub(crate) served: Served,
    crashes: Vec<u64>,
}

/// What follows from serving, whichever gate served: apart from the gates, so that one of them can count into it in place.
#[derive(Default)]
pub(crate) struct Served {
    speeds: BTreeMap<u64, Arc<Latencies>>,
    /// What the newer version cost those who were on it.
    pub(crate) toll: Toll,
}

impl World {
    /// A world that begins now; it must be made within its runtime.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut crashes: Vec<u64> = scenario.crashes.iter().rev().copied().collect();
        let next = crashes.pop().unwrap_or(u64::MAX);
        Self {
            seed: scenario.seed,
            port_ms: scenario.port_ms,
            start_ms: scenario.start.0,
            weather: Weather::of(scenario),
            planted: scenario.planted,
            journal: Arc::new(Memory::new()),
            news: Notify::new(),
            switched: Notify::new(),
            began: Instant::now(),
            points: AtomicU64::new(0),
            next_crash: AtomicU64::new(next),
            inner: Mutex::new(Inner {
                gates: BTreeMap::new(),
                log: Vec::new(),
                actors: BTreeSet::new(),
                moving: BTreeSet::new(),
                people_left: true,
                fence: 0,
                served: Served::default(),
                crashes,
            }),
        }
    }

    /// The time since the beginning, which no clock step reaches.
    pub(crate) fn now(&self) -> Millis {
        Millis(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Now, if anything is wrong at any time: where nothing is, nobody need ask the clock at every call.
    pub(crate) fn troubled(&self) -> Option<Millis> {
        (!self.weather.is_fair()).then(|| self.now())
    }

    /// Whether this bug was put into this world.
    pub(crate) fn has(&self, bug: Planted) -> bool {
        self.planted == Some(bug)
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn saw(&self, event: Event) {
        let at = self.now();
        self.inner().log.push(Seen { at, event });
    }

    /// One more await was reached; whether control crashes there.
    pub(crate) fn crashes_here(&self) -> bool {
        let point = self.points.fetch_add(1, Ordering::Relaxed);
        if point < self.next_crash.load(Ordering::Relaxed) {
            return false;
        }
        let next = self.inner().crashes.pop().unwrap_or(u64::MAX);
        self.next_crash.store(next, Ordering::Relaxed);
        true
    }

    /// How many awaits were reached so far.
    pub(crate) fn points(&self) -> u64 {
        self.points.load(Ordering::Relaxed)
    }

    /// Notes what was written, and whether a release goes on by itself.
    pub(crate) fn wrote(&self, replica: usize, fence: u64, entries: &[Entry]) {
        let at = self.now();
        let mut inner = self.inner();
        for entry in entries {
            inner.actors.insert(entry.actor.clone());
            match entry.kind.as_str() {
                "opened" | "resumed" | "rollback_started" | "phase_passed" => {
                    inner.moving.insert(entry.stream.clone());
                    self.news.notify_one();
                }
                "completed" | "ended" | "held" | "paused" | "taken_back" => {
                    inner.moving.remove(&entry.stream);
                    self.news.notify_one();
                }
                _ => {}
            }
            let mut entry = Box::new(entry.clone());
            if self.has(Planted::LetterChanged) && entry.kind == "deployed" {
                entry.actor.push('.');
            }
            inner.log.push(Seen { at, event: Event::Wrote { entry, replica, fence } });
        }
    }

    /// Whether nothing more will happen by itself.
    pub(crate) fn is_quiet(&self) -> bool {
        let inner = self.inner();
        inner.moving.is_empty() && !inner.people_left
    }

    /// Looks once more at every service.
    pub(crate) fn left(&self) {
        let at = self.now();
        let mut inner = self.inner();
        let version = |of: &Option<gate::Installation>| of.as_ref().map(|installed| installed.version.clone());
        let left: Vec<Seen> = inner
            .gates
            .iter()
            .map(|(service, gate)| Event::Left {
                service: service.clone(),
                stable: version(&gate.stable),
                canary: version(&gate.canary),
            })
            .map(|event| Seen { at, event })
            .collect();
        inner.log.extend(left);
    }

    pub(crate) fn people_are_done(&self) {
        self.inner().people_left = false;
        self.news.notify_one();
    }
}

impl Served {
    /// Latencies that are so many times as slow as a healthy version's, to the percent.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a factor"
    )]
    pub(crate) fn speed(&mut self, weather: &Weather, slower: f64) -> Arc<Latencies> {
        let percent = (slower.clamp(0.01, 1_000.0) * 100.0) as u64;
        let made = self.speeds.entry(percent).or_insert_with(|| {
            let healthy = weather.healthy();
            Arc::new(Latencies::new(healthy.median_us * percent as f64 / 100.0, healthy.sigma))
        });
        Arc::clone(made)
    }
}

/// The clock of a machine that runs control.
pub(crate) struct WallClock {
    world: Arc<World>,
    replica: usize,
}

impl WallClock {
    pub(crate) fn new(world: &Arc<World>, replica: usize) -> Self {
        Self { world: Arc::clone(world), replica }
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let (weather, now) = (&self.world.weather, self.world.now());
        // Whoever stands still does not see time pass.
        let at = weather.frozen(self.replica, now).map_or(now, |frozen| frozen.from);
        let told = BEGINNING + at;
        Timestamp(told.0.saturating_add(weather.clock_off_ms(self.replica, at)))
    }
}
