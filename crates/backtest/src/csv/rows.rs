//! The other lines: counts, in groups that were measured at the same moment.

use super::columns::{Columns, cells};
use super::shown;
use crate::incident::time;
use crate::problem::Problem;
use crate::recording::moment;
use judge::Side;
use std::collections::BTreeMap;

/// What was measured at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) at_ms: i64,
    pub(super) line: usize,
    /// Who, in which line, and what.
    pub(super) rows: Vec<(Who, usize, Counts)>,
}

/// One pod of one version; 0 if pods are not told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) side: Side,
    pub(super) pod: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) errors: u64,
    /// Cumulative, by edge.
    pub(super) slower: Vec<u64>,
}

/// All lines but the first, and the names of stable's pods.
pub(super) fn read(text: &str, file: &str, columns: &Columns) -> Result<(Vec<Group>, Vec<String>), Problem> {
    let mut names = Names::default();
    let mut groups: Vec<Group> = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        let row = Row { file, line: number + 1, cells: cells(line).collect() };
        row.check_width(columns)?;
        let at_ms = row.time(columns)?;
        let who = row.who(columns, &mut names)?;
        let counts = row.counts(columns)?;
        match groups.last_mut() {
            Some(last) if last.at_ms == at_ms => {
                if last.rows.iter().any(|(other, ..)| *other == who) {
                    let why = "the same moment stands there twice for the same pod and arm";
                    return Err(row.time_problem(format!("{} again", moment(at_ms)), why));
                }
                last.rows.push((who, row.line, counts));
            }
            Some(last) if last.at_ms > at_ms => {
                let why = format!("the line before is at {}", moment(last.at_ms));
                return Err(row.time_problem(format!("{} goes back in time", moment(at_ms)), &why));
            }
            Some(_) | None => groups.push(Group { at_ms, line: row.line, rows: vec![(who, row.line, counts)] }),
        }
    }
    Ok((groups, names.stable))
}

/// Pods in the order in which they are met.
#[derive(Default)]
struct Names {
    stable: Vec<String>,
    known: BTreeMap<(bool, String), usize>,
    canaries: usize,
}

impl Names {
    fn place(&mut self, side: Side, pod: &str) -> usize {
        let key = (side == Side::Stable, pod.to_owned());
        if let Some(place) = self.known.get(&key) {
            return *place;
        }
        let place = match side {
            Side::Stable => {
                self.stable.push(pod.to_owned());
                self.stable.len() - 1
            }
            Side::Canary => {
                self.canaries += 1;
                self.canaries - 1
            }
        };
        self.known.insert(key, place);
        place
    }
}

struct Row<'a> {
    file: &'a str,
    line: usize,
    cells: Vec<&'a str>,
}

impl Row<'_> {
    fn check_width(&self, columns: &Columns) -> Result<(), Problem> {
        if self.cells.len() == columns.width {
            return Ok(());
        }
        Err(Problem::new(
            "TG-7051",
            format!("{}:{}: {} cells", self.file, self.line, self.cells.len()),
            format!("the first line names {} columns", columns.width),
            "separate cells by commas; a line that broke off can be left out",
        ))
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).copied().unwrap_or_default()
    }

    fn time(&self, columns: &Columns) -> Result<i64, Problem> {
        let text = self.cell(columns.time);
        time(text).ok_or_else(|| {
            let why = "times are as in 2026-03-01T10:00:00Z, or seconds since 1970";
            self.time_problem(format!("{} is no time", shown(text)), why)
        })
    }

    fn time_problem(&self, what: String, why: &str) -> Problem {
        Problem::new(
            "TG-7053",
            format!("{}:{}: {what}", self.file, self.line),
            why,
            "lines stand in the order of time, one for each moment, pod and arm",
        )
    }

    fn who(&self, columns: &Columns, names: &mut Names) -> Result<Who, Problem> {
        let side = match columns.arm.map(|column| self.cell(column)) {
            None | Some("stable") => Side::Stable,
            Some("canary") => Side::Canary,
            Some(other) => {
                return Err(Problem::new(
                    "TG-7051",
                    format!("{}:{}: the arm {} is not known", self.file, self.line, shown(other)),
                    "an arm is `stable` or `canary`",
                    "rename it, or leave the column `arm` out",
                ));
            }
        };
        let pod = match columns.pod {
            None => names.place(side, ""),
            Some(column) => names.place(side, self.cell(column)),
        };
        Ok(Who { side, pod })
    }

    fn counts(&self, columns: &Columns) -> Result<Counts, Problem> {
        let requests = self.count(columns.requests, "requests")?;
        let errors = self.count(columns.errors, "errors")?;
        let slower = columns.slower.iter().map(|(column, name)| self.count(*column, name)).collect::<Result<_, _>>()?;
        Ok(Counts { requests, errors, slower })
    }

    /// A whole number that is not negative; `12.0` is one as well, as many exports write it.
    fn count(&self, column: usize, name: &str) -> Result<u64, Problem> {
        let text = self.cell(column);
        if let Ok(count) = text.parse::<u64>() {
            return Ok(count);
        }
        let number = text.parse::<f64>().ok();
        let why = match number {
            None => "it is no number",
            Some(number) if number.is_nan() => "it is no number: what was not measured has no line",
            Some(number) if number < 0.0 => "nobody counts below zero; running totals are read with --totals",
            Some(number) if number.is_infinite() || number >= MOST => "it is too large to be counted",
            Some(number) if number.fract() != 0.0 => "it is not whole: counts are needed, and no rates",
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within 2^53")]
            Some(number) => return Ok(number as u64),
        };
        Err(Problem::new(
            "TG-7052",
            format!("{}:{}: {name} is {}", self.file, self.line, shown(text)),
            why,
            "write how many there were in the interval, as a whole number",
        ))
    }
}

/// The largest number that a float tells from its neighbours.
const MOST: f64 = 9_007_199_254_740_992.0;
