//! What a run showed, in the words of its JSON.

use crate::Failure;
use crate::ledger::{Ledger, Verdict};
use crate::machine::Usage;
use crate::ports::World;
use crate::watched::Taken;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A verdict after this is late.
const LATE_US: i64 = 1_000_000;

pub(crate) struct Evidence {
    pub(crate) releases: usize,
    pub(crate) opened_in: Duration,
    /// With no release, at the begin of the window, and at its end.
    pub(crate) usage: (Usage, Usage, Usage),
    pub(crate) written: (Taken, Taken),
    pub(crate) file_bytes: u64,
    pub(crate) peak: u64,
    pub(crate) lags: Lags,
    pub(crate) harm: Option<Harm>,
    /// Releases that are no longer in the phase and should be.
    pub(crate) stray: usize,
}

/// The lags of what was due within the window, in microseconds, rising.
pub(crate) struct Lags {
    span_us: i64,
    due: u64,
    decided: Vec<i64>,
    written: Vec<i64>,
}

impl Lags {
    pub(crate) fn of(ledger: &Ledger, world: &World, window: (i64, i64)) -> Self {
        let (mut due, mut decided, mut written) = (0, Vec::new(), Vec::new());
        let mut number = 0;
        while let Some(service) = world.service(number) {
            due += service.due(window);
            for verdict in ledger.within(number, window) {
                decided.push(verdict.decided - verdict.due);
                written.extend(verdict.written.map(|at| at - verdict.due));
            }
            number += 1;
        }
        decided.sort_unstable();
        written.sort_unstable();
        Self { span_us: window.1 - window.0, due, decided, written }
    }

    fn as_json(&self) -> Value {
        json!({
            "due": self.due,
            "judged": self.decided.len(),
            "skipped": self.due.saturating_sub(self.decided.len() as u64),
            "unwritten": self.decided.len() - self.written.len(),
            "late": self.written.iter().filter(|lag| **lag > LATE_US).count(),
            "decided_ms": quantiles(&self.decided),
            "written_ms": quantiles(&self.written),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of minutes")]
fn quantiles(rising: &[i64]) -> Value {
    let at = |per_mille: usize| {
        let place = (rising.len() * per_mille / 1_000).min(rising.len().saturating_sub(1));
        rising.get(place).map(|us| *us as f64 / 1_000.0)
    };
    json!({ "p50": at(500), "p90": at(900), "p99": at(990), "p999": at(999), "max": at(1_000) })
}

/// How one bad release among healthy ones was taken back. Moments in microseconds.
pub(crate) struct Harm {
    fell_ill: i64,
    /// The measurement that was enough.
    verdict: Verdict,
    lever_told: i64,
    /// Measurements of it being ill, up to the one that was enough.
    intervals: usize,
}

/// Makes one canary ill and waits until the lever is told to take everybody back.
pub(crate) async fn take_back(
    world: &World,
    ledger: &Ledger,
    number: usize,
    patience: Duration,
) -> Result<Option<Harm>, Failure> {
    let service = world.service(number).ok_or("no such service")?;
    let fell_ill = service.fall_ill();
    let deadline = Instant::now() + patience;
    while service.taken_back_us().is_none() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What was written in the same breath is noted a moment later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let Some(lever_told) = service.taken_back_us() else { return Ok(None) };
    let seen = ledger.within(number, (fell_ill, i64::MAX));
    let ill: Vec<Verdict> = seen.into_iter().filter(|verdict| verdict.decided <= lever_told + 1_000_000).collect();
    Ok(ill.last().map(|verdict| Harm { fell_ill, verdict: *verdict, lever_told, intervals: ill.len() }))
}

impl Harm {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of minutes")]
    fn as_json(&self) -> Value {
        let ms = |from: i64, to: i64| (to - from) as f64 / 1_000.0;
        json!({
            "intervals": self.intervals,
            "ill_to_lever_ms": ms(self.fell_ill, self.lever_told),
            "due_to_verdict_ms": ms(self.verdict.due, self.verdict.decided),
            "verdict_to_lever_ms": ms(self.verdict.decided, self.lever_told),
            "due_to_lever_ms": ms(self.verdict.due, self.lever_told),
        })
    }
}

impl Evidence {
    #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
    pub(crate) fn as_json(&self) -> Value {
        let (empty, before, after) = &self.usage;
        let seconds = self.lags.span_us as f64 / 1e6;
        let share = |name: &String, spent: u64| {
            (spent - before.ticks.get(name).copied().unwrap_or(0)) as f64 / TICKS_PER_SECOND / seconds
        };
        let by_thread: BTreeMap<&String, f64> =
            after.ticks.iter().map(|(name, spent)| (name, share(name, *spent))).collect();
        let (taken, then) = (&self.written.1, &self.written.0);
        json!({
            "releases": self.releases,
            "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            "window_s": seconds,
            "opened_in_s": self.opened_in.as_secs_f64(),
            "verdicts": self.lags.as_json(),
            "core_share": by_thread.values().sum::<f64>(),
            "core_share_by_thread": by_thread,
            "memory": {
                "empty_kb": empty.resident_kb,
                "resident_kb": after.resident_kb,
                "peak_kb": self.peak,
                "per_release_kb": (after.resident_kb - empty.resident_kb) as f64 / self.releases as f64,
            },
            "journal": {
                "samples_per_s": (taken.samples - then.samples) as f64 / seconds,
                "entries_in_window": taken.entries - then.entries,
                "body_bytes_per_s": (taken.bytes - then.bytes) as f64 / seconds,
                "body_bytes_per_sample": (taken.bytes - then.bytes) as f64 / (taken.samples - then.samples).max(1) as f64,
                "file_bytes": self.file_bytes,
            },
            "harm": self.harm.as_ref().map(Harm::as_json),
            "stray": self.stray,
        })
    }
}

/// Linux counts time on a core in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;
