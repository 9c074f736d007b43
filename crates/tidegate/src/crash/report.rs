//! What came out of a campaign, for people and for programs.

use super::record::Dealt;
use crate::demo::report::Promise;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::line::{Line, Style};
use crate::render::number::thousands;
use serde::Serialize;
use std::collections::BTreeMap;

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    /// Whether every promise was kept.
    pub(super) ok: bool,
    /// What decided everything random.
    pub(super) seed: u64,
    /// From the first request to the last process's end, in seconds.
    pub(super) took_s: f64,
    /// How many blows were asked for; the time may have been over first.
    pub(super) blows_asked: u32,
    /// How many were dealt, by kind.
    pub(super) blows: BTreeMap<&'static str, u32>,
    /// All of them, in their order.
    pub(super) timeline: Vec<Dealt>,
    /// What was not tried, and why.
    pub(super) not_tried: Vec<String>,
    /// What users asked.
    pub(super) requests: u64,
    /// Of these, what failed, by the rule that excuses it.
    pub(super) failed: BTreeMap<&'static str, u64>,
    /// The longest wait for a good answer, in milliseconds.
    pub(super) slowest_ms: u64,
    /// How long the gate was away after each of its kills, in milliseconds, the shortest first.
    pub(super) gate_away_ms: Vec<u64>,
    /// How often control was started.
    pub(super) control_starts: u32,
    /// Commands that people sent, and how many were acknowledged.
    pub(super) commands: (u64, u64),
    /// Reports of a soak that were held against the journal.
    pub(super) soak_reports: u64,
    /// The releases.
    pub(super) releases: Vec<ReleaseReport>,
    /// What was promised.
    pub(super) promises: Vec<Promise>,
}

/// A release.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ReleaseReport {
    pub(super) id: String,
    pub(super) version: String,
    /// Whether it should go live.
    pub(super) good: bool,
    pub(super) ended: String,
    /// Why a good one did not go live.
    pub(super) because: Option<String>,
}

impl Report {
    /// Tells it.
    ///
    /// # Errors
    /// Nobody reads.
    pub(super) fn tell(&self, out: &Out) -> Result<(), Failure> {
        if out.json() {
            return out.value(self);
        }
        for line in self.lines() {
            out.line(&line.paint(out.paint(), usize::MAX))?;
        }
        Ok(())
    }

    fn lines(&self) -> Vec<Line> {
        let dealt: u32 = self.blows.values().sum();
        let mut lines = vec![Line::new()];
        lines.push(Line::new().with(Style::Bold, format!("{dealt} of {} blows, seed {}", self.blows_asked, self.seed)));
        lines.extend(self.blows.iter().map(|(kind, n)| Line::new().plain(format!("  {n:>4}  {kind}"))));
        lines.extend(self.not_tried.iter().map(|what| Line::new().with(Style::Dim, format!("  not tried: {what}"))));
        let live = self.releases.iter().filter(|release| release.ended == "completed").count();
        lines.push(Line::new());
        lines.push(Line::new().plain(format!("{} releases, {live} went live", self.releases.len())));
        for release in self.releases.iter().filter(|release| release.good && release.ended != "completed") {
            let because = release.because.as_deref().unwrap_or("unexplained");
            lines.push(
                Line::new().plain(format!("  {} ({}): {}, {because}", release.version, release.id, release.ended)),
            );
        }
        lines.push(Line::new().plain(format!(
            "{} requests, {} failed; the slowest good answer took {} ms",
            thousands(self.requests),
            thousands(self.failed.values().sum()),
            self.slowest_ms,
        )));
        lines.extend(self.failed.iter().map(|(why, n)| Line::new().plain(format!("  {n:>6}  {why}"))));
        let (sent, acknowledged) = self.commands;
        lines.push(Line::new().plain(format!("{sent} commands sent, {acknowledged} acknowledged")));
        if let (Some(median), Some(most)) =
            (self.gate_away_ms.get(self.gate_away_ms.len() / 2), self.gate_away_ms.last())
        {
            lines.push(
                Line::new().plain(format!(
                    "after its kill the gate was away for {median} ms in the median, {most} ms at most"
                )),
            );
        }
        lines.push(Line::new());
        lines.push(Line::new().with(Style::Bold, "What was promised, and what was found"));
        for promise in &self.promises {
            let (mark, style) = if promise.kept { ("✓", Style::Good) } else { ("✗", Style::Bad) };
            let line = Line::new().plain("  ").with(style, mark).plain(format!(" {}", promise.promise));
            lines.push(line.with(Style::Dim, format!("  ({})", promise.found)));
        }
        let verdict =
            if self.ok { (Style::Good, "Every promise was kept") } else { (Style::Bad, "A promise was broken") };
        lines.push(Line::new().with(verdict.0, format!("{}, after {:.0} s.", verdict.1, self.took_s)));
        lines
    }
}
