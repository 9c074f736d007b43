//! What became of a world: how its releases ended, where users were when, and every invariant that was broken.

use crate::observe::{self, Broken};
use crate::scenario::Scenario;
use crate::world::{Answer, Event, Seen, World};
use control::{ReleaseId, decode_record};
use engine::{Millis, Record, Share, State};
use journal::{Entry, Head, Journal};
use std::collections::BTreeMap;
use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// What became of a world.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The releases, folded from the journal.
    pub releases: BTreeMap<ReleaseId, State>,
    /// Which share of users was on the newer version, since when.
    pub shares: Vec<(Millis, Share)>,
    /// What people were told: who, what they asked, the answer.
    pub answers: Vec<(String, &'static str, Answer)>,
    /// Every entry of the journal in a line.
    pub timeline: Vec<String>,
    /// When the first rollback was decided, and when users were back.
    pub rollback: Option<(Millis, Option<Millis>)>,
    /// What control still struggled with in the end.
    pub troubles: Vec<String>,
    /// The end of the journal's chain.
    pub head: Head,
    /// The awaits at which control could have crashed.
    pub points: u64,
    /// How often it did.
    pub crashes: usize,
    /// Every invariant that was broken.
    pub broken: Vec<Broken>,
    /// How long the world lasted.
    pub lasted: Millis,
    /// How long it took to live it.
    pub wall: Duration,
    /// How long it took to hold what was seen against the invariants.
    pub checked: Duration,
}

/// What two runs of one seed must have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The end of the journal's chain.
    head: Head,
    /// The awaits at which control could have crashed.
    points: u64,
    /// When the last thing was seen.
    lasted: Millis,
}

impl Trace {
    pub(crate) fn of(world: &World) -> Self {
        let lasted = world.inner().log.last().map_or(Millis::ZERO, |seen| seen.at);
        Self { head: head(world), points: world.points(), lasted }
    }
}

fn head(world: &World) -> Head {
    at_once(world.journal.head()).and_then(Result::ok).unwrap_or(Head::EMPTY)
}

impl Outcome {
    pub(crate) fn of(scenario: &Scenario, world: &World, wall: Duration) -> Self {
        let began = Instant::now();
        let log = std::mem::take(&mut world.inner().log);
        let audit = observe::observe(scenario, world, &log);
        let checked = began.elapsed();
        Self {
            releases: audit.states,
            shares: shares(&log),
            answers: answers(&log),
            timeline: entries(&log).map(|(at, entry)| line(at, entry)).collect(),
            rollback: rollback(&log),
            troubles: troubles(&log),
            head: head(world),
            points: world.points(),
            crashes: log.iter().filter(|seen| matches!(seen.event, Event::Crashed { .. })).count(),
            broken: audit.broken,
            lasted: log.last().map_or(Millis::ZERO, |seen| seen.at),
            wall,
            checked,
        }
    }

    /// What another run of the same scenario must leave as well.
    pub(crate) fn trace(&self) -> Trace {
        Trace { head: self.head, points: self.points, lasted: self.lasted }
    }

    /// How the newest release stands, in one stable word; `none` when there is no release.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.releases.values().next_back().map_or("none", State::stage_word)
    }

    /// How all releases stand, oldest first.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        self.releases.values().map(State::stage_word).collect()
    }

    /// The share in the end.
    #[must_use]
    pub fn share(&self) -> Share {
        self.shares.last().map_or(Share::NONE, |(_, share)| *share)
    }

    /// The answers as short texts.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        self.answers
            .iter()
            .map(|(_, asked, answer)| match answer {
                Answer::Accepted => format!("{asked}: accepted"),
                Answer::Unwritten => format!("{asked}: unwritten"),
                Answer::Refused { code, .. } => format!("{asked}: {code}"),
                Answer::None => format!("{asked}: no answer"),
            })
            .collect()
    }
}

/// The answer of a store that never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

fn entries(log: &[Seen]) -> impl Iterator<Item = (Millis, &Entry)> {
    log.iter().filter_map(|seen| match &seen.event {
        Event::Wrote { entry, .. } => Some((seen.at, &**entry)),
        _ => None,
    })
}

pub(crate) fn shares(log: &[Seen]) -> Vec<(Millis, Share)> {
    let moves = log.iter().filter_map(|seen| match &seen.event {
        Event::Shifted { before, share, .. } if before != share => Some((seen.at, *share)),
        Event::TakenBack { .. } => Some((seen.at, Share::NONE)),
        _ => None,
    });
    moves.collect()
}

fn answers(log: &[Seen]) -> Vec<(String, &'static str, Answer)> {
    let told = log.iter().filter_map(|seen| match &seen.event {
        Event::Answered { actor, asked, answer } => Some((actor.clone(), *asked, answer.clone())),
        _ => None,
    });
    told.collect()
}

fn troubles(log: &[Seen]) -> Vec<String> {
    let lives = log.iter().filter_map(|seen| match &seen.event {
        Event::Over { lives, .. } => Some(lives),
        _ => None,
    });
    let all = lives.flatten().flat_map(|live| {
        let unwritten = (live.unwritten > 0).then(|| format!("{}: {} unwritten", live.id, live.unwritten));
        let troubles = live.troubles.iter().map(|trouble| format!("{}: {} {}", live.id, trouble.what, trouble.message));
        unwritten.into_iter().chain(troubles).collect::<Vec<_>>()
    });
    all.collect()
}

/// When the first rollback was decided, by the stamp in the journal, and when nobody was on the version any more.
fn rollback(log: &[Seen]) -> Option<(Millis, Option<Millis>)> {
    let (written, entry) = entries(log).find(|(_, entry)| entry.kind == "rollback_started")?;
    let decided = u64::try_from(entry.at_ms.saturating_sub(crate::world::BEGINNING.0)).map_or(written, Millis);
    let mut share = Share::NONE;
    let mut back = None;
    for (at, now) in shares(log) {
        if at >= decided && now == Share::NONE && back.is_none() {
            back = Some(at);
        }
        if at < decided {
            share = now;
        }
    }
    Some((decided, if share == Share::NONE { Some(decided) } else { back }))
}

/// One entry for people who read a failing seed.
fn line(at: Millis, entry: &Entry) -> String {
    let what = match decode_record(entry) {
        Ok((_, record)) => text(&record),
        Err(error) => error.to_string(),
    };
    let release = entry.stream.strip_prefix(ReleaseId::STREAMS).unwrap_or(&entry.stream);
    format!("{}.{:03} {release} {} {what}", clock(at), at.0 % 1_000, entry.kind).trim_end().to_string()
}

fn clock(at: Millis) -> String {
    let seconds = at.0 / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn text(record: &Record) -> String {
    match record {
        Record::Opened(opened) => opened.version.clone(),
        Record::WayCleared { live } => live.clone().unwrap_or_default(),
        Record::PhaseEntered { phase, share } => format!("{} at {share}", phase + 1),
        Record::ShareConfirmed { share } => share.to_string(),
        Record::TakenBack { after, .. } => format!("after {after} without a word"),
        Record::SoakExtended { to, .. } => format!("to {to}"),
        Record::Held { reason } | Record::Paused { reason } => reason.clone(),
        Record::HookFinished { hook, error, .. } => match error {
            None => format!("{hook} well"),
            Some(error) => format!("{hook} failed: {error}"),
        },
        Record::DegradationShared { began } => if *began { "began" } else { "ended" }.to_string(),
        Record::SightLost { lost, detail } => format!("{}: {detail}", if *lost { "lost" } else { "back" }),
        Record::SplitDoubted { doubted, detail } => {
            format!("{}: {detail}", if *doubted { "doubted" } else { "verified" })
        }
        Record::PhasePassed { phase, by, .. } => format!("{} by {by:?}", phase + 1),
        Record::RollbackStarted { cause, ending, .. } => format!("{ending:?}: {cause}"),
        Record::RollbackStepDone { step, detail } => format!("{step}: {detail}"),
        Record::RollbackLate { step, .. } => step.map_or("in all".to_string(), |step| step.to_string()),
        Record::Ended { ending } => format!("{ending:?}"),
        Record::DeployStarted
        | Record::Deployed
        | Record::Resumed
        | Record::WatchStarted
        | Record::PromotionStarted
        | Record::Completed
        | Record::Withdrawn => String::new(),
    }
}
