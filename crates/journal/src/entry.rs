//! What is written and what is read back.

use std::fmt;
use std::str::FromStr;

use crate::Hash;

/// The fencing token of the leader's lease. It only rises; a write under any but the newest is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An entry before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What happened, in the past tense of the caller's vocabulary.
    pub kind: String,
    /// When, in milliseconds since 1970-01-01 UTC, by the caller's clock.
    pub at_ms: i64,
    /// Who: a person, a token, a part of the product.
    pub actor: String,
    /// JSON text. Stored and hashed as it is, byte for byte.
    pub body: String,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place in the whole journal, from 1, without gaps.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: String,
    /// Place in the stream, from 1, without gaps.
    pub seq: u64,
    /// As in [`Draft::at_ms`].
    pub at_ms: i64,
    /// As in [`Draft::actor`].
    pub actor: String,
    /// As in [`Draft::kind`].
    pub kind: String,
    /// As in [`Draft::body`].
    pub body: String,
    /// Over this entry and the hash of the one before it; see [`mod@crate::chain`].
    pub hash: Hash,
}

/// A measurement: written once, never edited, outside the global chain because there are too many, in a chain of its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The stream it belongs to.
    pub stream: String,
    /// Number in the stream, from 1, without gaps.
    pub n: u64,
    /// Sequence number of the stream's entry that it follows; 0 when there was none.
    pub after_seq: u64,
    /// The measurement as it came.
    pub body: String,
    /// Over this sample and the hash of the stream's sample before it.
    pub hash: Hash,
}

/// A stream and the sequence number of its last entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream's name.
    pub stream: String,
    /// Sequence number of its last entry.
    pub seq: u64,
}

/// Streams that are new since some position, and how far was looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Their names, in the order in which they began.
    pub streams: Vec<String>,
    /// The end of the journal then: the position to ask from the next time.
    pub upto: u64,
}

/// The end of the chain at some moment: an anchor when it is kept elsewhere. As text it is `position:hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last entry, 0 in an empty journal.
    pub position: u64,
    /// Its hash, [`Hash::ZERO`] in an empty journal.
    pub hash: Hash,
}

impl Head {
    /// The head of a journal that holds nothing.
    pub const EMPTY: Self = Self { position: 0, hash: Hash::ZERO };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (position, hash) = text.split_once(':').ok_or(NotAHead)?;
        Ok(Self { position: position.parse().map_err(|_| NotAHead)?, hash: hash.parse().map_err(|_| NotAHead)? })
    }
}

/// The text is not `position:hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAHead;

impl NotAHead {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "TG-3004"
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "give the anchor as it was printed: the position, a colon, and 64 hexadecimal digits"
    }
}

impl fmt::Display for NotAHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an anchor: expected position:hash")
    }
}

impl std::error::Error for NotAHead {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_survives_its_text() {
        let head = Head { position: 812, hash: Hash([0xab; 32]) };
        assert_eq!(head.to_string().parse(), Ok(head));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "812", ":", "812:", "812:ab", "x:00", "-1:00"] {
            assert_eq!(text.parse::<Head>(), Err(NotAHead), "{text}");
        }
    }
}
