//! Numbers with units, each with its bounds and an example. A number without a unit is never read: 5 what?

/// A kind of number.
pub(crate) struct Quantity {
    /// With its article, for messages.
    pub(crate) noun: &'static str,
    pub(crate) unit: Unit,
    /// In the steps of the unit.
    pub(crate) least: u64,
    /// In the steps of the unit.
    pub(crate) most: u64,
    /// One as it would be written, for messages and the reference.
    pub(crate) example: &'static str,
}

/// What a number counts, and in which steps it is kept until it is made a fraction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Steps of a millisecond; kept as such.
    Time,
    /// Percent of users, in steps of a part per million; kept as such.
    Share,
    /// Percent, in steps of a millionth of a percent; kept as a fraction.
    Percent,
    /// Requests per time, in steps of a thousandth of a request per hour; kept as requests per second.
    Frequency,
    /// Percentage points, in steps of a millionth of a point; kept as a fraction.
    Points,
}

/// How many steps one percent or one point has.
pub(crate) const PER_PERCENT: u64 = 1_000_000;
/// How many steps one request per second has.
pub(crate) const PER_SECOND: u64 = 3_600_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// How long something is observed.
pub(in crate::shape) static SPAN: Quantity =
    Quantity { noun: "a duration", unit: Unit::Time, least: 1, most: 90 * DAY, example: "30 min" };
/// The time until something is given up.
pub(in crate::shape) static LIMIT: Quantity =
    Quantity { noun: "a duration", unit: Unit::Time, least: 1, most: DAY, example: "30 s" };
/// The time in which a source must answer: control itself waits ten seconds for a signal.
pub(super) static ANSWER: Quantity =
    Quantity { noun: "a duration", unit: Unit::Time, least: 1, most: 9_000, example: "5 s" };
/// How late a source may be.
pub(super) static LAG: Quantity =
    Quantity { noun: "a duration", unit: Unit::Time, least: 0, most: 600_000, example: "5 s" };
/// A time that may be none.
pub(in crate::shape) static PAUSE: Quantity =
    Quantity { noun: "a duration", unit: Unit::Time, least: 0, most: 90 * DAY, example: "3 min" };
/// Some users.
pub(in crate::shape) static SHARE: Quantity =
    Quantity { noun: "a share of users", unit: Unit::Share, least: 1, most: 1_000_000, example: "5 %" };
/// A difference between two proportions.
pub(in crate::shape) static RISE: Quantity = Quantity {
    noun: "a difference in percentage points",
    unit: Unit::Points,
    least: 0,
    most: 100 * PER_PERCENT,
    example: "0.1 points",
};
/// A relative difference between two times.
pub(in crate::shape) static SLOWDOWN: Quantity = Quantity {
    noun: "a relative slow-down",
    unit: Unit::Percent,
    least: 0,
    most: 10_000 * PER_PERCENT,
    example: "10 %",
};
/// How much traffic there is.
pub(in crate::shape) const FREQUENCY: Quantity = Quantity {
    noun: "a number of requests per time",
    unit: Unit::Frequency,
    least: 1_000,
    most: 100_000_000 * PER_SECOND,
    example: "100/s",
};
/// A proportion of requests.
pub(in crate::shape) static RATE: Quantity = Quantity {
    noun: "a proportion of requests",
    unit: Unit::Percent,
    least: 0,
    most: 100 * PER_PERCENT,
    example: "1 %",
};
/// A probability that something is decided wrongly.
pub(in crate::shape) static CHANCE: Quantity =
    Quantity { noun: "a probability", unit: Unit::Percent, least: 1, most: 50 * PER_PERCENT, example: "1 %" };
/// The time from one fault of a scenario to the next: many of them are a world of their own.
pub(in crate::shape) static RECURRENCE: Quantity =
    Quantity { noun: "a duration", unit: Unit::Time, least: 10_000, most: 90 * DAY, example: "15 min" };

/// How many requests come in a rehearsal.
pub(in crate::shape) static REHEARSED: Quantity = Quantity { most: 100_000 * PER_SECOND, least: 1, ..FREQUENCY };
