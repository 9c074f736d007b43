//! What people want judged besides errors, latency and throughput: means of values, and series of numbers.

use alloc::format;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::exact::{Blank, Damage, Exact, Reader, Writer, choice, read_new, state};
use crate::settings::Unsound;

/// Which way is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Sales: less is worse.
    HigherIsBetter,
    /// Memory: more is worse.
    LowerIsBetter,
}

choice!(Direction { HigherIsBetter, LowerIsBetter });

/// How much worse than stable is still acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    /// In the metric's own unit.
    Absolute(f64),
    /// As a part of stable's value: 0.05 is 5 %.
    Relative(f64),
}

impl Exact for Allowed {
    fn write(&self, to: &mut Writer) {
        match *self {
            Allowed::Absolute(amount) => (false, amount).write(to),
            Allowed::Relative(part) => (true, part).write(to),
        }
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let (relative, value) = read_new(from)?;
        *self = if relative { Allowed::Relative(value) } else { Allowed::Absolute(value) };
        Ok(())
    }
}

/// A business metric: the mean of values of which the arms report count, sum and sum of squares ([`crate::Mean`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanRule {
    /// What people call it.
    pub name: String,
    /// Which way is worse.
    pub direction: Direction,
    /// How much worse is acceptable.
    pub allowed: Allowed,
    /// Whether a phase passes only with evidence that the canary keeps to it.
    #[serde(default)]
    pub required: bool,
    /// What the sender does to extreme values, such as "cut at stable's 99.9 % of yesterday". Told in the verdict: the bounds
    /// rest on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winsorised: Option<String>,
}

state!(MeanRule { name, direction, allowed, required, winsorised });

impl Blank for MeanRule {
    fn blank() -> MeanRule {
        let (direction, allowed) = (Direction::blank(), Allowed::Absolute(0.0));
        MeanRule { name: String::new(), direction, allowed, required: false, winsorised: None }
    }
}

/// A number per arm and sample, such as the answer of a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesRule {
    /// What people call it.
    pub name: String,
    /// Which way is worse.
    pub direction: Direction,
    /// How much worse is acceptable. A relative one compares logarithms, so both values must be above 0.
    pub allowed: Allowed,
    /// Whether a phase passes only with evidence that the canary keeps to it.
    #[serde(default)]
    pub required: bool,
}

state!(SeriesRule { name, direction, allowed, required });

impl Blank for SeriesRule {
    fn blank() -> SeriesRule {
        let (direction, allowed) = (Direction::blank(), Allowed::Absolute(0.0));
        SeriesRule { name: String::new(), direction, allowed, required: false }
    }
}

/// More rules than this are a list that nobody reads, and the state would grow with it.
pub(crate) const MOST_RULES: usize = 16;

impl MeanRule {
    pub(crate) fn check(&self) -> Result<(), Unsound> {
        check("means", &self.name, self.direction, self.allowed)
    }
}

impl SeriesRule {
    pub(crate) fn check(&self) -> Result<(), Unsound> {
        check("series", &self.name, self.direction, self.allowed)
    }
}

fn check(setting: &'static str, name: &str, direction: Direction, allowed: Allowed) -> Result<(), Unsound> {
    let wrong = |why: String| Err(Unsound { setting, why });
    if name.trim().is_empty() {
        return wrong("a rule has no name".into());
    }
    let (value, most) = match (allowed, direction) {
        (Allowed::Absolute(value), _) => (value, LARGEST_AMOUNT),
        (Allowed::Relative(value), Direction::HigherIsBetter) => (value, LARGEST_FALL),
        (Allowed::Relative(value), Direction::LowerIsBetter) => (value, LARGEST_RISE),
    };
    if (0.0..=most).contains(&value) {
        return Ok(());
    }
    wrong(format!("{name}: {value} is allowed, must be between 0 and {most}"))
}

/// A fall by more leaves nothing to be told apart from nothing.
const LARGEST_FALL: f64 = 0.99;
/// Beyond a hundredfold rise a margin is a mistake in the unit.
const LARGEST_RISE: f64 = 100.0;
/// Its square is a number.
const LARGEST_AMOUNT: f64 = 1e100;

/// How much worse than allowed the canary is, as a line in both values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Worse {
    pub(crate) canary: f64,
    pub(crate) stable: f64,
    pub(crate) less: f64,
}

impl Worse {
    pub(crate) fn of(direction: Direction, allowed: Allowed) -> Worse {
        let sign = match direction {
            Direction::HigherIsBetter => -1.0,
            Direction::LowerIsBetter => 1.0,
        };
        match allowed {
            Allowed::Absolute(amount) => Worse { canary: sign, stable: -sign, less: amount },
            Allowed::Relative(part) => Worse { canary: sign, stable: -sign * (1.0 + sign * part), less: 0.0 },
        }
    }

    pub(crate) fn by(&self, canary: f64, stable: f64) -> f64 {
        self.canary * canary + self.stable * stable - self.less
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Allowed::Absolute(amount) => write!(out, "{amount}"),
            Allowed::Relative(part) => write!(out, "{} %", libm::round(part * 1e6) / 1e4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_is_above_zero_just_beyond_what_is_allowed() {
        use Direction::{HigherIsBetter, LowerIsBetter};
        for (direction, allowed, edge) in [
            (HigherIsBetter, Allowed::Absolute(2.0), 48.0),
            (HigherIsBetter, Allowed::Relative(0.1), 45.0),
            (LowerIsBetter, Allowed::Absolute(2.0), 52.0),
            (LowerIsBetter, Allowed::Relative(0.1), 55.0),
        ] {
            let worse = Worse::of(direction, allowed);
            assert!(worse.by(edge, 50.0).abs() < 1e-12);
            let beyond = if direction == HigherIsBetter { edge - 1.0 } else { edge + 1.0 };
            assert!(worse.by(beyond, 50.0) > 0.9);
        }
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        let rule = |name: &str, direction, allowed| MeanRule {
            name: name.into(),
            direction,
            allowed,
            required: false,
            winsorised: None,
        };
        assert!(rule("orders", Direction::HigherIsBetter, Allowed::Relative(0.05)).check().is_ok());
        assert!(rule(" ", Direction::HigherIsBetter, Allowed::Relative(0.05)).check().is_err());
        for amount in [f64::NAN, f64::INFINITY, -0.1, 1.0] {
            assert!(rule("orders", Direction::HigherIsBetter, Allowed::Relative(amount)).check().is_err());
        }
    }
}
