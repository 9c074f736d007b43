//! What one kind of value counts as where another is asked for.
//!
//! JSONLogic leaves much of this to the language below it, and its engines differ. Here it is as in flagd's Python engine, to
//! the letter: it is what evaluates inside our clients' own processes, and the same user must get the same variant there and
//! from the server. So `null` equals 0 but is never equal to false, an empty text is no number, and a text made of `true` is `True`.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt::Write;

use crate::context::Value;
use crate::datum::{Datum, Short, Text};
use crate::limits::DEPTH;
use crate::logic;

impl<'v> Datum<'v> {
    pub(crate) fn truth(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => !value.is_nan() && *value != 0.0,
            Self::Text(text) => !text.as_str().is_empty(),
            Self::Given(_) | Self::Written(_) | Self::List(_) | Self::Map(_) => self.length() != Some(0),
        }
    }

    /// The number that it counts as.
    pub(crate) fn number(&self) -> Number {
        self.number_of(DEPTH)
    }

    fn number_of(&self, levels: usize) -> Number {
        match self {
            Self::Null => Number::Int(0),
            Self::Bool(value) => Number::Int(i64::from(*value)),
            Self::Int(value) => Number::Int(*value),
            Self::Float(value) => Number::Float(*value),
            Self::Text(text) => Number::Float(parse(text.as_str())),
            Self::Given(_) | Self::Written(_) | Self::List(_) | Self::Map(_) => match self.length() {
                Some(0) => Number::Int(0),
                Some(1) => match (self.item(0), levels.checked_sub(1)) {
                    (Some(only), Some(levels)) => only.number_of(levels),
                    (_, _) => Number::NAN,
                },
                Some(_) | None => Number::NAN,
            },
        }
    }

    /// The text that it counts as.
    pub(crate) fn into_text(self) -> Text<'v> {
        self.into_text_of(DEPTH)
    }

    /// Lists in lists beyond so many levels count as nothing, so that no context can exhaust the stack.
    fn into_text_of(self, levels: usize) -> Text<'v> {
        match self {
            Self::Null => Text::Borrowed("null"),
            Self::Bool(true) => Text::Borrowed("True"),
            Self::Bool(false) => Text::Borrowed("False"),
            Self::Int(value) => short(|to| write!(to, "{value}")),
            Self::Float(value) => short(|to| write_float(to, value)),
            Self::Text(text) => text,
            Self::Given(_) | Self::Written(_) | Self::List(_) | Self::Map(_) => match self.length() {
                None => Text::Borrowed("[object Object]"),
                Some(_) => {
                    let mut joined = String::new();
                    let Some(levels) = levels.checked_sub(1) else { return Text::Owned(joined) };
                    for (i, item) in self.items().enumerate() {
                        joined.push_str(if i == 0 { "" } else { "," });
                        joined.push_str(item.into_text_of(levels).as_str());
                    }
                    Text::Owned(joined)
                }
            },
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Bool(_) | Self::Int(_) | Self::Float(_))
    }

    /// `==`
    pub(crate) fn equals_loosely(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.as_str() == b.as_str(),
            (a, b) if a.is_number() || b.is_number() => a.number().compare(b.number()) == Some(Ordering::Equal),
            (Self::Null, Self::Null) => true,
            (Self::Null, _) | (_, Self::Null) => false,
            // Two lists or two maps are equal if they are the same one.
            (Self::Given(a), Self::Given(b)) => core::ptr::eq(*a, *b),
            (Self::Text(text), compound) | (compound, Self::Text(text)) => {
                text.as_str() == compound.clone().into_text().as_str()
            }
            (_, _) => false,
        }
    }

    /// `===`, and what `in` looks for.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.equals_to(other, DEPTH)
    }

    fn equals_to(&self, other: &Self, levels: usize) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.as_str() == b.as_str(),
            (Self::Null, Self::Null) => true,
            (a, b) if a.is_number() && b.is_number() => a.number().compare(b.number()) == Some(Ordering::Equal),
            (a, b) => match ((a.length(), b.length()), (a.size(), b.size())) {
                _ if levels == 0 => false,
                ((Some(n), Some(m)), _) => n == m && a.items().zip(b.items()).all(|(a, b)| a.equals_to(&b, levels - 1)),
                (_, (Some(n), Some(m))) => {
                    n == m
                        && (0..n).map_while(|i| a.member_at(i)).all(|(name, value)| {
                            b.member(name).is_some_and(|other| value.equals_to(&other, levels - 1))
                        })
                }
                (_, _) => false,
            },
        }
    }

    /// Whether it stands so to `other`.
    pub(crate) fn stands(&self, how: logic::Ordering, other: &Self) -> bool {
        let order = if !self.is_number() && !other.is_number() && (self.is_text() || other.is_text()) {
            match (self, other) {
                (Self::Text(a), Self::Text(b)) => Some(a.as_str().cmp(b.as_str())),
                (a, b) => Some(a.clone().into_text().as_str().cmp(b.clone().into_text().as_str())),
            }
        } else {
            self.number().compare(other.number())
        };
        match how {
            logic::Ordering::Less => order == Some(Ordering::Less),
            logic::Ordering::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            logic::Ordering::More => order == Some(Ordering::Greater),
            logic::Ordering::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }

    fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Whether it holds `needle`.
    pub(crate) fn holds(&self, needle: Self) -> bool {
        match self {
            Self::Text(text) => text.as_str().contains(needle.into_text().as_str()),
            Self::Given(Value::List(_)) | Self::Written(_) | Self::List(_) => {
                self.items().any(|item| needle.equals(&item))
            }
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Given(_) | Self::Map(_) => false,
        }
    }
}

/// A number. Whole ones stay whole as long as they fit: `fractional` takes no other weights.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub(crate) const NAN: Number = Number::Float(f64::NAN);

    #[expect(clippy::cast_precision_loss, reason = "what mixes with a float is a float")]
    pub(crate) const fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (a, b) => a.float().partial_cmp(&b.float()),
        }
    }

    pub(crate) const fn datum<'v>(self) -> Datum<'v> {
        match self {
            Self::Int(value) => Datum::Int(value),
            Self::Float(value) => Datum::Float(value),
        }
    }
}

/// The number that a text spells; no name of a number (`nan`, `inf`) is one.
fn parse(text: &str) -> f64 {
    let text = text.trim();
    if text.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}

pub(crate) fn short<'v>(write: impl FnOnce(&mut Short) -> core::fmt::Result) -> Text<'v> {
    let mut to = Short::EMPTY;
    // A number is never longer than `Short`; what would not fit would be cut, not lost.
    let _fits = write(&mut to);
    Text::Short(to)
}

/// Fifteen significant digits without what adds nothing: C's `%.15g`.
fn write_float(to: &mut Short, value: f64) -> core::fmt::Result {
    if !value.is_finite() {
        return to.write_str(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
    }
    let mut scientific = Short::EMPTY;
    write!(scientific, "{value:.14e}")?;
    let scientific = Text::Short(scientific);
    let (mantissa, exponent) = scientific.as_str().split_once('e').ok_or(core::fmt::Error)?;
    let exponent: i32 = exponent.parse().map_err(|_| core::fmt::Error)?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    to.write_str(sign)?;
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let rest = rest.trim_end_matches('0');
    if !(-4..15).contains(&exponent) {
        let point = if rest.is_empty() { "" } else { "." };
        let plus = if exponent < 0 { '-' } else { '+' };
        return write!(to, "{first}{point}{rest}e{plus}{:02}", exponent.unsigned_abs());
    }
    if exponent < 0 {
        to.write_str("0.")?;
        (1..exponent.unsigned_abs()).try_for_each(|_| to.write_str("0"))?;
        return write!(to, "{first}{rest}");
    }
    to.write_str(first)?;
    let whole = usize::try_from(exponent).unwrap_or(0);
    to.write_str(rest.get(..whole).unwrap_or(rest))?;
    (rest.len()..whole).try_for_each(|_| to.write_str("0"))?;
    match rest.get(whole..) {
        Some(fraction) if !fraction.is_empty() => write!(to, ".{fraction}"),
        Some(_) | None => Ok(()),
    }
}
