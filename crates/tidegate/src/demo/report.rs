//! What came out, for people and for programs.

use super::load::Tally;
use super::place::Place;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::line::{Line, Style};
use crate::render::number::{share, span, thousands};
use serde::Serialize;
use std::time::Duration;

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// Whether every promise was kept.
    pub(crate) ok: bool,
    /// From the command to here, in seconds.
    pub(crate) took_s: f64,
    /// The fault of 1.2.
    pub(crate) fault: &'static str,
    /// How often the control plane was killed.
    pub(crate) kills: u32,
    /// How often it was started again.
    pub(crate) restarts: u32,
    /// Both releases.
    pub(crate) releases: Vec<ReleaseReport>,
    /// Entries of the journal.
    pub(crate) journal_entries: u64,
    /// Its measurements.
    pub(crate) measurements: u64,
    /// The end of its chain.
    pub(crate) anchor: Option<String>,
    /// What was promised.
    pub(crate) promises: Vec<Promise>,
}

/// A promise, and what was found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Promise {
    /// What was promised.
    pub(crate) promise: String,
    /// Whether it was kept.
    pub(crate) kept: bool,
    /// What was found.
    pub(crate) found: String,
}

/// A release.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReleaseReport {
    /// Its id.
    pub(crate) id: String,
    /// Its version.
    pub(crate) version: &'static str,
    /// Its last stage.
    pub(crate) ended: &'static str,
    /// From its opening to its end.
    pub(crate) took_ms: u64,
    /// The phases that were entered.
    pub(crate) phases: Vec<PhaseReport>,
    /// What the watch counted.
    pub(crate) watched_ms: Option<u64>,
    /// How often both versions were degraded together.
    pub(crate) shared_degradations: u32,
    /// Users being taken back.
    pub(crate) rollback: Option<RollbackReport>,
    /// What users saw from its opening to its end.
    pub(crate) users: Tally,
}

/// A phase.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PhaseReport {
    /// Its share of users.
    pub(crate) share_percent: f64,
    /// The time that was planned.
    pub(crate) planned_ms: u64,
    /// The time that was counted when it was passed.
    pub(crate) counted_ms: Option<u64>,
    /// The time from its beginning until it was passed.
    pub(crate) took_ms: Option<u64>,
    /// Who let it pass.
    pub(crate) by: Option<&'static str>,
}

/// Users being taken back. Spans begin at the verdict.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RollbackReport {
    /// Why.
    pub(crate) cause: String,
    /// When it was decided.
    pub(crate) decided_at_ms: i64,
    /// Until the gate sent nobody any more, by its own blocks.
    pub(crate) nobody_by_gate_ms: Option<i64>,
    /// Until the journal had the lever's word for it.
    pub(crate) confirmed_ms: Option<i64>,
    /// Until the last request was sent that the bad version answered, by the users' notes.
    pub(crate) last_request_sent_ms: Option<i64>,
}

impl Promise {
    /// A promise, with what was found.
    pub(crate) fn new(promise: impl Into<String>, found: Result<String, String>) -> Self {
        let kept = found.is_ok();
        Self { promise: promise.into(), kept, found: found.unwrap_or_else(|found| found) }
    }
}

impl RollbackReport {
    /// Whether nobody was sent to the bad version later than this.
    ///
    /// # Errors
    /// Somebody was, or nobody knows.
    pub(crate) fn in_time(&self, limit_ms: i64) -> Result<String, String> {
        match self.nobody_by_gate_ms.or(self.confirmed_ms) {
            Some(ms) if ms <= limit_ms => Ok(format!("{ms} ms")),
            Some(ms) => Err(format!("{ms} ms")),
            None => Err("the gate does not say".into()),
        }
    }
}

impl Report {
    /// With the time it took.
    #[must_use]
    pub(crate) fn took(mut self, time: Duration) -> Self {
        self.took_s = (time.as_secs_f64() * 10.0).round() / 10.0;
        self
    }

    /// Tells it.
    ///
    /// # Errors
    /// Nobody reads.
    pub(crate) fn tell(&self, out: &Out) -> Result<(), Failure> {
        if out.json() {
            return out.value(self);
        }
        let mut lines = vec![Line::new()];
        for release in &self.releases {
            lines.extend(release.lines());
        }
        lines.push(Line::new().with(Style::Bold, "What was promised, and what was found"));
        for promise in &self.promises {
            let (mark, style) = if promise.kept { ("✓", Style::Good) } else { ("✗", Style::Bad) };
            let found = format!("  ({})", promise.found);
            lines.push(
                Line::new()
                    .plain("  ")
                    .with(style, mark)
                    .plain(format!(" {}", promise.promise))
                    .with(Style::Dim, found),
            );
        }
        lines.push(Line::new());
        let verdict = if self.ok {
            (Style::Good, "Everything ended as it should")
        } else {
            (Style::Bad, "Something did not end as it should")
        };
        lines.push(Line::new().with(verdict.0, format!("{}, {:.1} s after the start.", verdict.1, self.took_s)));
        for line in lines {
            out.line(&line.paint(out.paint(), usize::MAX))?;
        }
        Ok(())
    }
}

impl ReleaseReport {
    fn lines(&self) -> Vec<Line> {
        let heading =
            format!("{} ({}): {} after {}", self.version, self.id, self.ended.replace('_', " "), span(self.took_ms));
        let mut lines = vec![Line::new().with(Style::Bold, heading)];
        for phase in &self.phases {
            let share = share(phase.share_percent);
            let text = match (phase.counted_ms, phase.by) {
                (Some(counted), Some(by)) if phase.planned_ms > 0 => {
                    format!("  {share:>6}  {} of {} planned, passed by {by}", span(counted), span(phase.planned_ms))
                }
                (Some(_), Some(_)) => format!("  {share:>6}  everybody"),
                _ => format!("  {share:>6}  not passed"),
            };
            lines.push(Line::new().plain(text));
        }
        if let Some(watched) = self.watched_ms {
            lines.push(Line::new().plain(format!("   watch  {}", span(watched))));
        }
        if let Some(rollback) = &self.rollback {
            let ms = |ms: Option<i64>| ms.map_or_else(|| "unknown".into(), |ms| format!("{ms} ms"));
            lines.push(Line::new().plain("  because ").with(Style::Bad, &rollback.cause));
            lines.push(Line::new().plain(format!(
                "  after the verdict: gate at 0 % in {}, in the journal in {}, last request sent to it at {}",
                ms(rollback.nobody_by_gate_ms),
                ms(rollback.confirmed_ms),
                ms(rollback.last_request_sent_ms),
            )));
        }
        let users = &self.users;
        let own: Vec<_> = users
            .versions
            .iter()
            .map(|(version, seen)| {
                format!("{version} answered {} ({} failed)", thousands(seen.fine + seen.failed), thousands(seen.failed))
            })
            .collect();
        lines.push(Line::new().plain(format!(
            "  users sent {} requests: {}; {} failed at the gate, {} had no answer",
            thousands(users.requests),
            own.join(", "),
            thousands(users.failed_by_gate),
            thousands(users.unanswered),
        )));
        lines.push(Line::new());
        lines
    }
}

/// What to try while the demo stays up.
#[must_use]
pub(crate) fn what_to_try(place: &Place) -> Vec<String> {
    let program = place.program().display();
    let token = place.data().join(crate::client::ADMIN_TOKEN);
    let console = place.console().ok().filter(|_| console::is_built());
    let mut lines = vec!["It stays up until Ctrl-C.".into()];
    lines.extend(console.map(|link| format!("In a browser: {link}")));
    lines.extend([
        "In another terminal:".into(),
        format!("  export TIDEGATE_SERVER=http://{} TIDEGATE_TOKEN=$(cat {})", place.api(), token.display()),
        format!("  {program} release list"),
        format!("  {program} release open shop --version 1.3 --watch      # another good one"),
        format!("  {program} rollback latest --reason 'I want to see it' --watch"),
        format!("  {program} audit verify --data {}", place.data().display()),
        format!("  curl -i http://{}/      # ask as a user", place.people()),
        format!("The policy is {}; logs are beside it.", place.policy().display()),
    ]);
    lines
}
