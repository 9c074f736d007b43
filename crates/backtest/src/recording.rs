//! A recording: what a service did in the past, interval by interval, and who it can be split by.

use crate::incident::Incident;
use crate::problem::Problem;
use judge::{Arm, USER_BUCKETS};

/// Who a recording tells apart, and therefore what a random part of it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Units {
    /// Pods, by name. What comes together in a pod stays together; there are as many shares as pods.
    Pods(Vec<String>),
    /// The 64 user-hash buckets that the gate counts in. A user's errors stay together, as in a real rollout.
    UserBuckets,
    /// Nobody. Requests are split one by one, which makes them independent whether they were or not.
    Total,
}

/// What was measured in a stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Begin, in milliseconds since 1970.
    pub from_ms: i64,
    /// End.
    pub to_ms: i64,
    /// What each pod of the version that serves did, or the one total. `None`: not measured, or it restarted.
    pub stable: Vec<Option<Arm>>,
    /// What another version did at the same time, if there was one.
    pub canary: Option<Arm>,
}

/// Measurements in the order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    units: Units,
    intervals: Vec<Interval>,
    gaps: usize,
}

impl Recording {
    /// A recording that can be replayed. Intervals in which nothing was measured become gaps.
    ///
    /// # Errors
    /// `TG-7052`: counts that contradict themselves; `TG-7053`: intervals that overlap or go back; `TG-7055`: nothing was
    /// measured; `TG-7057`: only one pod.
    pub fn new(units: Units, intervals: Vec<Interval>) -> Result<Recording, Problem> {
        if let Units::Pods(pods) = &units
            && pods.len() < 2
        {
            return Err(Problem::new(
                "TG-7057",
                format!("the recording knows only one pod, `{}`", pods.first().map_or("", String::as_str)),
                "one pod cannot be split by pods",
                "record all pods, or leave the pod out: then requests are split one by one",
            ));
        }
        let mut kept: Vec<Interval> = Vec::with_capacity(intervals.len());
        for interval in intervals {
            interval.check(&units)?;
            let before = kept.last().map_or(i64::MIN, |before| before.to_ms);
            if interval.from_ms < before || interval.to_ms <= interval.from_ms {
                return Err(Problem::new(
                    "TG-7053",
                    format!("the interval that begins at {} goes back in time", moment(interval.from_ms)),
                    format!("the one before it ends at {}", moment(before)),
                    "a clock was set back or two recordings were put together: sort them, or leave one out",
                ));
            }
            if interval.stable.iter().any(Option::is_some) {
                kept.push(interval);
            }
        }
        let requests = kept.iter().flat_map(|interval| interval.stable.iter().flatten()).any(|arm| arm.requests > 0);
        if kept.len() < 2 || !requests {
            return Err(Problem::new(
                "TG-7055",
                "there is nothing to replay",
                format!(
                    "{} intervals with measurements, {}",
                    kept.len(),
                    if requests { "too few" } else { "no request" }
                ),
                "look at the time range, at the selectors, and at whether the service had traffic",
            ));
        }
        let gaps = kept.windows(2).filter(|pair| pair[1].from_ms > pair[0].to_ms).count();
        Ok(Recording { units, intervals: kept, gaps })
    }

    /// What is left without these times. Somebody said that something went wrong then: an alarm in them is none that is false.
    ///
    /// # Errors
    /// `TG-7055`: nothing is left.
    pub fn without(&self, incidents: &[Incident]) -> Result<Recording, Problem> {
        let calm = |one: &&Interval| {
            incidents.iter().all(|incident| one.to_ms <= incident.from_ms || one.from_ms >= incident.to_ms)
        };
        Recording::new(self.units.clone(), self.intervals.iter().filter(calm).cloned().collect())
    }

    /// Who it tells apart.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// In the order of time; there are at least two.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// How many times measuring stopped and began again.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.gaps
    }

    /// The time that was measured, without the gaps.
    #[must_use]
    pub fn measured_ms(&self) -> i64 {
        self.intervals.iter().map(Interval::span_ms).sum()
    }

    /// Begin and end.
    #[must_use]
    pub fn bounds_ms(&self) -> (i64, i64) {
        let begin = self.intervals.first().map_or(0, |first| first.from_ms);
        (begin, self.intervals.last().map_or(begin, |last| last.to_ms))
    }

    /// The usual length of an interval: the one in the middle.
    #[must_use]
    pub fn step_ms(&self) -> i64 {
        let mut spans: Vec<i64> = self.intervals.iter().map(Interval::span_ms).collect();
        spans.sort_unstable();
        spans.get(spans.len() / 2).copied().unwrap_or(1)
    }

    /// The first interval that does not begin before `at_ms`.
    pub(crate) fn index_from(&self, at_ms: i64) -> usize {
        self.intervals.partition_point(|interval| interval.from_ms < at_ms)
    }
}

impl Interval {
    /// How long it is.
    #[must_use]
    pub fn span_ms(&self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms)
    }

    /// All pods together; nothing if none was measured.
    pub(crate) fn together(&self, of: impl Fn(usize) -> bool) -> Option<Arm> {
        let mut all = self.stable.iter().enumerate().filter(|(unit, _)| of(*unit)).filter_map(|(_, arm)| arm.as_ref());
        let mut sum = all.next()?.clone();
        for arm in all {
            sum.requests = sum.requests.saturating_add(arm.requests);
            sum.errors = sum.errors.saturating_add(arm.errors);
            sum.latency.merge(&arm.latency);
            sum.started = sum.started.zip(arm.started).map(|(one, other)| one.saturating_add(other));
            sum.fresh_errors = sum.fresh_errors.zip(arm.fresh_errors).map(|(one, other)| one.saturating_add(other));
        }
        Some(sum)
    }

    fn check(&self, units: &Units) -> Result<(), Problem> {
        let wrong = |why: String| {
            Err(Problem::new(
                "TG-7052",
                format!("the counts from {} to {} cannot be true", moment(self.from_ms), moment(self.to_ms)),
                why,
                "correct the recording, or leave this interval out",
            ))
        };
        for arm in self.stable.iter().flatten().chain(&self.canary) {
            if let Err(impossible) = arm.check() {
                return wrong(impossible.to_string());
            }
        }
        let expected = match units {
            Units::Pods(pods) => pods.len(),
            Units::UserBuckets | Units::Total => 1,
        };
        if self.stable.len() != expected {
            return wrong(format!("{} units, expected {expected}", self.stable.len()));
        }
        let unbucketed = |arm: &Arm| arm.buckets.len() != USER_BUCKETS;
        if *units == Units::UserBuckets && self.stable.iter().flatten().any(unbucketed) {
            return wrong("user buckets that are not there in every interval".to_owned());
        }
        Ok(())
    }
}

/// For people.
pub(crate) fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms"), |at| at.to_string())
}
