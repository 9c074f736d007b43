//! Tells a story to the engine, line by line, and writes down what became true.
//!
//! A line is a moment in seconds and what happens: `20 good` is a healthy interval that ended at that moment, `20..50
//! good` one at the end of every ten seconds from 20 to 50.

use crate::plan::{opened, plan};
use engine::{
    Command, Exit, Fact, Gap, Input, Measurement, Millis, Opened, Plan, Probe, Record, Share, Stage, Stamp, State,
    TakenBack, Timestamp, desired, step,
};
use expect_test::Expect;
use std::fmt::Write as _;

/// Tells a story under the usual plan.
pub(crate) fn check(story: &str, expect: &Expect) {
    check_under(plan(), story, expect);
}

/// Tells a story under another plan.
pub(crate) fn check_under(plan: Plan, story: &str, expect: &Expect) {
    check_opened(opened(plan), story, expect);
}

/// Tells the story of a release that was opened otherwise.
pub(crate) fn check_opened(opened: Opened, story: &str, expect: &Expect) {
    let mut teller = Teller::new(opened);
    // A driver's first word.
    teller.tell(0, "tick");
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (when, what) = line.split_once(' ').unwrap();
        let (from, to) = when.split_once("..").unwrap_or((when, when));
        for at in (from.parse::<i64>().unwrap()..=to.parse().unwrap()).step_by(10) {
            teller.tell(at, what);
        }
    }
    expect.assert_eq(&teller.end());
}

pub(crate) struct Teller {
    pub(crate) state: State,
    told: String,
    blocks: u64,
}

impl Teller {
    pub(crate) fn new(opened: Opened) -> Self {
        let state = State::open(&by("ann", 0), opened).unwrap();
        Self { state, told: String::new(), blocks: 0 }
    }

    pub(crate) fn tell(&mut self, at: i64, what: &str) {
        let actor = if command(what).is_some() { "ann" } else { "tidegate" };
        let input = self.input(at, what);
        let before = self.state.clone();
        match step(&mut self.state, &by(actor, at), input) {
            Ok(facts) => facts.iter().for_each(|fact| self.note(at, fact)),
            Err(refusal) => {
                assert_eq!(self.state, before, "a refusal changes nothing");
                let _ = writeln!(self.told, "{at:>4} {} {refusal}; {}", refusal.code(), refusal.hint());
            }
        }
    }

    fn note(&mut self, at: i64, fact: &Fact) {
        if let Fact::Record(record) = fact {
            let _ = writeln!(self.told, "{at:>4} {}", line(record));
        }
    }

    fn end(mut self) -> String {
        let want = desired(&self.state);
        let line = self.state.headline().line;
        let ours = [": harm: ", ": undecided: "]
            .iter()
            .fold(line.as_str(), |all, judge| all.split(judge).next().unwrap_or(all));
        let _ = writeln!(self.told, "     {} on {:?}: {ours}", want.share, want.canary);
        // An expected text loses the spaces that all its lines begin with, and so must this one.
        let common = self.told.lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
        self.told.lines().map(|line| format!("{}\n", &line[common..])).collect()
    }

    fn input(&mut self, at: i64, what: &str) -> Input {
        if let Some(command) = command(what) {
            return Input::Command(command);
        }
        let (word, rest) = what.split_once(' ').unwrap_or((what, ""));
        match word {
            "deployed" => Input::Deployed,
            "undeployable" => Input::DeployFailed { reason: rest.to_string() },
            "cleared" => Input::WayCleared { live: Some(rest.to_string()) },
            "confirmed" => Input::ShareConfirmed { share: Share::percent(rest.parse().unwrap()) },
            "taken-back" => {
                Input::TakenBack(TakenBack { at: moment(rest.parse().unwrap()), after: Millis::minutes(5) })
            }
            "promoted" => Input::Promoted,
            "withdrawn" => Input::Withdrawn,
            "stable-well" => Input::StableProbed { well: true, detail: "stable answers".to_string() },
            "stable-ill" => Input::StableProbed { well: false, detail: "stable does not answer".to_string() },
            "integrity" => Input::IntegrityAlarm { detail: rest.to_string() },
            "critical" => Input::CriticalReport { detail: rest.to_string() },
            "hook" => hook(&self.state, rest),
            "tick" => Input::Tick,
            _ => Input::Measured(Box::new(self.measurement(at, word, rest))),
        }
    }

    /// An interval of ten seconds with ten thousand requests; a process may have `ended` long before.
    fn measurement(&mut self, at: i64, word: &str, rest: &str) -> Measurement {
        self.blocks += 1;
        let share = match &self.state.stage {
            Stage::Ramping(ramp) => self.state.plan().phases[ramp.phase].share,
            _ => desired(&self.state).share,
        };
        let canary = 10_000 * u64::from(share.ppm()) / 1_000_000;
        let arms = |canary_errors: u64, stable_errors: u64| {
            (Some(arm(canary, canary_errors)), Some(arm(10_000 - canary, stable_errors)))
        };
        let (canary_arm, stable_arm) = match word {
            "good" | "late" | "unverified" | "dead" | "ended" => arms(1, 1),
            "bad" => arms(200, 1),
            "outage" => arms(400, 400),
            "few" => (Some(arm(3, 0)), Some(arm(27, 0))),
            "astray" => (Some(arm(canary / 50, 0)), Some(arm(10_000 - canary / 50, 10))),
            "silent" => (None, None),
            other => panic!("nothing is called {other}"),
        };
        let end = moment(at);
        let probes =
            if word == "dead" { vec![Probe { at: end, canary: false, stable: Some(true) }; 5] } else { vec![] };
        let exits = if word == "ended" {
            let ended = rest.parse().map_or(end, moment);
            vec![Exit { version: "1.1".to_string(), at: ended, how: "exit code 1".to_string() }]
        } else {
            vec![]
        };
        Measurement {
            cursor: self.blocks.to_string(),
            from: moment(at - 10),
            to: end,
            received_at: if word == "late" { moment(at + 31) } else { end },
            share: (word != "unverified").then_some(share),
            stable: stable_arm,
            canary: canary_arm,
            gap: (word == "silent").then_some(Gap::NoData),
            probes,
            exits,
        }
    }
}

fn arm(requests: u64, errors_per_mille: u64) -> judge::Arm {
    let mut latency = judge::Histogram::new();
    latency.add(judge::sketch::bucket_of(40_000), requests / 2);
    latency.add(judge::sketch::bucket_of(44_000), requests - requests / 2);
    judge::Arm { requests, errors: requests * errors_per_mille / 1_000, latency, ..judge::Arm::default() }
}

fn hook(state: &State, rest: &str) -> Input {
    let (name, outcome) = rest.split_once(' ').unwrap();
    let phase = if let Stage::Ramping(ramp) = &state.stage { ramp.phase } else { 0 };
    let outcome = if outcome == "well" { Ok(()) } else { Err(outcome.to_string()) };
    Input::HookFinished { phase, hook: name.to_string(), outcome }
}

fn command(what: &str) -> Option<Command> {
    let (word, reason) = what.split_once(": ").unwrap_or((what, "why not"));
    let reason = if reason == "-" { String::new() } else { reason.to_string() };
    match word {
        "pause" => Some(Command::Pause { reason }),
        "resume" => Some(Command::Resume),
        "advance" => Some(Command::Advance { reason, phase: None }),
        // The phase that whoever says it has read of, counted from 1.
        "advance 1" => Some(Command::Advance { reason, phase: Some(0) }),
        "advance 3" => Some(Command::Advance { reason, phase: Some(2) }),
        "abort" => Some(Command::Abort { reason }),
        "rollback" => Some(Command::RollBack { reason }),
        "supersede" => Some(Command::Supersede { by: "r2".to_string() }),
        _ => None,
    }
}

/// The beginning of every story.
pub(crate) fn moment(seconds: i64) -> Timestamp {
    Timestamp(1_700_000_000_000 + seconds * 1_000)
}

pub(crate) fn by(actor: &str, seconds: i64) -> Stamp {
    Stamp { at: moment(seconds), actor: actor.to_string() }
}

/// A record in a line, without the judge's numbers.
fn line(record: &Record) -> String {
    let kind = record.kind();
    match record {
        Record::PhaseEntered { phase, share } => format!("{kind} {} at {share}", phase + 1),
        Record::ShareConfirmed { share } => format!("{kind} {share}"),
        Record::PhasePassed { phase, by, measurements, .. } => {
            format!("{kind} {} by {by:?} on {measurements} measurements", phase + 1)
        }
        Record::TakenBack { after, .. } => format!("{kind} after {after}"),
        Record::SoakExtended { to, .. } => format!("{kind} to {to}"),
        Record::Held { reason } | Record::Paused { reason } => format!("{kind}: {}", short(reason)),
        Record::HookFinished { hook, error, .. } => format!("{kind} {hook} {error:?}"),
        Record::DegradationShared { began } => format!("{kind} began={began}"),
        Record::SightLost { lost, detail } => format!("{kind} lost={lost}: {detail}"),
        Record::SplitDoubted { doubted, detail } => format!("{kind} doubted={doubted}: {detail}"),
        Record::RollbackStarted { cause, ending, blame, first_sign, .. } => {
            let sign = (first_sign.0 - moment(0).0) / 1_000;
            format!("{kind} {ending:?} blame={blame:?} first sign at {sign}: {}", short(&cause.to_string()))
        }
        Record::RollbackStepDone { step, detail } => format!("{kind} {step}: {}", short(detail)),
        Record::RollbackLate { step, budget } => format!("{kind} {step:?} beyond {budget}"),
        Record::WayCleared { live } => format!("{kind} {live:?}"),
        Record::Ended { ending } => format!("{kind} {ending:?}"),
        _ => kind.to_string(),
    }
}

/// The judge's sentences are its own to test.
fn short(text: &str) -> String {
    let end = text.find([':', ';']).filter(|_| text.len() > 90).unwrap_or(text.len());
    text[..end].to_string()
}
