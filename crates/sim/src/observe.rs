//! The invariants of the architecture as observers: each reads everything that was seen, in order, beside the state that
//! the journal told at that moment, and says what breaks its sentence.

mod blame;
mod chain;
mod invariant;
mod leaders;
mod levers;
mod passes;
mod people;
mod policies;
mod queue;
mod replay;
mod rest;
mod rollbacks;
mod silence;
mod soak;
mod world;

pub use invariant::*;

use crate::outcome::at_once;
use crate::scenario::{Port, PortTrouble, Scenario, Trouble};
use crate::world::{Event, Seen, World};
use control::{ReleaseId, decode_measurement, decode_record};
use engine::{Fact, Measurement, Millis, Record, Stamp, State, Timestamp};
use journal::{Journal, Sample};
use std::collections::BTreeMap;
use std::fmt;

/// An invariant that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The invariant, in a sentence.
    pub invariant: &'static str,
    /// When, since the beginning of the world.
    pub at: Millis,
    /// What was seen.
    pub what: String,
}

/// What observers made of a world.
pub(crate) struct Audit {
    pub(crate) states: BTreeMap<ReleaseId, State>,
    pub(crate) broken: Vec<Broken>,
}

/// What can be known at a moment.
struct View<'a> {
    scenario: &'a Scenario,
    /// Every release as the journal tells it, before the step that is looked at.
    states: BTreeMap<ReleaseId, State>,
    /// How many entries each of them has.
    entries: BTreeMap<ReleaseId, u64>,
    at: Millis,
}

/// A step of the world, as observers are told it.
enum Step<'a> {
    /// A record was written.
    Record { id: ReleaseId, stamp: Stamp, record: Record },
    /// A measurement was written.
    Measured { id: ReleaseId, measurement: Box<Measurement> },
    /// Something else was seen; also told before its record, for an entry.
    Seen(&'a Event),
}

trait Observer {
    /// What must always be so, in one sentence.
    fn invariant(&self) -> &'static str;
    /// Looks at one step; the error says what breaks the sentence.
    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String>;
    /// Looks at how everything ended.
    fn end(&mut self, view: &View<'_>) -> Result<(), String>;
}

fn observers() -> Vec<Box<dyn Observer>> {
    vec![
        Box::<levers::RisesByEvidence>::default(),
        Box::<levers::OnlyFallsAfterRollback>::default(),
        Box::<levers::UsersFirst>::default(),
        Box::<passes::PassesByEvidence>::default(),
        Box::<soak::SoakIsMeasured>::default(),
        Box::<rollbacks::EndsAtZeroOrShouts>::default(),
        Box::<rollbacks::NothingDelaysUsers>::default(),
        Box::<blame::OnlyTheSickAreBlamed>::default(),
        Box::<leaders::OneDrives>::default(),
        Box::<replay::ReplayIsLive>::default(),
        Box::<people::HeardIsWritten>::default(),
        Box::<rest::ComesToRest>::default(),
        Box::<world::TheWorldAgrees>::default(),
        Box::<chain::GivesBackWhatWasSealed>::default(),
        Box::<policies::FollowsItsPolicy>::default(),
        Box::<queue::OneAtATime>::default(),
        Box::<silence::NobodyUnwatched>::default(),
    ]
}

/// Reads what was seen, and holds it against every invariant.
pub(crate) fn observe(scenario: &Scenario, world: &World, log: &[Seen]) -> Audit {
    let mut observers = observers();
    let mut broken = Vec::new();
    let mut view = View { scenario, states: BTreeMap::new(), entries: BTreeMap::new(), at: Millis::ZERO };
    let samples = Samples::of(world);
    for seen in log {
        view.at = seen.at;
        tell(&mut observers, &view, &Step::Seen(&seen.event), &mut broken);
        match decoded(&samples, &seen.event) {
            Ok(Some(step)) => {
                tell(&mut observers, &view, &step, &mut broken);
                if let Step::Record { id, .. } = &step {
                    *view.entries.entry(*id).or_default() += 1;
                }
                if let Err(what) = fold(&mut view.states, &step) {
                    broken.push(Broken { invariant: READABLE, at: seen.at, what });
                }
            }
            Ok(None) => {}
            Err(what) => broken.push(Broken { invariant: READABLE, at: seen.at, what }),
        }
    }
    for observer in &mut observers {
        if let Err(what) = observer.end(&view) {
            broken.push(Broken { invariant: observer.invariant(), at: view.at, what });
        }
    }
    if let Some(Err(damage)) = at_once(world.journal.verify()) {
        broken.push(Broken { invariant: VERIFIES, at: view.at, what: damage.to_string() });
    }
    Audit { states: view.states, broken }
}

fn tell(observers: &mut [Box<dyn Observer>], view: &View<'_>, step: &Step<'_>, broken: &mut Vec<Broken>) {
    for observer in observers {
        if let Err(what) = observer.see(view, step) {
            broken.push(Broken { invariant: observer.invariant(), at: view.at, what });
        }
    }
}

/// Every sample that was written, by stream.
struct Samples(BTreeMap<String, Vec<Sample>>);

impl Samples {
    fn of(world: &World) -> Self {
        let streams = at_once(world.journal.streams("")).and_then(Result::ok).unwrap_or_default();
        let read = |stream: &str| at_once(world.journal.read_samples(stream, 0, usize::MAX)).and_then(Result::ok);
        Self(streams.into_iter().filter_map(|head| Some((head.stream.clone(), read(&head.stream)?))).collect())
    }

    fn get(&self, stream: &str, n: u64) -> Option<&Sample> {
        self.0.get(stream)?.get(usize::try_from(n).ok()?.checked_sub(1)?)
    }
}

fn decoded<'a>(samples: &Samples, event: &Event) -> Result<Option<Step<'a>>, String> {
    match event {
        Event::Wrote { entry, .. } => {
            let id = ReleaseId::of_stream(&entry.stream).ok_or_else(|| format!("no release: {}", entry.stream))?;
            let (stamp, record) = decode_record(entry).map_err(|error| error.to_string())?;
            Ok(Some(Step::Record { id, stamp, record }))
        }
        Event::Sampled { stream, n } => {
            let id = ReleaseId::of_stream(stream).ok_or_else(|| format!("no release: {stream}"))?;
            let sample = samples.get(stream, *n).ok_or_else(|| format!("sample {n} of {stream} is gone"))?;
            let measurement = decode_measurement(sample).map_err(|error| error.to_string())?;
            Ok(Some(Step::Measured { id, measurement: Box::new(measurement) }))
        }
        _ => Ok(None),
    }
}

fn fold(states: &mut BTreeMap<ReleaseId, State>, step: &Step<'_>) -> Result<(), String> {
    match step {
        Step::Record { id, stamp, record: Record::Opened(opened) } => {
            let state = State::open(stamp, (**opened).clone()).map_err(|error| error.to_string())?;
            states.insert(*id, state);
        }
        Step::Record { id, stamp, record } => {
            let state = states.get_mut(id).ok_or_else(|| format!("{id} was never opened"))?;
            state.absorb(stamp, &Fact::Record(record.clone()));
        }
        Step::Measured { id, measurement } => {
            let state = states.get_mut(id).ok_or_else(|| format!("{id} was never opened"))?;
            let stamp = Stamp { at: Timestamp(measurement.received_at.0), actor: String::new() };
            state.absorb(&stamp, &Fact::Measured(measurement.clone()));
        }
        Step::Seen(_) => {}
    }
    Ok(())
}

impl View<'_> {
    /// Whether a port has said by now that something was done which was not.
    fn lied(&self, ports: &[Port]) -> bool {
        self.scenario.faults.iter().any(|fault| match fault.what {
            Trouble::Port { port, how: PortTrouble::Lies } => fault.during.from <= self.at && ports.contains(&port),
            _ => false,
        })
    }

    /// The release whose turn it is at this service.
    fn in_charge(&self, service: &str) -> Option<(ReleaseId, &State)> {
        let of_service =
            self.states.iter().filter(|(_, state)| state.opened.service == service && state.deploy_started);
        of_service.max_by_key(|(id, _)| **id).map(|(id, state)| (*id, state))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {}: {}; broken: {}", self.at, self.what, self.invariant)
    }
}
