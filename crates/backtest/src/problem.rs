//! Why a recording cannot be used, in the four parts that every message of the program has.

use std::fmt;

/// What is wrong with a recording, or with what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code, `TG-…`.
    pub code: &'static str,
    /// What happened, with the place.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do next.
    pub hint: String,
}

impl Problem {
    pub(crate) fn new(
        code: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        Problem { code, what: what.into(), why: why.into(), hint: hint.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.what, self.why)
    }
}

impl std::error::Error for Problem {}
