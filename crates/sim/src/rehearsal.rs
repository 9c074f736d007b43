//! One world lived for its story: what a rehearsal tells people. Unlike [`crate::run`] it holds nothing against invariants,
//! which are about control and not about a policy.

use crate::outcome::shares;
use crate::run::in_virtual_time;
use crate::scenario::Scenario;
use crate::world::{Answer, BEGINNING, Event, Seen, Toll, World};
use control::decode_record;
use engine::{Fact, Millis, Record, Share, State};
use std::time::{Duration, Instant};

/// What became of the one release of a world.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The release, folded from the journal's records; nothing when none was opened.
    pub release: Option<State>,
    /// What happened, in order.
    pub story: Vec<(Millis, Told)>,
    /// Which share of users was on the newer version, since when.
    pub shares: Vec<(Millis, Share)>,
    /// What it cost users.
    pub toll: Toll,
    /// How long the world lasted.
    pub lasted: Millis,
    /// How long it took to live it.
    pub wall: Duration,
}

/// Something worth telling.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The journal says it.
    Wrote(Box<Record>),
    /// The control plane was killed.
    Killed,
    /// Nobody could open the release, and why.
    Refused(String),
}

/// Lives a scenario in virtual time, on this thread.
///
/// # Errors
/// The system does not give the runtime what it needs, or the journal of the world cannot be read back.
pub fn rehearse(scenario: &Scenario) -> std::io::Result<Rehearsal> {
    let began = Instant::now();
    let world = in_virtual_time(scenario)?;
    let log = std::mem::take(&mut world.inner().log);
    let mut release = None;
    let mut story = Vec::new();
    for seen in &log {
        story.extend(told(seen, &mut release)?);
    }
    // What was decided while the journal could not be written is told when it was decided.
    story.sort_by_key(|(at, _)| *at);
    Ok(Rehearsal {
        release,
        story,
        shares: shares(&log),
        toll: toll(&world),
        lasted: log.last().map_or(Millis::ZERO, |seen| seen.at),
        wall: began.elapsed(),
    })
}

fn toll(world: &World) -> Toll {
    world.inner().served.toll
}

fn told(seen: &Seen, release: &mut Option<State>) -> std::io::Result<Option<(Millis, Told)>> {
    Ok(match &seen.event {
        Event::Wrote { entry, .. } => {
            let (stamp, record) = decode_record(entry).map_err(std::io::Error::other)?;
            match (&record, release.as_mut()) {
                (Record::Opened(opened), _) => {
                    *release = Some(State::open(&stamp, (**opened).clone()).map_err(std::io::Error::other)?);
                }
                (_, Some(state)) => state.absorb(&stamp, &Fact::Record(record.clone())),
                (_, None) => {}
            }
            Some((stamp.at.since(BEGINNING), Told::Wrote(Box::new(record))))
        }
        Event::Crashed { .. } => Some((seen.at, Told::Killed)),
        Event::Answered { answer: Answer::Refused { why, .. }, .. } => Some((seen.at, Told::Refused(why.clone()))),
        _ => None,
    })
}
