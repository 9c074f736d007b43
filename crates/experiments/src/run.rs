//! An experiment while it is counted: who was seen, so that each user counts once, and the sums.
//!
//! The first variant that a user is seen with is theirs. Who is seen with a second one was not dealt by chance any more: they are
//! taken out of every sum, and counted as crossed. What a user did before they saw a variant says nothing about it.

use crate::counts::{Counts, MOST_METRICS, Metric, Sums, Tally};
use flags::Weight;
use std::collections::HashMap;
use std::fmt;

/// How many more users and values may be kept in memory, by all experiments together: what bounds the memory that somebody with
/// a token can take.
#[derive(Debug)]
pub struct Places {
    left: usize,
}

/// An experiment and its users, who are forgotten when it is dropped.
#[derive(Debug)]
pub struct Run {
    weights: Vec<Weight>,
    counts: Counts,
    /// By a number that only its maker can get from a name.
    users: HashMap<u64, User>,
    /// What the values of a user add up to, by user and number of the metric.
    values: HashMap<(u64, u8), f64>,
    most_users: usize,
}

#[derive(Clone, Copy, Debug)]
struct User {
    since_ms: i64,
    /// Which conversions are counted, by number of the metric.
    converted: u32,
    arm: u8,
    crossed: bool,
}

/// What was done with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It changed a sum.
    Counted,
    /// It told nothing new.
    Known,
    /// The user has seen two variants, and is in no sum.
    Crossed,
    /// The user was not seen with a variant, or only later.
    Unexposed,
}

/// Why an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The split does not give that variant.
    NotGiven {
        /// Those that it does.
        given: Vec<String>,
    },
    /// The metric is told of with values and without.
    OtherKind {
        /// How it was first told of.
        conversion: bool,
    },
    /// There are as many metrics as there may be.
    Metrics,
    /// As many users and values are remembered as may be.
    Full,
}

impl Places {
    /// So many.
    #[must_use]
    pub const fn new(left: usize) -> Self {
        Self { left }
    }

    fn take(&mut self) -> Result<(), Refused> {
        self.left = self.left.checked_sub(1).ok_or(Refused::Full)?;
        Ok(())
    }

    /// Takes back what a run held.
    pub fn give_back(&mut self, run: &Run) {
        self.left += run.places();
    }
}

impl Run {
    /// A new experiment, of at most `most_users`.
    #[must_use]
    pub fn begin(weights: Vec<Weight>, most_users: usize) -> Self {
        let counts = Counts::of(weights.len());
        Self { weights, counts, users: HashMap::new(), values: HashMap::new(), most_users }
    }

    /// An experiment whose users were forgotten. Nothing if the counts are not those of this split.
    #[must_use]
    pub fn resume(weights: Vec<Weight>, most_users: usize, mut counts: Counts) -> Option<Self> {
        if !counts.fit(weights.len()) {
            return None;
        }
        counts.stretches = counts.stretches.saturating_add(1);
        Some(Self { weights, counts, users: HashMap::new(), values: HashMap::new(), most_users })
    }

    /// The sums.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The split.
    #[must_use]
    pub fn weights(&self) -> &[Weight] {
        &self.weights
    }

    /// How many places it holds.
    fn places(&self) -> usize {
        self.users.len() + self.values.len()
    }

    /// A user saw a variant.
    ///
    /// # Errors
    /// [`Refused::NotGiven`]; [`Refused::Full`].
    pub fn expose(&mut self, user: u64, variant: &str, at_ms: i64, places: &mut Places) -> Result<Noted, Refused> {
        let given = || Refused::NotGiven { given: self.weights.iter().map(|one| one.variant.clone()).collect() };
        let at = self.weights.iter().position(|one| one.variant == variant).ok_or_else(given)?;
        let arm = u8::try_from(at).map_err(|_| given())?;
        match self.users.get_mut(&user) {
            Some(seen) if seen.crossed => return Ok(Noted::Crossed),
            Some(seen) if seen.arm == arm => {
                // Batches overtake each other.
                seen.since_ms = seen.since_ms.min(at_ms);
                return Ok(Noted::Known);
            }
            Some(seen) => {
                seen.crossed = true;
                let seen = *seen;
                self.take_out(user, seen);
                self.counts.crossed += 1;
                return Ok(Noted::Crossed);
            }
            None => {}
        }
        if self.users.len() >= self.most_users {
            return Err(Refused::Full);
        }
        places.take()?;
        self.users.insert(user, User { since_ms: at_ms, converted: 0, arm, crossed: false });
        if let Some(users) = self.counts.users.get_mut(at) {
            *users += 1;
        }
        Ok(Noted::Counted)
    }

    /// A user did something: a conversion, or a value.
    ///
    /// # Errors
    /// [`Refused::OtherKind`]; [`Refused::Metrics`]; [`Refused::Full`].
    pub fn metric(
        &mut self,
        user: u64,
        name: &str,
        value: Option<f64>,
        at_ms: i64,
        places: &mut Places,
    ) -> Result<Noted, Refused> {
        let seen = match self.users.get(&user) {
            None => return Ok(Noted::Unexposed),
            Some(seen) if seen.crossed => return Ok(Noted::Crossed),
            Some(seen) if at_ms < seen.since_ms => return Ok(Noted::Unexposed),
            Some(seen) => *seen,
        };
        let number = self.number(name, value.is_none())?;
        let arm = usize::from(seen.arm);
        match (self.counts.metrics.get_mut(usize::from(number)).map(|metric| &mut metric.tally), value) {
            (Some(Tally::Conversion(all)), None) => {
                if seen.converted & (1 << number) != 0 {
                    return Ok(Noted::Known);
                }
                if let (Some(converted), Some(user)) = (all.get_mut(arm), self.users.get_mut(&user)) {
                    *converted += 1;
                    user.converted |= 1 << number;
                }
                Ok(Noted::Counted)
            }
            (Some(Tally::Mean(all)), Some(value)) => {
                let before = self.values.get(&(user, number)).copied();
                if before.is_none() {
                    places.take()?;
                }
                let after = before.unwrap_or(0.0) + value;
                if let Some(sums) = all.get_mut(arm) {
                    sums.change(before.unwrap_or(0.0), after);
                }
                self.values.insert((user, number), after);
                Ok(Noted::Counted)
            }
            (Some(Tally::Conversion(_)), Some(_)) => Err(Refused::OtherKind { conversion: true }),
            (Some(Tally::Mean(_)), None) => Err(Refused::OtherKind { conversion: false }),
            (None, _) => Err(Refused::Metrics),
        }
    }

    /// Something was counted at this time.
    pub fn stamp(&mut self, now_ms: i64) {
        self.counts.at_ms = self.counts.at_ms.max(now_ms);
    }

    /// The number of the metric with this name; a new one is taken as it is told of.
    fn number(&mut self, name: &str, conversion: bool) -> Result<u8, Refused> {
        let metrics = &mut self.counts.metrics;
        let at = match metrics.iter().position(|metric| metric.name == name) {
            Some(at) => at,
            None if metrics.len() >= MOST_METRICS => return Err(Refused::Metrics),
            None => {
                let variants = self.weights.len();
                let tally = if conversion {
                    Tally::Conversion(vec![0; variants])
                } else {
                    Tally::Mean(vec![Sums::default(); variants])
                };
                metrics.push(Metric { name: name.to_string(), tally });
                metrics.len() - 1
            }
        };
        u8::try_from(at).map_err(|_| Refused::Metrics)
    }

    fn take_out(&mut self, user: u64, seen: User) {
        let arm = usize::from(seen.arm);
        if let Some(users) = self.counts.users.get_mut(arm) {
            *users = users.saturating_sub(1);
        }
        for (number, metric) in (0_u8..).zip(&mut self.counts.metrics) {
            match &mut metric.tally {
                Tally::Conversion(all) if seen.converted & (1 << number) != 0 => {
                    if let Some(converted) = all.get_mut(arm) {
                        *converted = converted.saturating_sub(1);
                    }
                }
                Tally::Conversion(_) => {}
                Tally::Mean(all) => {
                    // Its place stays taken: who holds the purse counts what was ever put in, and a crossed user is remembered.
                    let before = self.values.insert((user, number), 0.0);
                    match (before, all.get_mut(arm)) {
                        (Some(before), Some(sums)) => sums.change(before, 0.0),
                        (Some(_), None) => {}
                        (None, _) => drop(self.values.remove(&(user, number))),
                    }
                }
            }
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven { given } => {
                write!(f, "the split does not give this variant; it gives {}", given.join(", "))
            }
            Self::OtherKind { conversion: true } => f.write_str("the metric is a conversion: it has no value"),
            Self::OtherKind { conversion: false } => f.write_str("the metric is a mean: it needs a value"),
            Self::Metrics => write!(f, "there are {MOST_METRICS} metrics already"),
            Self::Full => f.write_str("no more users and values can be remembered"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (Run, Places) {
        let weight = |variant: &str| Weight { variant: variant.into(), weight: 50_000 };
        (Run::begin(vec![weight("old"), weight("new")], 1_000), Places::new(10_000))
    }

    fn conversions(run: &Run) -> &[u64] {
        match &run.counts.metrics[0].tally {
            Tally::Conversion(all) => all,
            Tally::Mean(_) => panic!("not a conversion"),
        }
    }

    #[test]
    fn a_user_counts_once_however_often_they_are_told_of() {
        let (mut run, mut places) = run();
        assert_eq!(run.expose(1, "new", 10, &mut places), Ok(Noted::Counted));
        assert_eq!(run.expose(1, "new", 11, &mut places), Ok(Noted::Known));
        assert_eq!(run.metric(1, "signup", None, 12, &mut places), Ok(Noted::Counted));
        assert_eq!(run.metric(1, "signup", None, 13, &mut places), Ok(Noted::Known));
        assert_eq!((run.counts.users.as_slice(), conversions(&run)), (&[0, 1][..], &[0, 1][..]));
    }

    #[test]
    fn values_of_a_user_add_up() {
        let (mut run, mut places) = run();
        run.expose(1, "new", 10, &mut places).unwrap();
        run.expose(2, "new", 10, &mut places).unwrap();
        for (user, value) in [(1, 3.0), (2, 1.0), (1, 4.0)] {
            assert_eq!(run.metric(user, "spent", Some(value), 12, &mut places), Ok(Noted::Counted));
        }
        let expected = Tally::Mean(vec![Sums::default(), Sums { sum: 8.0, sum_squares: 50.0 }]);
        assert_eq!(run.counts.metrics[0].tally, expected);
        assert_eq!(run.metric(1, "spent", None, 12, &mut places), Err(Refused::OtherKind { conversion: false }));
    }

    #[test]
    fn who_saw_two_variants_is_in_no_sum() {
        let (mut run, mut places) = run();
        for user in [1, 2] {
            run.expose(user, "new", 10, &mut places).unwrap();
            run.metric(user, "signup", None, 12, &mut places).unwrap();
            run.metric(user, "spent", Some(2.5), 12, &mut places).unwrap();
        }
        assert_eq!(run.expose(1, "old", 20, &mut places), Ok(Noted::Crossed));
        assert_eq!(run.expose(1, "new", 21, &mut places), Ok(Noted::Crossed));
        assert_eq!(run.metric(1, "spent", Some(9.0), 22, &mut places), Ok(Noted::Crossed));
        assert_eq!((run.counts.users.as_slice(), run.counts.crossed), (&[0, 1][..], 1));
        assert_eq!(conversions(&run), [0, 1]);
        let left = Tally::Mean(vec![Sums::default(), Sums { sum: 2.5, sum_squares: 6.25 }]);
        assert_eq!(run.counts.metrics[1].tally, left);
    }

    #[test]
    fn what_was_done_before_says_nothing() {
        let (mut run, mut places) = run();
        assert_eq!(run.metric(1, "signup", None, 5, &mut places), Ok(Noted::Unexposed));
        run.expose(1, "new", 10, &mut places).unwrap();
        assert_eq!(run.metric(1, "signup", None, 9, &mut places), Ok(Noted::Unexposed));
        assert!(run.counts.metrics.is_empty());
        // An exposure that was told of late, and happened earlier.
        run.expose(1, "new", 8, &mut places).unwrap();
        assert_eq!(run.metric(1, "signup", None, 9, &mut places), Ok(Noted::Counted));
    }

    #[test]
    fn memory_and_names_have_an_end() {
        let (mut run, _) = run();
        let mut places = Places::new(3);
        run.expose(1, "new", 0, &mut places).unwrap();
        run.expose(2, "new", 0, &mut places).unwrap();
        run.metric(1, "spent", Some(1.0), 0, &mut places).unwrap();
        assert_eq!(run.expose(3, "new", 0, &mut places), Err(Refused::Full));
        assert_eq!(run.metric(2, "spent", Some(1.0), 0, &mut places), Err(Refused::Full));
        assert_eq!(run.metric(1, "spent", Some(1.0), 0, &mut places), Ok(Noted::Counted));
        assert_eq!(run.expose(2, "new", 0, &mut places), Ok(Noted::Known));
        for n in 1..MOST_METRICS {
            run.metric(1, &format!("m{n}"), None, 0, &mut places).unwrap();
        }
        assert_eq!(run.metric(1, "one more", None, 0, &mut places), Err(Refused::Metrics));
        places.give_back(&run);
        let mut small = Run::begin(run.weights.clone(), 1);
        small.expose(1, "old", 0, &mut places).unwrap();
        assert_eq!(small.expose(2, "old", 0, &mut places), Err(Refused::Full));
        assert!(matches!(small.expose(3, "other", 0, &mut places), Err(Refused::NotGiven { .. })));
    }

    #[test]
    fn counts_go_on_without_their_users() {
        let (mut run, mut places) = run();
        run.expose(1, "new", 10, &mut places).unwrap();
        let mut again = Run::resume(run.weights.clone(), 1_000, run.counts.clone()).unwrap();
        again.expose(1, "new", 20, &mut places).unwrap();
        assert_eq!((again.counts.users.as_slice(), again.counts.stretches), (&[0, 2][..], 2));
        assert!(Run::resume(vec![], 1_000, run.counts).is_none());
    }
}
