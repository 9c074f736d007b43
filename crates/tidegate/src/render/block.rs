//! A release as a compact block: where it is, how the users are split, what both versions do, what the judge says.

use super::line::{Line, Style, wrap};
use super::number::{after, latency, measured, progress, rate, share, span, thousands};
use super::time::moment;
use super::waiting::waiting;
use server::dto::{Arm, Outcome, PhaseState, Release, Rollback, RollbackStep, Stage, StepName, StepState};

/// How wide the soak's bar is.
const BAR: usize = 30;

/// The block, for a terminal of this width.
#[must_use]
pub(crate) fn block(release: &Release, width: usize) -> Vec<Line> {
    let mut lines = vec![heading(release), origin(release), Line::new()];
    lines.push(phases(release));
    lines.extend(clock(release));
    if let Some(split) = split(release) {
        lines.push(split);
    }
    if release.arms.stable.last.is_some()
        || release.arms.canary.last.is_some()
        || release.arms.canary.total.requests > 0
    {
        lines.push(Line::new());
        lines.extend(arms(release));
    }
    lines.extend(paragraph("", verdict(release), width));
    lines.extend(reasons(release, width));
    if let Some(rollback) = &release.rollback {
        lines.push(Line::new());
        lines.extend(rollback_lines(release, rollback, width));
    }
    lines
}

/// The stage as one word for people.
#[must_use]
pub(crate) fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Opened => "opened",
        Stage::Deploying => "deploying",
        Stage::Ramping => "ramping",
        Stage::Held => "waits for a person",
        Stage::Paused => "paused",
        Stage::Watching => "watching",
        Stage::Promoting => "promoting",
        Stage::Completed => "completed",
        Stage::RollingBack => "rolling back",
        Stage::RolledBack => "rolled back",
        Stage::Aborted => "aborted",
        Stage::Superseded => "superseded",
    }
}

/// How the stage looks.
#[must_use]
pub(crate) fn stage_style(stage: Stage) -> Style {
    match stage {
        Stage::Opened | Stage::Deploying | Stage::Ramping | Stage::Watching | Stage::Promoting => Style::Now,
        Stage::Completed => Style::Good,
        Stage::Held | Stage::Paused | Stage::Aborted | Stage::Superseded => Style::Warn,
        Stage::RollingBack | Stage::RolledBack => Style::Bad,
    }
}

fn heading(release: &Release) -> Line {
    Line::new()
        .with(Style::Bold, format!("{}  {} {}", release.id, release.service, release.version))
        .plain(format!("  {}, {}  ", release.channel, release.release_type))
        .with(stage_style(release.stage), stage_word(release.stage))
}

fn origin(release: &Release) -> Line {
    let before = match &release.live {
        Some(live) => format!("in place of {live}"),
        None => "first release of the service".into(),
    };
    let opened = format!("    {before}; opened {} by {}", moment(release.opened_at_ms), release.opened_by);
    let note = release.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    Line::new().with(Style::Dim, opened + &note)
}

fn phases(release: &Release) -> Line {
    let mut line = Line::new().plain("    ");
    for phase in &release.plan.phases {
        let (mark, style) = match phase.state {
            PhaseState::Done => ("●", Style::Good),
            PhaseState::Now if matches!(release.stage, Stage::RollingBack | Stage::RolledBack) => ("✗", Style::Bad),
            PhaseState::Now => ("◐", Style::Now),
            PhaseState::Ahead => ("○", Style::Dim),
            PhaseState::Unknown => ("?", Style::Dim),
        };
        let time = if phase.soak_ms > 0 { format!(" {}", span(phase.soak_ms)) } else { String::new() };
        line = line.with(style, format!("{mark} {}{time}   ", share(phase.share_percent)));
    }
    let (mark, style) = match release.stage {
        Stage::Watching => ("◐", Style::Now),
        Stage::Promoting | Stage::Completed => ("●", Style::Good),
        Stage::Opened
        | Stage::Deploying
        | Stage::Ramping
        | Stage::Held
        | Stage::Paused
        | Stage::RollingBack
        | Stage::RolledBack
        | Stage::Aborted
        | Stage::Superseded => ("○", Style::Dim),
    };
    line.with(style, format!("{mark} watch {}", span(release.plan.watch_ms)))
}

fn clock(release: &Release) -> Option<Line> {
    let clock = release.clock.filter(|clock| clock.soak_for_ms > 0)?;
    let done = usize::try_from(clock.soak_ms.min(clock.soak_for_ms) * 30 / clock.soak_for_ms).unwrap_or(BAR);
    let bar = format!("{}{}", "█".repeat(done), "░".repeat(BAR - done.min(BAR)));
    let style = if release.stopped_by.is_some() { Style::Warn } else { Style::Now };
    let told = progress(clock.soak_ms, clock.soak_for_ms);
    Some(Line::new().plain("    soak   ").with(style, bar).plain(format!("  {told}")))
}

fn split(release: &Release) -> Option<Line> {
    let shares = &release.shares;
    let mut text = format!("    share  {} asked", share(shares.requested_percent));
    match shares.confirmed_percent {
        Some(confirmed) => text.push_str(&format!(", {} confirmed", share(confirmed))),
        None if shares.requested_percent > 0.0 => text.push_str(", not confirmed yet"),
        None => return None,
    }
    if let Some(seen) = shares.observed_in_phase.or(shares.observed) {
        text.push_str(&format!(", {} of requests seen", measured(seen.canary_percent)));
    }
    Some(Line::new().plain(text))
}

fn arms(release: &Release) -> Vec<Line> {
    let heading = ["", "requests", "errors", "p50", "p95", "p99", "all requests", "all errors"];
    let old = release.live.clone().unwrap_or_else(|| "–".into());
    let rows = [("stable", old, &release.arms.stable), ("canary", release.version.clone(), &release.arms.canary)]
        .map(|(role, version, arm)| cells(format!("{role} {version}"), arm));
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |style: Style, row: &[String; 8]| {
        let mut text = String::from("    ");
        for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
            text.push_str(&if i == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") });
        }
        Line::new().with(style, text)
    };
    let mut lines = vec![line(Style::Dim, &heading.map(str::to_owned))];
    lines.extend(rows.iter().map(|row| line(Style::Plain, row)));
    lines
}

fn cells(name: String, arm: &Arm) -> [String; 8] {
    let total = [thousands(arm.total.requests), rate(arm.total.error_percent)];
    let [requests, errors, p50, p95, p99] = match &arm.last {
        None => ["–"; 5].map(str::to_owned),
        Some(last) => [
            thousands(last.requests),
            rate(last.error_percent),
            latency(last.p50_us),
            latency(last.p95_us),
            latency(last.p99_us),
        ],
    };
    let [all_requests, all_errors] = total;
    [name, requests, errors, p50, p95, p99, all_requests, all_errors]
}

/// What the judge says, where it still matters; of a rollback it is told as the reason.
fn verdict(release: &Release) -> Option<(Style, String)> {
    let verdict = release.verdict.as_ref().filter(|_| !release.over && release.rollback.is_none())?;
    let (style, word) = match verdict.outcome {
        Outcome::Pass => (Style::Good, "pass"),
        Outcome::Harm => (Style::Bad, "harm"),
        Outcome::Undecided => (Style::Plain, "undecided"),
    };
    let told = verdict.sentence.starts_with(word);
    Some((style, if told { verdict.sentence.clone() } else { format!("{word}: {}", verdict.sentence) }))
}

/// Why it does not go on, and what does not work.
fn reasons(release: &Release, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(waiting) = waiting(release) {
        // The judge's words stand above it already.
        let why = format!("{}: {}", stage_word(release.stage), waiting.why);
        lines.extend(paragraph("", Some((Style::Warn, why)), width));
        lines.extend(paragraph("    next     ", Some((Style::Bold, waiting.next)), width));
    } else if let Some(why) = &release.stopped_by {
        lines.extend(paragraph("", Some((Style::Warn, why.clone())), width));
    }
    if release.over {
        let headline = match (&release.rollback, &release.live) {
            (Some(_), Some(live)) => format!("users have {live}"),
            (Some(_), None) => "there was no version before it".into(),
            (None, _) => release.headline.clone(),
        };
        lines.extend(paragraph("", Some((stage_style(release.stage), headline)), width));
    }
    for trouble in &release.troubles {
        let text = format!("{} fails: {} [{}]; {}", trouble.what, trouble.message, trouble.code, trouble.hint);
        lines.extend(paragraph("", Some((Style::Bad, text)), width));
    }
    // Every fact waits for a moment; only with a trouble it is worth a word.
    if release.unwritten > 0 && !release.troubles.is_empty() {
        let text = format!("not yet written into the journal: {}", thousands(release.unwritten));
        lines.push(Line::new().plain("    ").with(Style::Warn, text));
    }
    lines
}

fn rollback_lines(release: &Release, rollback: &Rollback, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(paragraph("    because  ", Some((Style::Bad, rollback.cause.clone())), width));
    for (i, three) in rollback.steps.chunks(3).enumerate() {
        let lead = Line::new().plain(if i == 0 { "    steps    " } else { "             " });
        lines.push(three.iter().fold(lead, |line, step| {
            let (style, text) = time_of(step);
            line.plain(format!("{} ", step_word(step.step))).with(style, text).plain("   ")
        }));
    }
    let users = match (rollback.users_back_ms, &release.live) {
        (Some(ms), Some(_)) => format!("back on the old version {}", after(ms)),
        (Some(_), None) => "on no version, as before".into(),
        (None, _) => "are being moved".into(),
    };
    let users = format!("    users    {users}");
    let so_far = if release.over { "" } else { " so far" };
    let total = format!("; {} of {}{so_far}", span(rollback.total_ms), span(rollback.total_budget_ms));
    lines.push(Line::new().plain(users).plain(total));
    lines
}

/// The time of a step against its budget.
fn time_of(step: &RollbackStep) -> (Style, String) {
    let budget = step.budget_ms.map(|budget| format!(" of {}", span(budget))).unwrap_or_default();
    match (step.state, step.took_ms) {
        (StepState::Done, Some(took)) if step.over => (Style::Warn, format!("{}{budget} LATE", span(took))),
        (StepState::Done, Some(took)) => (Style::Good, format!("{}{budget}", span(took))),
        (StepState::Done, None) => (Style::Good, "done".into()),
        (StepState::Now, _) if step.over => (Style::Bad, format!("now{budget} LATE")),
        (StepState::Now, _) => (Style::Now, format!("now{budget}")),
        (StepState::Ahead, _) => (Style::Dim, "ahead".into()),
    }
}

/// The step as one word for people.
#[must_use]
pub(crate) fn step_word(step: StepName) -> &'static str {
    match step {
        StepName::Stop => "stop",
        StepName::Assess => "assess",
        StepName::Decide => "decide",
        StepName::Execute => "execute",
        StepName::Verify => "verify",
        StepName::Communicate => "communicate",
    }
}

/// Text over at most four lines, the first after `lead`.
fn paragraph(lead: &str, text: Option<(Style, String)>, width: usize) -> Vec<Line> {
    let Some((style, text)) = text else { return Vec::new() };
    let indent = lead.chars().count().max(4);
    wrap(&text, width.saturating_sub(indent).max(20), 4)
        .into_iter()
        .enumerate()
        .map(|(i, line)| {
            let lead = if i == 0 { lead } else { "" };
            Line::new().plain(format!("{lead:<indent$}")).with(style, line)
        })
        .collect()
}
