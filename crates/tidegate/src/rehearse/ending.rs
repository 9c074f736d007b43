//! How a run ended, and whether that is what was expected of it.

use engine::{Cause, Millis, Record, Share};
use policy::{Expectation, ExpectedCause, ExpectedVerdict, Scenario};
use sim::{Rehearsal, Told};

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    pub(crate) verdict: Verdict,
    /// What a rollback is counted from: the fault, or the first user if that is later.
    pub(crate) fault_at: Millis,
    /// When the rollback was decided.
    pub(crate) decided: Option<Millis>,
    /// When nobody was on the new version any more.
    pub(crate) users_back: Option<Millis>,
    /// Why it was rolled back.
    pub(crate) cause: Option<&'static str>,
    /// Why it ended so, in the words of whoever decided.
    pub(crate) why: String,
    /// What is not as expected, in a clause; nothing when it is.
    pub(crate) unmet: Option<String>,
}

/// How a release ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Completed,
    RolledBack,
    /// It waits for a person, or stands still.
    Held,
    /// It ended before anybody had it.
    Aborted,
    /// It was never opened.
    Refused,
}

impl Verdict {
    /// In the words of scenarios.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::RolledBack => "rolled back",
            Self::Held => "held",
            Self::Aborted => "aborted",
            Self::Refused => "refused",
        }
    }
}

impl Ending {
    /// How long after the fault the rollback was decided.
    #[must_use]
    pub(crate) fn after_fault(&self) -> Option<Millis> {
        self.decided.map(|decided| decided - self.fault_at)
    }
}

/// How a run of a scenario ended.
#[must_use]
pub(crate) fn judged(scenario: &Scenario, rehearsal: &Rehearsal) -> Ending {
    let verdict = verdict(rehearsal);
    let (decided, cause) = match rollback(rehearsal) {
        Some((at, cause)) => (Some(at), Some(cause)),
        None => (None, None),
    };
    let mut ending = Ending {
        verdict,
        fault_at: fault_at(scenario, rehearsal),
        decided,
        users_back: decided.and_then(|decided| users_back(rehearsal, decided)),
        cause: cause.and_then(word_of),
        why: why(rehearsal, verdict, cause),
        unmet: None,
    };
    ending.unmet = unmet(&scenario.expect, &ending);
    ending
}

fn verdict(rehearsal: &Rehearsal) -> Verdict {
    let Some(release) = &rehearsal.release else { return Verdict::Refused };
    match release.stage_word() {
        "completed" => Verdict::Completed,
        "rolled_back" | "rolling_back" => Verdict::RolledBack,
        "aborted" | "superseded" => Verdict::Aborted,
        _ => Verdict::Held,
    }
}

fn records(rehearsal: &Rehearsal) -> impl DoubleEndedIterator<Item = (Millis, &Record)> {
    rehearsal.story.iter().filter_map(|(at, told)| match told {
        Told::Wrote(record) => Some((*at, &**record)),
        Told::Killed | Told::Refused(_) => None,
    })
}

fn rollback(rehearsal: &Rehearsal) -> Option<(Millis, &Cause)> {
    records(rehearsal).find_map(|(at, record)| match record {
        Record::RollbackStarted { cause, .. } => Some((at, cause)),
        _ => None,
    })
}

fn fault_at(scenario: &Scenario, rehearsal: &Rehearsal) -> Millis {
    let own = scenario.faults.iter().filter(|fault| fault.kind.of_the_new_version()).map(|fault| fault.at).min();
    let first = own.or_else(|| scenario.faults.iter().map(|fault| fault.at).min()).unwrap_or_default();
    let user = rehearsal.shares.iter().find(|(_, share)| *share != Share::NONE).map(|(at, _)| *at);
    first.max(user.unwrap_or_default())
}

fn users_back(rehearsal: &Rehearsal, decided: Millis) -> Option<Millis> {
    let before = rehearsal.shares.iter().rev().find(|(at, _)| *at < decided).map(|(_, share)| *share);
    if before.is_none_or(|share| share == Share::NONE) {
        return Some(decided);
    }
    rehearsal.shares.iter().find(|(at, share)| *at >= decided && *share == Share::NONE).map(|(at, _)| *at)
}

/// The cause in the words of scenarios.
fn word_of(cause: &Cause) -> Option<&'static str> {
    match cause {
        Cause::Harm { .. } => Some("harm"),
        Cause::Unavailable { .. } => Some("unavailable"),
        Cause::HookFailed { .. } => Some("hook failed"),
        Cause::Undecided { .. } => Some("undecided"),
        Cause::DeployFailed { .. } => Some("deploy failed"),
        // Nobody in a rehearsal raises alarms, says a word or opens another release.
        Cause::Integrity { .. } | Cause::CriticalReport { .. } | Cause::Person { .. } | Cause::Superseded { .. } => {
            None
        }
    }
}

fn why(rehearsal: &Rehearsal, verdict: Verdict, cause: Option<&Cause>) -> String {
    match (verdict, cause) {
        (_, Some(cause)) => cause.to_string(),
        (Verdict::Completed, None) => records(rehearsal)
            .rev()
            .find_map(|(_, record)| match record {
                Record::PhasePassed { verdict, .. } if !verdict.is_empty() => Some(verdict.clone()),
                _ => None,
            })
            .unwrap_or_else(|| "every phase passed".to_string()),
        (Verdict::Refused, None) => rehearsal
            .story
            .iter()
            .find_map(|(_, told)| if let Told::Refused(why) = told { Some(why.clone()) } else { None })
            .unwrap_or_else(|| "nobody could open the release".to_string()),
        (Verdict::RolledBack | Verdict::Held | Verdict::Aborted, None) => standing(rehearsal),
    }
}

/// What a release waits for that neither ended nor was taken back.
fn standing(rehearsal: &Rehearsal) -> String {
    for (_, record) in records(rehearsal).rev() {
        match record {
            Record::Held { reason } => return format!("it waits for a person: {reason}"),
            Record::TakenBack { after, .. } => {
                return format!(
                    "it waits for a person: the lever took users back after {after} without a word from control"
                );
            }
            Record::SightLost { lost: true, detail } => return format!("it stands still: blind: {detail}"),
            Record::SplitDoubted { doubted: true, detail } => return format!("it stands still: {detail}"),
            Record::DegradationShared { began: true } => {
                return "it stands still: both versions are degraded".to_string();
            }
            Record::SightLost { .. } | Record::SplitDoubted { .. } | Record::DegradationShared { .. } => break,
            _ => {}
        }
    }
    let line = rehearsal.release.as_ref().map(|release| release.headline().line).unwrap_or_default();
    format!("it was still under way after {}: {line}", rehearsal.lasted)
}

fn unmet(expect: &Expectation, ending: &Ending) -> Option<String> {
    let as_expected = match expect.verdict {
        ExpectedVerdict::Completed => ending.verdict == Verdict::Completed,
        ExpectedVerdict::RolledBack => ending.verdict == Verdict::RolledBack,
        ExpectedVerdict::Held => ending.verdict == Verdict::Held,
        ExpectedVerdict::Aborted => ending.verdict == Verdict::Aborted,
        ExpectedVerdict::NotRolledBack => matches!(ending.verdict, Verdict::Completed | Verdict::Held),
        ExpectedVerdict::NotCompleted => {
            matches!(ending.verdict, Verdict::RolledBack | Verdict::Held | Verdict::Aborted)
        }
    };
    if !as_expected {
        return Some(format!("expected {}, and it is {}", expected(expect.verdict), ending.verdict.word()));
    }
    if let (Some(within), Some(took)) = (expect.within, ending.after_fault())
        && took > within
    {
        return Some(format!("expected within {within}, and it took {took}"));
    }
    match (expect.cause.map(expected_cause), ending.cause) {
        (Some(expected), Some(found)) if expected != found => {
            Some(format!("expected because of {expected}, and it is {found}"))
        }
        (_, _) => None,
    }
}

/// What is expected, in the words of scenarios.
#[must_use]
pub(crate) const fn expected(verdict: ExpectedVerdict) -> &'static str {
    match verdict {
        ExpectedVerdict::Completed => "completed",
        ExpectedVerdict::RolledBack => "rolled back",
        ExpectedVerdict::Held => "held",
        ExpectedVerdict::Aborted => "aborted",
        ExpectedVerdict::NotCompleted => "not completed",
        ExpectedVerdict::NotRolledBack => "not rolled back",
    }
}

/// Likewise the cause.
#[must_use]
pub(crate) const fn expected_cause(cause: ExpectedCause) -> &'static str {
    match cause {
        ExpectedCause::Harm => "harm",
        ExpectedCause::Unavailable => "unavailable",
        ExpectedCause::HookFailed => "hook failed",
        ExpectedCause::Undecided => "undecided",
        ExpectedCause::DeployFailed => "deploy failed",
    }
}
