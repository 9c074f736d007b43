//! What one arm did in a block, from the counters of all its processes.
//!
//! A process counts from the first block at both ends of which it was seen: of what it did before nobody knows how long it
//! took. A counter that appears while its process was seen before begins at zero, as clients make a series at its first event;
//! without that the first errors of a version would be lost. If a process goes or a counter begins anew, the block is missing
//! for its arm.

use super::counter::{Counter, Moved, Sample, Span, Target};
use super::failure::{no_histogram, no_such_label};
use super::latency::{Readings, of_classic, of_native};
use super::native::NativeHistogram;
use control::ports::PortError;
use policy::selector::{MatchOp, Selector};
use std::collections::BTreeMap;

/// Everything that was sampled of one arm.
pub(super) struct Sampled {
    pub(super) requests: Vec<Counter<f64>>,
    pub(super) errors: Vec<Counter<f64>>,
    pub(super) latency: SampledLatency,
    /// What errors were asked for by, if they are requests with more conditions: then none at all are no errors.
    pub(super) errors_among_requests: Option<Selector>,
}

pub(super) enum SampledLatency {
    NotAsked,
    Classic(Vec<Counter<f64>>),
    Native(Vec<Counter<NativeHistogram>>),
}

/// What was counted.
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) latency: Readings,
}

/// Why nothing was.
pub(super) enum Missing {
    /// No process was seen at both ends, or one was not seen any more. What comes late may change that.
    NotSeen,
    /// A counter began anew in between. Nothing can change that.
    Reset,
    /// What was sampled cannot be counted.
    Wrong(PortError),
}

impl Missing {
    /// What is wrong, if it is not only that nothing was seen.
    pub(super) fn wrong(self) -> Option<PortError> {
        match self {
            Self::Wrong(error) => Some(error),
            Self::NotSeen | Self::Reset => None,
        }
    }
}

impl From<PortError> for Missing {
    fn from(error: PortError) -> Self {
        Self::Wrong(error)
    }
}

/// Whether a process was seen at the two ends of a block.
#[derive(Clone, Copy, Default)]
struct Seen {
    before: bool,
    after: bool,
}

impl Sampled {
    /// What the arm did.
    pub(super) fn count(&self, span: Span) -> Result<Counts, Missing> {
        let seen = self.seen(span);
        if seen.values().any(|seen| seen.before && !seen.after) || !seen.values().any(|seen| seen.before && seen.after)
        {
            return Err(Missing::NotSeen);
        }
        let stayed = |target: &Target| seen.get(target).is_some_and(|seen| seen.before && seen.after);
        self.check_labels()?;
        let requests = sum(&self.requests, span, &stayed)?.ok_or(Missing::NotSeen)?;
        let errors = match (sum(&self.errors, span, &stayed)?, &self.errors_among_requests) {
            (Some(errors), _) => errors,
            (None, Some(_)) => 0,
            (None, None) => return Err(Missing::NotSeen),
        };
        let latency = self.latency.readings(span, &stayed)?;
        let unmeasured = match &latency {
            Readings::None => false,
            Readings::Classic(readings) => readings.is_empty(),
            Readings::Native(readings) => readings.is_empty(),
        };
        if unmeasured && requests > 0 {
            return Err(no_histogram("a version has requests, and nothing that `latency` selects").into());
        }
        Ok(Counts { requests, errors, latency })
    }

    fn seen(&self, span: Span) -> BTreeMap<Target, Seen> {
        let mut seen = BTreeMap::new();
        note(&mut seen, &self.requests, span);
        note(&mut seen, &self.errors, span);
        match &self.latency {
            SampledLatency::NotAsked => {}
            SampledLatency::Classic(counters) => note(&mut seen, counters, span),
            SampledLatency::Native(counters) => note(&mut seen, counters, span),
        }
        seen
    }

    /// A misspelled label would make every error invisible: it matches nothing, and nothing is what no errors look like.
    fn check_labels(&self) -> Result<(), PortError> {
        let Some(errors) = &self.errors_among_requests else { return Ok(()) };
        let asked = errors.matchers().iter().filter(|matcher| match matcher.op {
            MatchOp::Is | MatchOp::Matches => !matcher.value.is_empty(),
            MatchOp::IsNot | MatchOp::MatchesNot => false,
        });
        for matcher in asked {
            if !self.requests.iter().any(|counter| counter.labels.contains_key(&matcher.label)) {
                return Err(no_such_label(&matcher.label, errors.metric()));
            }
        }
        Ok(())
    }
}

impl SampledLatency {
    fn readings(&self, span: Span, stayed: &impl Fn(&Target) -> bool) -> Result<Readings, Missing> {
        match self {
            Self::NotAsked => Ok(Readings::None),
            Self::Classic(counters) => {
                let readings = of_classic(counters.iter().filter(|counter| stayed(&counter.target())), span)?;
                readings.map(Readings::Classic).ok_or(Missing::Reset)
            }
            Self::Native(counters) => {
                let readings = of_native(counters.iter().filter(|counter| stayed(&counter.target())), span)?;
                readings.map(Readings::Native).ok_or(Missing::Reset)
            }
        }
    }
}

fn note<S: Sample>(seen: &mut BTreeMap<Target, Seen>, counters: &[Counter<S>], span: Span) {
    for counter in counters {
        let seen = seen.entry(counter.target()).or_default();
        seen.before |= counter.was_there(span);
        seen.after |= counter.is_there(span);
    }
}

/// What all counters of the processes that stayed gained together; nothing if there is not one.
fn sum(counters: &[Counter<f64>], span: Span, stayed: &impl Fn(&Target) -> bool) -> Result<Option<u64>, Missing> {
    let mut sum = None;
    for counter in counters.iter().filter(|counter| stayed(&counter.target())) {
        let gained = match counter.moved(span)? {
            Moved::Stood { from, to } => to - from,
            Moved::Came { to } => to,
            Moved::Absent => continue,
            Moved::Went | Moved::Reset => return Err(Missing::Reset),
        };
        sum = Some(sum.unwrap_or(0_u64).saturating_add(gained));
    }
    Ok(sum)
}
