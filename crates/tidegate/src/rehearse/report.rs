//! A rehearsal for people: a line for each scenario, and the whole story of one that was asked for alone or did not end as
//! expected.

use super::ending::{expected, expected_cause};
use super::story::{Moment, story};
use super::{Rehearsed, Run, Verdict};
use crate::paint::Paint;
use crate::render::line::{Line, Style, wrap};
use crate::render::number::thousands;
use crate::visible::visible;
use engine::Millis;
use policy::Scenario;

/// How wide texts are.
const WIDTH: usize = 110;
/// Where the text of a moment begins.
const INDENT: usize = 15;

/// What is told of a scenario; of all of them, the names take so many columns.
#[must_use]
pub(crate) fn report(rehearsed: &Rehearsed, names: usize, alone: bool, paint: Paint) -> String {
    let mut lines = vec![summary(rehearsed, names)];
    if let Some(run) = rehearsed.telling().filter(|run| alone || (!rehearsed.met() && run.ending.unmet.is_some())) {
        lines.extend(in_full(&rehearsed.scenario, run, alone));
    }
    lines.iter().map(|line| line.paint(paint, usize::MAX) + "\n").collect()
}

fn summary(rehearsed: &Rehearsed, names: usize) -> Line {
    let (style, mark) = if rehearsed.met() { (Style::Good, "ok     ") } else { (Style::Bad, "not met") };
    let name = format!("  {:names$}  ", visible(&rehearsed.scenario.name));
    let told = match rehearsed.runs.as_slice() {
        [run] => one(run),
        runs => many(rehearsed, runs),
    };
    Line::new().with(style, mark).with(Style::Bold, name).plain(told)
}

fn one(run: &Run) -> String {
    let ending = &run.ending;
    match (ending.verdict, ending.after_fault()) {
        (Verdict::RolledBack, Some(took)) => {
            format!("rolled back {took} after the fault{}", cause(ending.cause))
        }
        (verdict, _) => format!("{}{}", verdict.word(), cause(ending.cause)),
    }
}

fn cause(word: Option<&str>) -> String {
    word.map(|word| format!(": {word}")).unwrap_or_default()
}

fn many(rehearsed: &Rehearsed, runs: &[Run]) -> String {
    let all = [Verdict::Completed, Verdict::RolledBack, Verdict::Held, Verdict::Aborted, Verdict::Refused];
    let counts = all.into_iter().filter_map(|verdict| {
        let n = runs.iter().filter(|run| run.ending.verdict == verdict).count();
        (n > 0).then(|| format!("{n} {}", verdict.word()))
    });
    let mut told = format!("{} runs: {}", runs.len(), counts.collect::<Vec<_>>().join(", "));
    let delays = rehearsed.delays();
    if let (Some(middle), Some(late)) = (at(&delays, 50), at(&delays, 95)) {
        told += &format!("; rolled back after {middle} (median), {late} (95 %)");
    }
    told
}

/// The smallest of the sorted values that so many percent of them do not exceed.
fn at(sorted: &[Millis], percent: usize) -> Option<Millis> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

fn in_full(scenario: &Scenario, run: &Run, described: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(description) = scenario.description.as_ref().filter(|_| described) {
        lines.extend(field("what", Style::Plain, description));
    }
    let (ending, toll) = (&run.ending, &run.rehearsal.toll);
    if let Some(unmet) = &ending.unmet {
        lines.extend(field("not met", Style::Bad, &format!("{unmet} (seed {})", run.seed)));
    } else {
        lines.extend(field("expected", Style::Good, &expectation(scenario)));
    }
    lines.extend(field("because", Style::Plain, &ending.why));
    lines.extend(field("cost", Style::Plain, &cost(toll)));
    let story = story(scenario, run);
    lines.extend(field("told", Style::Plain, &told(&story)));
    lines.push(Line::new());
    lines.extend(story.iter().flat_map(moment));
    lines.push(Line::new());
    lines
}

fn expectation(scenario: &Scenario) -> String {
    let expect = &scenario.expect;
    let within = expect.within.map(|within| format!(" within {within}")).unwrap_or_default();
    let cause = expect.cause.map(|cause| format!(" because of {}", expected_cause(cause))).unwrap_or_default();
    format!("{}{within}{cause}", expected(expect.verdict))
}

fn cost(toll: &sim::Toll) -> String {
    format!(
        "of {} requests to the new version {} failed and {} were slow that would not have been with the old one",
        thousands(toll.requests),
        thousands(whole(toll.failed)),
        thousands(whole(toll.slow))
    )
}

/// Requests are whole.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of requests")]
pub(crate) fn whole(requests: f64) -> u64 {
    requests.round().max(0.0) as u64
}

fn told(story: &[Moment]) -> String {
    match story.iter().filter(|moment| moment.for_people).count() {
        0 => "nobody: whoever follows the release has nothing to do".into(),
        1 => "whoever follows the release: the line that is marked with >".into(),
        n => format!("whoever follows the release: {n} lines, marked with >"),
    }
}

fn field(name: &str, style: Style, text: &str) -> Vec<Line> {
    paragraph(&format!("    {name:<INDENT$}", INDENT = INDENT - 4), style, text)
}

fn moment(moment: &Moment) -> Vec<Line> {
    let mark = if moment.for_people { '>' } else { ' ' };
    let style = match moment.kind {
        "rollback_started" | "rollback_late" => Style::Bad,
        "held" | "sight_lost" | "degradation_shared" | "taken_back" | "control_killed" | "refused" => Style::Warn,
        "completed" => Style::Good,
        "fault" => Style::Now,
        _ => Style::Plain,
    };
    paragraph(&format!("    {} {mark}", clock(moment.at)), style, &moment.text)
}

fn paragraph(lead: &str, style: Style, text: &str) -> Vec<Line> {
    let mut lead = format!("{lead:<INDENT$}");
    let mut lines = Vec::new();
    for line in wrap(text, WIDTH - INDENT, 6) {
        lines.push(Line::new().plain(lead).with(style, line));
        lead = " ".repeat(INDENT);
    }
    lines
}

/// `01:02:03`, since the release was opened.
fn clock(at: Millis) -> String {
    let seconds = at.0 / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let delays: Vec<Millis> = (1..=20).map(Millis).collect();
        assert_eq!(
            (at(&delays, 50), at(&delays, 95), at(&delays, 100)),
            (Some(Millis(10)), Some(Millis(19)), Some(Millis(20)))
        );
        assert_eq!((at(&[], 50), at(&[Millis(7)], 95)), (None, Some(Millis(7))));
    }
}
