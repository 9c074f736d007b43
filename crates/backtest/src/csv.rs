//! Recordings as a table: one line for each interval, or for each pod in each interval.
//!
//! ```text
//! time,pod,requests,errors,le_0.05,le_0.1,le_0.5
//! 2026-03-01T10:00:00Z,web-1,981,2,700,940,980
//! 2026-03-01T10:00:00Z,web-2,977,0,712,935,977
//! ```
//! `time` is when the interval begins. `pod` (or `instance`) and `arm` (`stable` or `canary`) may be left out. `le_…` count the
//! requests that took no longer than so many seconds, as the buckets of Prometheus do. Tables of running totals are read too;
//! then `time` is when they were read.

mod columns;
mod rows;

use self::columns::Columns;
use self::rows::{Counts, Group, Who};
use crate::incident::cut;
use crate::problem::Problem;
use crate::recording::{Interval, Recording, Units, moment};
use judge::sketch::foreign::Edges;
use judge::{Arm, Histogram, Side};

/// What the numbers of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// What happened in each interval.
    Increments,
    /// Running totals, as counters are exported. One that falls was started anew.
    RunningTotals,
}

/// Reads a table. `file` is its name in problems.
///
/// # Errors
/// `TG-7051`: no table with these columns; `TG-7052`: a value that is no count; `TG-7053`: times that go back, stand twice or
/// jump; `TG-7054`: a running total that falls alone; and what [`Recording::new`] refuses.
pub fn read_csv(text: &str, file: &str, counted: Counted) -> Result<Recording, Problem> {
    let columns = Columns::read(text, file)?;
    let (groups, pods) = rows::read(text, file, &columns)?;
    let step = step(&groups, file)?;
    let table = Table { file, columns: &columns, pods: &pods, step };
    let intervals = match counted {
        Counted::Increments => table.increments(&groups)?,
        Counted::RunningTotals => table.differences(&groups)?,
    };
    let units = if columns.has_pods() { Units::Pods(pods) } else { Units::Total };
    Recording::new(units, intervals)
}

/// The usual distance of two times. Anything much shorter is a clock that jumped, anything much longer a gap.
fn step(groups: &[Group], file: &str) -> Result<i64, Problem> {
    let mut steps: Vec<i64> = groups.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).collect();
    steps.sort_unstable();
    let Some(step) = steps.get(steps.len() / 2).copied() else {
        return Err(Problem::new(
            "TG-7055",
            format!("{file} holds {} moments", groups.len()),
            "two are needed to know how long an interval is",
            "record more",
        ));
    };
    for pair in groups.windows(2) {
        if (pair[1].at_ms - pair[0].at_ms) * 2 < step {
            return Err(Problem::new(
                "TG-7053",
                format!("{file}:{}: {} comes too soon", pair[1].line, moment(pair[1].at_ms)),
                format!("the line before is at {}, and most are {step} ms apart", moment(pair[0].at_ms)),
                "a clock jumped, or two recordings were mixed: write regular intervals, or leave these lines out",
            ));
        }
    }
    Ok(step)
}

struct Table<'a> {
    file: &'a str,
    columns: &'a Columns,
    pods: &'a [String],
    step: i64,
}

impl Table<'_> {
    fn increments(&self, groups: &[Group]) -> Result<Vec<Interval>, Problem> {
        let mut intervals = Vec::with_capacity(groups.len());
        for (number, group) in groups.iter().enumerate() {
            let next = groups.get(number + 1).map(|next| next.at_ms).filter(|next| !self.gap(group.at_ms, *next));
            let mut interval = self.empty(group.at_ms, next.unwrap_or(group.at_ms + self.step));
            for (who, line, counts) in &group.rows {
                let arm = self.arm(counts, *line)?;
                add(&mut interval, *who, arm);
            }
            intervals.push(interval);
        }
        Ok(intervals)
    }

    fn differences(&self, groups: &[Group]) -> Result<Vec<Interval>, Problem> {
        let mut intervals = Vec::with_capacity(groups.len());
        for pair in groups.windows(2) {
            let [before, after] = pair else { continue };
            if self.gap(before.at_ms, after.at_ms) {
                continue;
            }
            let mut interval = self.empty(before.at_ms, after.at_ms);
            let mut whole_canary = true;
            for (who, line, counts) in &after.rows {
                // Whoever was not there before counts from here on.
                let Some((_, _, from)) = before.rows.iter().find(|row| row.0 == *who) else { continue };
                match self.since(from, counts, *line)? {
                    Some(gained) => add(&mut interval, *who, self.arm(&gained, *line)?),
                    None => whole_canary &= who.side == Side::Stable,
                }
            }
            if !whole_canary {
                interval.canary = None;
            }
            intervals.push(interval);
        }
        Ok(intervals)
    }

    /// What was gained; nothing if everything began anew.
    fn since(&self, from: &Counts, to: &Counts, line: usize) -> Result<Option<Counts>, Problem> {
        if to.requests < from.requests {
            return Ok(None);
        }
        let fell = |what: &str, from: u64, to: u64| {
            Problem::new(
                "TG-7054",
                format!("{}:{line}: the running total `{what}` falls from {from} to {to}", self.file),
                "the requests of the same line do not: this is no restart",
                "look at how it was recorded; if these are no running totals, leave --totals out",
            )
        };
        let gained = |what: &str, from: u64, to: u64| to.checked_sub(from).ok_or_else(|| fell(what, from, to));
        let names = self.columns.edge_names();
        let pairs = names.iter().zip(from.slower.iter().zip(&to.slower));
        Ok(Some(Counts {
            requests: to.requests - from.requests,
            errors: gained("errors", from.errors, to.errors)?,
            slower: pairs.map(|(name, (from, to))| gained(name, *from, *to)).collect::<Result<_, _>>()?,
        }))
    }

    fn arm(&self, counts: &Counts, line: usize) -> Result<Arm, Problem> {
        let wrong = |why: String| {
            Problem::new(
                "TG-7052",
                format!("{}:{line}: these counts cannot be true", self.file),
                why,
                "correct the line, or leave it out",
            )
        };
        let latency = match self.columns.edges() {
            None => Histogram::new(),
            Some(edges) => histogram(edges, counts).map_err(wrong)?,
        };
        let arm = Arm { requests: counts.requests, errors: counts.errors, latency, ..Arm::default() };
        match arm.check() {
            Ok(()) => Ok(arm),
            Err(impossible) => Err(wrong(impossible.to_string())),
        }
    }

    fn gap(&self, from: i64, to: i64) -> bool {
        (to - from) * 2 > self.step * 3
    }

    fn empty(&self, from_ms: i64, to_ms: i64) -> Interval {
        Interval { from_ms, to_ms, stable: vec![None; self.pods.len().max(1)], canary: None }
    }
}

/// Cumulative counts of one line as a histogram. What no edge counts was slower than all of them.
fn histogram(edges: &Edges, counts: &Counts) -> Result<Histogram, String> {
    let mut cumulative = counts.slower.clone();
    if cumulative.len() < edges.buckets() {
        cumulative.push(counts.requests);
    }
    edges.increments(&vec![0; cumulative.len()], &cumulative).map_err(|why| why.to_string())
}

fn add(interval: &mut Interval, who: Who, arm: Arm) {
    match who.side {
        Side::Stable => {
            if let Some(place) = interval.stable.get_mut(who.pod) {
                *place = Some(arm);
            }
        }
        Side::Canary => {
            let mut sum = interval.canary.take().unwrap_or_default();
            sum.requests = sum.requests.saturating_add(arm.requests);
            sum.errors = sum.errors.saturating_add(arm.errors);
            sum.latency.merge(&arm.latency);
            interval.canary = Some(sum);
        }
    }
}

/// A value as it stands in a problem.
fn shown(value: &str) -> String {
    format!("`{}`", cut(value))
}

#[cfg(test)]
mod tests;
