//! What became of a block: counted, or skipped with the reason.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::counts::{Impossible, Side};

/// What the judge did with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use = "a skipped block belongs in the record"]
pub enum Absorbed {
    /// It is evidence (or, before the first phase, a lesson about stable).
    Counted,
    /// It changed no evidence.
    Skipped(Reason),
}

/// Why a block was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// One arm was not measured. A stable arm that was measured alone still teaches what is normal.
    Missing(Side),
    /// Neither arm was measured.
    BothMissing,
    /// It does not end after it starts.
    EmptySpan,
    /// It covers more than an hour: too long to be a measurement of one time.
    TooLong,
    /// It starts before the last block ended: late, doubled, or the clock went backwards.
    Backwards,
    /// The canary's share is not between 0 and 1.
    ImpossibleShare,
    /// The counts of one arm contradict themselves.
    Impossible(Side, Impossible),
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Missing(side) => write!(out, "{side} was not measured"),
            Reason::BothMissing => out.write_str("neither arm was measured"),
            Reason::EmptySpan => out.write_str("the block does not end after it starts"),
            Reason::TooLong => out.write_str("the block covers more than an hour"),
            Reason::Backwards => out.write_str("the block starts before the last one ended"),
            Reason::ImpossibleShare => out.write_str("the canary's share is not between 0 and 1"),
            Reason::Impossible(side, what) => write!(out, "{side} reports {what}"),
        }
    }
}
