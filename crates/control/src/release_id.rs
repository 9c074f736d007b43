//! The name of a release: `r17`. Short, because people type it at 3 a.m.

use std::fmt;
use std::str::FromStr;

/// A release's id; ids rise in the order in which releases were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(pub u64);

impl ReleaseId {
    /// The prefix of all release streams in the journal.
    pub const STREAMS: &'static str = "release/";

    /// The release's stream in the journal.
    #[must_use]
    pub fn stream(self) -> String {
        format!("{}{self}", Self::STREAMS)
    }

    /// The id whose stream this is.
    #[must_use]
    pub fn of_stream(stream: &str) -> Option<Self> {
        stream.strip_prefix(Self::STREAMS)?.parse().ok()
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl FromStr for ReleaseId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix('r').ok_or(())?;
        if digits.is_empty()
            || digits.len() > 18
            || digits.starts_with('0')
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(());
        }
        digits.parse().map(Self).map_err(|_| ())
    }
}
