//! A release as one line for each change that matters, for logs. The soak alone is no change: it moves all the time.

use super::block::stage_word;
use super::number::{share, span};
use server::dto::{Outcome, PhaseState, Release, Stage, StepState};

/// What has to change for a new line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    stage: Stage,
    phase: Option<u64>,
    confirmed: Option<u64>,
    outcome: Option<&'static str>,
    stopped_by: Option<String>,
    soak_for: Option<u64>,
    step: Option<usize>,
    troubles: Vec<String>,
}

/// The key of a release as it is now.
#[must_use]
pub(crate) fn key(release: &Release) -> Key {
    let ramping = release.stage == Stage::Ramping;
    Key {
        stage: release.stage,
        phase: release.phase_index,
        confirmed: release.shares.confirmed_percent.map(f64::to_bits),
        outcome: release.verdict.as_ref().filter(|_| ramping).map(|verdict| outcome(verdict.outcome)),
        stopped_by: release.stopped_by.as_ref().map(|why| without_numbers(why)),
        soak_for: release.clock.map(|clock| clock.soak_for_ms),
        step: release
            .rollback
            .as_ref()
            .map(|rollback| rollback.steps.iter().filter(|step| step.state == StepState::Done).count()),
        troubles: release.troubles.iter().map(|trouble| trouble.code.clone()).collect(),
    }
}

/// The line, without its time.
#[must_use]
pub(crate) fn line(release: &Release) -> String {
    let mut parts = vec![stage_word(release.stage).to_owned()];
    if matches!(release.stage, Stage::Ramping | Stage::Held | Stage::Paused) {
        parts.push(place(release));
    }
    if let Some(confirmed) = release.shares.confirmed_percent.filter(|_| !release.over) {
        parts.push(format!("{} confirmed", share(confirmed)));
    }
    if release.stage == Stage::Ramping
        && let Some(verdict) = &release.verdict
    {
        parts.push(outcome(verdict.outcome).to_owned());
    }
    if let Some(why) = &release.stopped_by {
        parts.push(why.clone());
    }
    if let Some(rollback) = &release.rollback {
        parts.push(rollback.cause.clone());
        if let Some(ms) = rollback.users_back_ms {
            parts.push(format!("users back after {}", span(ms)));
        }
    } else if release.over {
        parts.push(release.headline.clone());
    }
    parts.extend(release.troubles.iter().map(|t| format!("{} fails: {} [{}]", t.what, t.message, t.code)));
    format!("{} {} {}: {}", release.id, release.service, release.version, parts.join("; "))
}

fn place(release: &Release) -> String {
    let at = release.plan.phases.iter().position(|phase| phase.state == PhaseState::Now);
    let of = release.plan.phases.len();
    match at.and_then(|at| release.plan.phases.get(at).map(|phase| (at + 1, phase))) {
        Some((n, phase)) => {
            let time = release.clock.map_or(phase.soak_ms, |clock| clock.soak_for_ms);
            format!("phase {n} of {of}, {} for {}", share(phase.share_percent), span(time))
        }
        None => format!("{of} phases"),
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Harm => "harm",
        Outcome::Undecided => "undecided",
    }
}

/// Reasons name counts that move; only their words are news.
fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}
