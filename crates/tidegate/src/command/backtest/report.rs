//! What was found, for people and for programs. What the recording cannot show is part of the answer.

use super::work::{Done, Rollout};
use crate::failure::Failure;
use crate::out::Out;
use crate::render::number::{share, span, thousands};
use crate::render::table::table;
use crate::render::time::moment;
use crate::visible::visible;
use backtest::{Against, Recording, Replay, ShareDrawn, Units, length, shares};
use serde_json::{Value, json};
use std::path::Path;

/// Says it.
pub(super) fn tell(done: &Done, service: &str, policy: &Path, out: &Out) -> Result<(), Failure> {
    if out.json() {
        return out.value(&value(done, service));
    }
    let bold = |text: &str| out.paint().bold(text);
    let recording = &done.recording.recording;
    let (from, to) = recording.bounds_ms();
    out.line(&visible(&format!("{service} under {}, seed {}", policy.display(), done.seed)))?;
    out.line(&visible(&format!(
        "{}: {} to {}, {} in {} intervals{}",
        done.recording.name,
        moment(from),
        moment(to),
        positive(recording.measured_ms()),
        thousands(recording.intervals().len() as u64),
        units(recording)
    )))?;
    if done.partial {
        out.line(&out.paint().yellow("stopped before it was done: this is partial"))?;
    }
    out.line(&format!("\n{}", bold("Releases that change nothing")))?;
    let rows: Vec<_> = done.rollouts.iter().map(healthy_row).collect();
    lines(out, ["rollout", "length", "runs", "false alarms", "95 %", "asked a person"], &rows)?;
    for rollout in &done.rollouts {
        tell_alarms(rollout, out)?;
    }
    if done.rollouts.iter().any(|rollout| !rollout.replays.is_empty()) {
        out.line(&format!("\n{}", bold("Incidents")))?;
        let rows: Vec<_> = done.rollouts.iter().flat_map(incident_rows).collect();
        lines(out, ["rollout", "incident", "against", "found", "after"], &rows)?;
        for rollout in &done.rollouts {
            tell_incidents(rollout, out)?;
        }
    }
    out.line("")?;
    for note in notes(done) {
        out.line(&visible(&format!("- {note}")))?;
    }
    Ok(())
}

fn lines<const N: usize>(out: &Out, heading: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
    for line in table(heading, rows) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(())
}

fn healthy_row(rollout: &Rollout) -> [String; 6] {
    let name = rollout.planned.plan.name.clone();
    let long = positive(length(&rollout.planned.plan));
    match &rollout.healthy {
        Err(_) => [name, long, "–".into(), "–".into(), String::new(), String::new()],
        Ok((summary, _)) if summary.runs == 0 => [name, long, "0".into(), "–".into(), String::new(), String::new()],
        Ok((summary, _)) => {
            let alarms = &summary.false_alarms;
            [
                name,
                long,
                thousands(summary.runs),
                format!("{} ({})", alarms.count, percent(alarms.rate)),
                format!("{} to {}", percent(alarms.low), percent(alarms.high)),
                thousands(summary.asked),
            ]
        }
    }
}

fn tell_alarms(rollout: &Rollout, out: &Out) -> Result<(), Failure> {
    let summary = match &rollout.healthy {
        Ok((summary, _)) => summary,
        Err(problem) => {
            return out.line(&visible(&format!("  {}: {}; {}", problem.what, problem.why, problem.hint)));
        }
    };
    for alarm in &summary.alarms {
        out.line(&visible(&format!(
            "  {} at {}, after {} in phase {}: {}",
            rollout.planned.plan.name,
            moment(alarm.at_ms),
            positive(alarm.after_ms),
            alarm.phase,
            alarm.verdict
        )))?;
    }
    Ok(())
}

fn incident_rows(rollout: &Rollout) -> Vec<[String; 5]> {
    let name = || rollout.planned.plan.name.clone();
    let row = |replay: &Replay| {
        let found = format!("{} of {}", replay.found(), replay.delays_ms.len());
        let after = match replay.median_ms() {
            Some(delay) => positive(delay),
            None => format!("not found in {}", positive(replay.replayed_ms)),
        };
        [name(), replay.incident.name.clone(), against(replay.against).to_owned(), found, after]
    };
    rollout.replays.iter().flatten().map(row).collect()
}

fn tell_incidents(rollout: &Rollout, out: &Out) -> Result<(), Failure> {
    for replay in &rollout.replays {
        let text = match replay {
            Err(problem) => {
                format!("{}: {}: {}; {}", rollout.planned.plan.name, problem.what, problem.why, problem.hint)
            }
            Ok(Replay { alarm: Some(alarm), incident, .. }) => {
                format!("{}, {}: {}", rollout.planned.plan.name, incident.name, alarm.verdict)
            }
            Ok(Replay { alarm: None, .. }) => continue,
        };
        out.line(&visible(&format!("  {text}")))?;
    }
    Ok(())
}

/// What a reader must know before believing it.
fn notes(done: &Done) -> Vec<String> {
    let recording = &done.recording.recording;
    let mut notes = done.recording.notes.clone();
    match recording.units() {
        Units::Total => notes.push(
            "It tells nobody apart, so requests were split one by one. That cannot show errors that come together: in \
             production there may be more false alarms."
                .to_owned(),
        ),
        Units::UserBuckets => notes.push(
            "Users stay together. Response times are not known by user and were split by request, which cannot show stalls."
                .to_owned(),
        ),
        Units::Pods(_) => notes.push("Pods stay together. A user who asks several pods is in both arms.".to_owned()),
    }
    for rollout in &done.rollouts {
        notes.extend(drawn(recording, rollout));
        if let Ok((summary, side_by_side)) = &rollout.healthy
            && i64::try_from(summary.runs).is_ok_and(|runs| runs > *side_by_side)
        {
            notes.push(format!(
                "{}: {side_by_side} such rollouts fit into the recording side by side; the runs overlap, and the interval \
                 is for other splits of this recording, not for other days.",
                rollout.planned.plan.name
            ));
        }
    }
    let usual = done.rollouts.iter().map(|rollout| rollout.planned.plan.interval.0).min().unwrap_or(0);
    if u64::try_from(recording.step_ms()).is_ok_and(|step| step > usual) {
        notes.push(format!(
            "It was measured every {}, and the policy looks every {}: a real rollout finds harm sooner.",
            positive(recording.step_ms()),
            span(usual)
        ));
    }
    if recording.gaps() > 0 {
        notes.push(format!("Measuring stopped {} times; that time counts for nobody.", recording.gaps()));
    }
    let replays = || done.rollouts.iter().flat_map(|rollout| rollout.replays.iter().flatten());
    if replays().any(|replay| matches!(replay.against, Against::DayBefore | Against::WeekBefore)) {
        notes.push(
            "What is held against another day is not concurrent: the days themselves may differ, and that looks like harm too."
                .to_owned(),
        );
    }
    if done.rollouts.iter().any(|rollout| !rollout.replays.is_empty()) {
        notes.push("Releases that change nothing leave the marked incidents out.".to_owned());
    }
    notes.push("A person who was asked let the release go on.".to_owned());
    notes
}

/// Where the recording cannot give the share that a phase asks for.
fn drawn(recording: &Recording, rollout: &Rollout) -> Option<String> {
    let off = |drawn: &ShareDrawn| (drawn.drawn - drawn.asked).abs() > 0.1 * drawn.asked;
    let all = shares(recording, &rollout.planned.plan);
    let shown: Vec<_> = all
        .iter()
        .filter(|one| off(one))
        .map(|one| format!("{} instead of {}", share((one.drawn * 1_000.0).round() / 10.0), share(one.asked * 100.0)))
        .collect();
    (!shown.is_empty()).then(|| format!("{}: the canary had {}.", rollout.planned.plan.name, shown.join(", ")))
}

fn units(recording: &Recording) -> String {
    match recording.units() {
        Units::Pods(pods) => format!(", {} pods", pods.len()),
        Units::UserBuckets => ", 64 user buckets".to_owned(),
        Units::Total => ", totals only".to_owned(),
    }
}

fn against(against: Against) -> &'static str {
    match against {
        Against::OtherArm => "the other version",
        Against::OtherPods => "the other pods",
        Against::DayBefore => "the day before",
        Against::WeekBefore => "the week before",
    }
}

fn percent(rate: f64) -> String {
    share((rate * 1_000.0).round() / 10.0)
}

fn positive(ms: i64) -> String {
    span(u64::try_from(ms).unwrap_or(0))
}

fn value(done: &Done, service: &str) -> Value {
    let recording = &done.recording.recording;
    let (from_ms, to_ms) = recording.bounds_ms();
    json!({
        "service": service,
        "partial": done.partial,
        "seed": done.seed,
        "runs_asked": done.runs_asked,
        "recording": {
            "source": done.recording.name,
            "from_ms": from_ms,
            "to_ms": to_ms,
            "measured_ms": recording.measured_ms(),
            "intervals": recording.intervals().len(),
            "gaps": recording.gaps(),
            "split_by": match recording.units() {
                Units::Pods(_) => "pods",
                Units::UserBuckets => "user_buckets",
                Units::Total => "requests",
            },
        },
        "rollouts": done.rollouts.iter().map(|rollout| of_rollout(recording, rollout)).collect::<Vec<_>>(),
        "notes": notes(done),
    })
}

fn of_rollout(recording: &Recording, rollout: &Rollout) -> Value {
    let problem = |problem: &backtest::Problem| json!({ "code": problem.code, "what": problem.what, "why": problem.why, "hint": problem.hint });
    let healthy = match &rollout.healthy {
        Ok((summary, side_by_side)) => json!({ "summary": summary, "side_by_side": side_by_side }),
        Err(error) => json!({ "error": problem(error) }),
    };
    let incidents = rollout.replays.iter().map(|replay| match replay {
        Ok(replay) => json!({ "replay": replay, "found": replay.found(), "median_ms": replay.median_ms() }),
        Err(error) => json!({ "error": problem(error) }),
    });
    json!({
        "rollout": rollout.planned.plan.name,
        "length_ms": length(&rollout.planned.plan),
        "shares": shares(recording, &rollout.planned.plan),
        "healthy": healthy,
        "incidents": incidents.collect::<Vec<_>>(),
    })
}
