//! A release as one line for each change that matters, for logs. The soak alone is no change: it moves all the time.

use super::block::{stage_word, step_word};
use super::number::{after, share, span};
use super::waiting::waiting;
use crate::visible::{cut, visible};
use server::dto::{Outcome, PhaseState, Release, Stage, StepState};

/// How long a line of a log may be that people should read.
const WIDTH: usize = 120;

/// What was told of a release, so that nothing is told twice.
#[derive(Debug, Default)]
pub(crate) struct News {
    last: Option<(Key, Vec<String>)>,
}

impl News {
    /// The lines about what changed, without their time; the lines after the first belong to it. Empty when nothing did.
    #[must_use]
    pub(crate) fn of(&mut self, release: &Release) -> Vec<String> {
        let key = key(release);
        if self.last.as_ref().is_some_and(|(last, _)| *last == key) {
            return Vec::new();
        }
        let lines: Vec<_> = lines(release).iter().map(|line| visible(line)).collect();
        let news = self.last.as_ref().is_none_or(|(_, told)| *told != lines);
        self.last = Some((key, lines.clone()));
        if news { lines } else { Vec::new() }
    }

    /// After this everything is news.
    pub(crate) fn forget(&mut self) {
        self.last = None;
    }
}

/// What has to change for a new line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
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
fn key(release: &Release) -> Key {
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

fn lines(release: &Release) -> Vec<String> {
    let about = format!("{} {} {}", release.id, release.service, release.version);
    let troubles = release.troubles.iter().map(|t| format!("{} fails: {} [{}]", t.what, t.message, t.code));
    let Some(waiting) = waiting(release) else {
        let parts: Vec<_> = parts(release).into_iter().chain(troubles).collect();
        return vec![format!("{about}: {}", parts.join("; "))];
    };
    let at = place(release).map(|place| format!(" in {place}")).unwrap_or_default();
    let first = cut(&format!("{about}: {}{at}: {}", stage_word(release.stage), waiting.why), 2 * WIDTH);
    let verdict = waiting.verdict.map(|verdict| format!("  {}", cut(&verdict, WIDTH)));
    let next = format!("  next: {}", waiting.next);
    [first].into_iter().chain(verdict).chain(troubles.map(|trouble| format!("  {trouble}"))).chain([next]).collect()
}

fn parts(release: &Release) -> Vec<String> {
    let mut parts = vec![stage_word(release.stage).to_owned()];
    if release.stage == Stage::Ramping {
        parts.extend(place(release));
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
        let now = rollback.steps.iter().find(|step| step.state == StepState::Now);
        parts.extend(now.map(|step| format!("step: {}", step_word(step.step))));
        parts.push(rollback.cause.clone());
        // Of a first release nobody is taken back to anything.
        if let (Some(ms), Some(_)) = (rollback.users_back_ms, &release.live) {
            parts.push(format!("users back {}", after(ms)));
        }
    } else if release.over {
        parts.push(release.headline.clone());
    }
    parts
}

/// `phase 2 of 3, 50 % for 20 s`; nothing when no phase is under way.
fn place(release: &Release) -> Option<String> {
    let phases = &release.plan.phases;
    let at = phases.iter().position(|phase| phase.state == PhaseState::Now)?;
    let phase = phases.get(at)?;
    let time = release.clock.map_or(phase.soak_ms, |clock| clock.soak_for_ms);
    let soak = if time > 0 { format!(" for {}", span(time)) } else { String::new() };
    Some(format!("phase {} of {}, {}{soak}", at + 1, phases.len(), share(phase.share_percent)))
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
