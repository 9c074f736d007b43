//! Response times of both arms in one block, read in the same way: by the same edges, or at the same resolution.

use super::counter::{Counter, Moved, Span};
use super::failure::no_histogram;
use super::native::NativeHistogram;
use control::ports::PortError;
use judge::Histogram;
use judge::sketch::foreign::{Edges, Exponential, Refused};
use std::collections::BTreeMap;

/// What an arm's histograms did in a block, one reading for each of its processes.
#[derive(Clone, Debug)]
pub(super) enum Readings {
    /// Not asked for.
    None,
    Classic(Vec<Classic>),
    Native(Vec<(Exponential, Exponential)>),
}

/// Cumulative counts by edge, in seconds, before and after.
#[derive(Clone, Debug)]
pub(super) struct Classic {
    edges: Vec<f64>,
    before: Vec<u64>,
    after: Vec<u64>,
}

/// Both arms' histograms.
pub(super) struct Both {
    pub(super) canary: Histogram,
    pub(super) stable: Histogram,
    /// By which edges they were read.
    pub(super) edges: Option<Edges>,
}

/// One histogram of both arms, or why they cannot be compared (`TG-5057`). An arm that is missing has no readings.
pub(super) fn both(canary: &Readings, stable: &Readings) -> Result<Both, PortError> {
    match (canary, stable) {
        (Readings::Classic(canary), Readings::Classic(stable)) => classic(canary, stable),
        (Readings::Native(canary), Readings::Native(stable)) => native(canary, stable),
        (Readings::None, Readings::None) => {
            Ok(Both { canary: Histogram::new(), stable: Histogram::new(), edges: None })
        }
        (Readings::Classic(one), Readings::None) => classic(one, &[]),
        (Readings::Native(one), Readings::None) => native(one, &[]),
        (Readings::None, Readings::Classic(one)) => classic(&[], one),
        (Readings::None, Readings::Native(one)) => native(&[], one),
        (Readings::Classic(_), Readings::Native(_)) | (Readings::Native(_), Readings::Classic(_)) => {
            Err(no_histogram("one arm has a classic histogram and the other a native one"))
        }
    }
}

fn classic(canary: &[Classic], stable: &[Classic]) -> Result<Both, PortError> {
    let Some(first) = canary.first().or(stable.first()) else {
        return Ok(Both { canary: Histogram::new(), stable: Histogram::new(), edges: None });
    };
    if canary.iter().chain(stable).any(|one| one.edges != first.edges) {
        return Err(no_histogram("not all processes of both versions have the same buckets"));
    }
    let refused = |why: Refused| no_histogram(&why.to_string());
    let edges = Edges::from_seconds(&first.edges).map_err(refused)?;
    let sum = |all: &[Classic]| {
        let mut sum = Histogram::new();
        for one in all {
            sum.merge(&edges.increments(&one.before, &one.after).map_err(refused)?);
        }
        Ok(sum)
    };
    Ok(Both { canary: sum(canary)?, stable: sum(stable)?, edges: Some(edges.clone()) })
}

fn native(canary: &[(Exponential, Exponential)], stable: &[(Exponential, Exponential)]) -> Result<Both, PortError> {
    let all = || canary.iter().chain(stable).flat_map(|(before, after)| [before, after]);
    let schema = all().map(Exponential::schema).min().unwrap_or(0);
    let refused = |why: Refused| no_histogram(&why.to_string());
    let sum = |all: &[(Exponential, Exponential)]| {
        let mut sum = Histogram::new();
        for (before, after) in all {
            sum.merge(&after.at_most(schema).since(&before.at_most(schema)).map_err(refused)?);
        }
        Ok(sum)
    };
    let edges = stable.first().and_then(|(_, after)| after.at_most(schema).edges().ok());
    Ok(Both { canary: sum(canary)?, stable: sum(stable)?, edges })
}

/// Names and values.
type Labels<'a> = Vec<(&'a str, &'a str)>;

/// The readings of classic counters, grouped by everything but `le`. `None`: the counters of a process came or went in part.
pub(super) fn of_classic<'a>(
    counters: impl Iterator<Item = &'a Counter<f64>>,
    span: Span,
) -> Result<Option<Vec<Classic>>, PortError> {
    let mut groups: BTreeMap<Labels<'_>, Vec<(f64, Moved<u64>)>> = BTreeMap::new();
    for counter in counters {
        let le = counter.labels.get("le").ok_or_else(|| no_histogram("a counter has no label `le`"))?;
        let edge = le.parse().map_err(|_| no_histogram(&format!("`le` is `{le}`, which is no number")))?;
        let others = counter.labels.iter().filter(|(name, _)| *name != "le");
        let group = others.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        groups.entry(group).or_default().push((edge, counter.moved(span)?));
    }
    let mut readings = Vec::new();
    for mut group in groups.into_values() {
        group.retain(|(_, moved)| *moved != Moved::Absent);
        if group.is_empty() {
            continue;
        }
        group.sort_by(|a, b| a.0.total_cmp(&b.0));
        let came = |moved: &Moved<u64>| matches!(moved, Moved::Came { .. });
        let partly = group.iter().any(|(_, moved)| came(moved)) && !group.iter().all(|(_, moved)| came(moved));
        if partly {
            return Err(no_histogram(&Refused::EdgesChanged.to_string()));
        }
        let mut reading = Classic { edges: Vec::new(), before: Vec::new(), after: Vec::new() };
        for (edge, moved) in group {
            let (before, after) = match moved {
                Moved::Stood { from, to } => (from, to),
                Moved::Came { to } => (0, to),
                Moved::Went | Moved::Absent | Moved::Reset => return Ok(None),
            };
            reading.edges.push(edge);
            reading.before.push(before);
            reading.after.push(after);
        }
        readings.push(reading);
    }
    Ok(Some(readings))
}

/// The readings of native histograms. `None`: one went or began anew.
pub(super) fn of_native<'a>(
    counters: impl Iterator<Item = &'a Counter<NativeHistogram>>,
    span: Span,
) -> Result<Option<Vec<(Exponential, Exponential)>>, PortError> {
    let mut readings = Vec::new();
    for counter in counters {
        match counter.moved(span)? {
            Moved::Stood { from, to } => readings.push((from, to)),
            Moved::Came { to } => {
                let nothing = to.none_of_it();
                readings.push((nothing, to));
            }
            Moved::Absent => {}
            Moved::Went | Moved::Reset => return Ok(None),
        }
    }
    Ok(Some(readings))
}
