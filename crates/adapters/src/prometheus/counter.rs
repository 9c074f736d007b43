//! One series between the two ends of a block. It has six ways to be there or not, and only two of them are counts.

use super::failure::no_count;
use super::native::NativeHistogram;
use control::ports::PortError;
use engine::Timestamp;
use judge::sketch::foreign::{Exponential, Refused, whole};
use std::collections::BTreeMap;

/// A stretch of time, as long as an interval. At each end a sample counts that is not older than the stretch is long: an older
/// one would say that a counter stood still which was only not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What is scraped at once and started at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    job: Option<String>,
    instance: Option<String>,
}

/// A counter with its samples, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Counter<S> {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) samples: Vec<(Timestamp, S)>,
}

/// What a counter did in a span.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Moved<R> {
    /// It was there at both ends.
    Stood { from: R, to: R },
    /// It is there at the end only.
    Came { to: R },
    /// It was there at the beginning only.
    Went,
    /// It is not there.
    Absent,
    /// It fell, so that it began anew in between.
    Reset,
}

/// A value that only grows.
pub(super) trait Sample {
    /// As it is counted.
    type Read: Clone;
    fn read(&self) -> Result<Self::Read, Refused>;
    fn fell(before: &Self::Read, after: &Self::Read) -> bool;
}

impl Sample for f64 {
    type Read = u64;

    fn read(&self) -> Result<u64, Refused> {
        whole(*self)
    }

    fn fell(before: &u64, after: &u64) -> bool {
        after < before
    }
}

impl Sample for NativeHistogram {
    type Read = Exponential;

    fn read(&self) -> Result<Exponential, Refused> {
        self.exponential()
    }

    fn fell(before: &Exponential, after: &Exponential) -> bool {
        after.since(before) == Err(Refused::Reset)
    }
}

impl<S: Sample> Counter<S> {
    pub(super) fn target(&self) -> Target {
        Target { job: self.labels.get("job").cloned(), instance: self.labels.get("instance").cloned() }
    }

    /// Whether there is a sample at the beginning of the span.
    pub(super) fn was_there(&self, span: Span) -> bool {
        self.last(span.from.saturating_sub(span.to.saturating_sub(span.from)), span.from).is_some()
    }

    /// Whether there is one at its end.
    pub(super) fn is_there(&self, span: Span) -> bool {
        self.last(span.from, span.to).is_some()
    }

    /// What it did.
    ///
    /// # Errors
    /// `TG-5056`: a sample that is no count.
    pub(super) fn moved(&self, span: Span) -> Result<Moved<S::Read>, PortError> {
        let before = self.last(span.from.saturating_sub(span.to.saturating_sub(span.from)), span.from);
        let Some(end) = self.last(span.from, span.to) else {
            return Ok(if before.is_some() { Moved::Went } else { Moved::Absent });
        };
        let begin = before.unwrap_or_else(|| self.samples.partition_point(|sample| sample.0.0 <= span.from));
        let run = self.samples.get(begin..=end).unwrap_or_default();
        let read = |sample: &(Timestamp, S)| sample.1.read().map_err(|why| no_count(&self.name(), &why.to_string()));
        let run = run.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if run.windows(2).any(|pair| S::fell(&pair[0], &pair[1])) {
            return Ok(Moved::Reset);
        }
        Ok(match (run.first(), run.last()) {
            (Some(from), Some(to)) if before.is_some() => Moved::Stood { from: from.clone(), to: to.clone() },
            (_, Some(to)) => Moved::Came { to: to.clone() },
            (_, None) => Moved::Absent,
        })
    }

    /// The last sample after `after` and not after `until`.
    fn last(&self, after: i64, until: i64) -> Option<usize> {
        let at = self.samples.partition_point(|sample| sample.0.0 <= until).checked_sub(1)?;
        self.samples.get(at).is_some_and(|sample| sample.0.0 > after).then_some(at)
    }

    /// For people.
    fn name(&self) -> String {
        let label = |name: &str| self.labels.get(name).map_or("", String::as_str);
        format!("`{}` of {}", label("__name__"), label("instance"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(samples: &[(i64, f64)]) -> Moved<u64> {
        let samples = samples.iter().map(|(at, value)| (Timestamp(*at), *value)).collect();
        Counter { labels: BTreeMap::new(), samples }.moved(Span { from: 100, to: 200 }).unwrap()
    }

    #[test]
    fn the_six_ways() {
        assert_eq!(moved(&[(90, 5.0), (150, 7.0), (199, 9.0)]), Moved::Stood { from: 5, to: 9 });
        assert_eq!(moved(&[(100, 5.0), (200, 5.0)]), Moved::Stood { from: 5, to: 5 });
        assert_eq!(moved(&[(101, 5.0), (200, 8.0)]), Moved::Came { to: 8 });
        assert_eq!(moved(&[(90, 5.0)]), Moved::Went);
        assert_eq!(moved(&[]), Moved::Absent);
        assert_eq!(moved(&[(0, 5.0), (201, 9.0)]), Moved::Absent);
        assert_eq!(moved(&[(90, 5.0), (150, 2.0), (199, 9.0)]), Moved::Reset);
    }

    #[test]
    fn an_old_sample_is_not_one_that_stood_still() {
        assert_eq!(moved(&[(0, 5.0), (150, 7.0)]), Moved::Came { to: 7 });
        assert_eq!(moved(&[(1, 5.0), (150, 7.0)]), Moved::Stood { from: 5, to: 7 });
    }

    #[test]
    fn what_is_no_count_is_refused_only_where_it_is() {
        let counter = |value: f64| Counter {
            labels: BTreeMap::new(),
            samples: vec![(Timestamp(90), 1.0), (Timestamp(150), value), (Timestamp(290), 2.0)],
        };
        for value in [f64::NAN, f64::INFINITY, -1.0, 1.5] {
            assert_eq!(counter(value).moved(Span { from: 100, to: 200 }).unwrap_err().code, "TG-5056");
        }
        assert_eq!(counter(1.0).moved(Span { from: 200, to: 300 }), Ok(Moved::Stood { from: 1, to: 2 }));
        assert_eq!(counter(f64::NAN).moved(Span { from: 300, to: 400 }), Ok(Moved::Went));
    }
}
