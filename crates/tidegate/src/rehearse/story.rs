//! What happened in a world, in order and in words: what the journal says, what was done to the world, and which of it is
//! told to people.

use super::Run;
use engine::{Ending, Millis, PassedBy, Record, Share};
use policy::{Arm, Fault, FaultKind, Scenario, Step, Within};
use sim::Told;

/// One line of a story.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    pub(crate) at: Millis,
    /// The kind of the journal's record, or `fault`, `control_killed`, `refused`; stable.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// Whether it is one of the events that people who follow a release are told.
    pub(crate) for_people: bool,
}

/// The story of a run.
#[must_use]
pub(crate) fn story(scenario: &Scenario, run: &Run) -> Vec<Moment> {
    let lasted = run.rehearsal.lasted;
    let faults = scenario.faults.iter().filter(|fault| fault.at <= lasted).flat_map(|fault| of_fault(fault, lasted));
    let mut story: Vec<Moment> = faults.collect();
    story.extend(run.rehearsal.story.iter().filter_map(|(at, told)| of_told(*at, told)));
    story.sort_by_key(|moment| moment.at);
    story
}

fn of_fault(fault: &Fault, lasted: Millis) -> Vec<Moment> {
    let moment = |at, text| Moment { at, kind: "fault", text, for_people: false };
    let what = in_words(&fault.kind);
    let mut moments = vec![moment(fault.at, format!("from here on: {what}"))];
    if let Some(end) = fault.lasting.map(|lasting| fault.at + lasting).filter(|end| *end <= lasted) {
        moments.push(moment(end, format!("over: {what}")));
    }
    moments
}

fn of_told(at: Millis, told: &Told) -> Option<Moment> {
    let moment = match told {
        Told::Killed => {
            Moment { at, kind: "control_killed", text: "the control plane was killed".into(), for_people: false }
        }
        Told::Refused(why) => Moment { at, kind: "refused", text: why.clone(), for_people: true },
        Told::Wrote(record) => {
            let (text, for_people) = of_record(record)?;
            Moment { at, kind: record.kind(), text, for_people }
        }
    };
    Some(moment)
}

/// The words, and whether people are told; nothing for what another record says better.
fn of_record(record: &Record) -> Option<(String, bool)> {
    let quietly = |text: String| Some((text, false));
    let aloud = |text: String| Some((text, true));
    match record {
        Record::Opened(opened) => {
            let old = opened.live.as_deref().unwrap_or("nothing");
            quietly(format!("opened: {} in place of {old}, by the rollout {}", opened.version, opened.plan.name))
        }
        Record::ShareConfirmed { share } if *share == Share::NONE => quietly("nobody is on the new version".into()),
        Record::ShareConfirmed { share } => quietly(format!("{share} of users are on the new version")),
        Record::TakenBack { after, .. } => {
            aloud(format!("the lever took users back by itself, after {after} without a word from control"))
        }
        Record::SoakExtended { to, verdict } => quietly(format!("the phase is extended to {to}: {verdict}")),
        Record::Held { reason } => aloud(format!("waits for a person: {reason}")),
        Record::Paused { reason } => aloud(format!("paused: {reason}")),
        Record::Resumed => quietly("goes on".into()),
        Record::HookFinished { hook, error: None, .. } => quietly(format!("hook {hook}: well")),
        Record::HookFinished { hook, error: Some(error), .. } => aloud(format!("hook {hook} failed: {error}")),
        Record::DegradationShared { began: true } => {
            aloud("both versions are degraded; the share is held and nobody is blamed".into())
        }
        Record::DegradationShared { began: false } => aloud("both versions are well again".into()),
        Record::SightLost { lost: true, detail } => aloud(format!("blind: {detail}")),
        Record::SightLost { lost: false, .. } => aloud("sees again".into()),
        Record::SplitDoubted { doubted: true, detail } => aloud(format!("the split is doubted: {detail}")),
        Record::SplitDoubted { doubted: false, .. } => aloud("the split is as it was asked for again".into()),
        Record::PhasePassed { phase, by, verdict, .. } => {
            let phase = phase + 1;
            quietly(match by {
                PassedBy::Judge => format!("phase {phase} passed: {verdict}"),
                PassedBy::PlanDespiteRisk => format!("phase {phase} passed as the policy says, undecided: {verdict}"),
                PassedBy::Person { reason } => format!("phase {phase} passed by hand: {reason}"),
                PassedBy::NothingToCompare => format!("phase {phase} passed: everybody is on the new version"),
            })
        }
        Record::WatchStarted => quietly("the old version stays warm".into()),
        Record::Completed => aloud("completed: users keep the new version".into()),
        Record::RollbackStarted { cause, ending: Ending::RolledBack, .. } => aloud(format!("rolled back: {cause}")),
        Record::RollbackStarted { cause, .. } => aloud(format!("given up: {cause}")),
        Record::RollbackLate { step: Some(step), budget } => aloud(format!("late: {step} takes longer than {budget}")),
        Record::RollbackLate { step: None, budget } => aloud(format!("late: the rollback takes longer than {budget}")),
        Record::Ended { .. } => aloud("over: users have the old version".into()),
        Record::WayCleared { .. }
        | Record::DeployStarted
        | Record::Deployed
        | Record::PhaseEntered { .. }
        | Record::PromotionStarted
        | Record::Withdrawn
        | Record::RollbackStepDone { .. } => None,
    }
}

/// A fault in words.
fn in_words(kind: &FaultKind) -> String {
    let within = |within: &Within| match within {
        Within::Users => "users",
        Within::Pods => "pods",
    };
    match kind {
        FaultKind::Errors { more } => format!("errors of the new version, {} more", points(*more)),
        FaultKind::ErrorClusters { more, size, within: place } => {
            format!("errors of the new version, {} more, in clusters of {size} within {}", points(*more), within(place))
        }
        FaultKind::Slower { by } => format!("the new version is {} slower", percent(*by)),
        FaultKind::SlowTail { part, by } => {
            format!("{} of the requests to the new version take {} longer", percent(*part), percent(*by))
        }
        FaultKind::Drift { over, errors, slower } => format!(
            "the new version becomes worse over {over}, by {} of errors and {} of time",
            points(*errors),
            percent(*slower)
        ),
        FaultKind::Hang { part, counted } => {
            let counted = if *counted { "" } else { ", and are not counted" };
            format!("{} of the requests to the new version are never answered{counted}", percent(*part))
        }
        FaultKind::ColdStart { lasts, .. } => format!("the new version is cold for {lasts} after each rise"),
        FaultKind::SharedOutage { .. } => "what both versions need is broken".into(),
        FaultKind::Bursts { every, lasts, .. } => {
            format!("what both versions need fails for {lasts} about every {every}")
        }
        FaultKind::NoMetrics { of, part } => {
            format!("{} of the measurements of {} are lost", percent(*part), whose(*of))
        }
        FaultKind::CounterReset { of } => format!("the counters of {} begin anew", whose(*of)),
        FaultKind::Target { step, .. } => format!(
            "the target does not {}",
            match step {
                Step::Deploy => "bring the new version up",
                Step::Promote => "make the new version the stable one",
                Step::Withdraw => "let the new version go",
            }
        ),
        FaultKind::Lever { .. } => "the lever does not do what it is told".into(),
        FaultKind::Hook { fails } => format!("the hook {fails} fails"),
        FaultKind::Crash => "the processes of the new version end".into(),
        FaultKind::ControlCrash => "the control plane is away".into(),
        FaultKind::FullDisk => "the journal cannot be written".into(),
    }
}

fn whose(arm: Arm) -> &'static str {
    match arm {
        Arm::Both => "both versions",
        Arm::Stable => "the old version",
        Arm::Canary => "the new version",
    }
}

fn percent(fraction: f64) -> String {
    format!("{} %", rounded(fraction))
}

fn points(fraction: f64) -> String {
    format!("{} points", rounded(fraction))
}

/// Hundredfold, without the dust of binary fractions.
fn rounded(fraction: f64) -> f64 {
    (fraction * 100.0 * 1e6).round() / 1e6
}
