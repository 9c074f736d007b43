//! The bytes under a hash, so that anybody can check a journal without this program.
//!
//! A hash is SHA-256 over a list of fields. Each field is its length as 8 bytes, big-endian, followed by its bytes; a
//! number is a field of 8 bytes, big-endian, two's complement; text is UTF-8. The lists are
//!
//! | | fields |
//! |---|---|
//! | entry | `"tidegate.entry.1"`, hash of the entry before, position, stream, seq, at_ms, actor, kind, body |
//! | sample | `"tidegate.sample.1"`, hash of the stream's sample before, stream, n, after_seq, body |
//!
//! and the hash before the first is 32 zero bytes. The length before each field makes the list readable in one way only:
//! no two different entries have the same bytes. The name in front keeps an entry from ever being taken for a sample.
//!
//! In Python, the whole check of the entries:
//!
//! ```python
//! import hashlib, sqlite3
//!
//! def digest(*fields):
//!     h = hashlib.sha256()
//!     for f in fields:
//!         b = f.to_bytes(8, "big", signed=True) if isinstance(f, int) else f.encode() if isinstance(f, str) else f
//!         h.update(len(b).to_bytes(8, "big") + b)
//!     return h.digest()
//!
//! before, seqs = bytes(32), {}
//! rows = sqlite3.connect("file:journal.db?mode=ro", uri=True).execute(
//!     "SELECT position, stream, seq, at_ms, actor, kind, body, hash FROM entries ORDER BY position")
//! for place, (position, stream, seq, at_ms, actor, kind, body, found) in enumerate(rows, 1):
//!     assert position == place and seq == seqs.get(stream, 0) + 1
//!     assert found == digest("tidegate.entry.1", before, position, stream, seq, at_ms, actor, kind, body), position
//!     before, seqs[stream] = found, seq
//! print(len(seqs), "streams, head", before.hex())
//! ```

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::{Draft, Entry, Sample};

/// A SHA-256 digest; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first link of a chain.
    pub const ZERO: Self = Self([0; 32]);
}

/// The hash that `entry` must carry when the entry before it carries `before`. The entry's own hash is not read.
#[must_use]
pub fn entry_hash(before: Hash, entry: &Entry) -> Hash {
    Fields::of("tidegate.entry.1")
        .bytes(&before.0)
        .number(entry.position)
        .text(&entry.stream)
        .number(entry.seq)
        .bytes(&entry.at_ms.to_be_bytes())
        .text(&entry.actor)
        .text(&entry.kind)
        .text(&entry.body)
        .hash()
}

/// The hash that `sample` must carry when its stream's sample before carries `before`. The sample's own hash is not read.
#[must_use]
pub fn sample_hash(before: Hash, sample: &Sample) -> Hash {
    Fields::of("tidegate.sample.1")
        .bytes(&before.0)
        .text(&sample.stream)
        .number(sample.n)
        .number(sample.after_seq)
        .text(&sample.body)
        .hash()
}

/// Gives `draft` its place after an entry whose hash is `before`.
pub(crate) fn seal(before: Hash, position: u64, stream: &str, seq: u64, draft: Draft) -> Entry {
    let Draft { kind, at_ms, actor, body } = draft;
    let mut entry = Entry { position, stream: stream.to_owned(), seq, at_ms, actor, kind, body, hash: Hash::ZERO };
    entry.hash = entry_hash(before, &entry);
    entry
}

/// Gives a measurement its place after a sample whose hash is `before`.
pub(crate) fn seal_sample(before: Hash, stream: &str, n: u64, after_seq: u64, body: String) -> Sample {
    let mut sample = Sample { stream: stream.to_owned(), n, after_seq, body, hash: Hash::ZERO };
    sample.hash = sample_hash(before, &sample);
    sample
}

struct Fields(Sha256);

impl Fields {
    fn of(name: &str) -> Self {
        Self(Sha256::new()).text(name)
    }

    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn hash(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NotAHash);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else {
                return Err(NotAHash);
            };
            *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
        }
        Ok(Self(hash))
    }
}

fn hex_digit(digit: u8) -> Result<u8, NotAHash> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(NotAHash),
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAHash;

impl NotAHash {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "TG-3005"
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "give the hash as it was printed: 64 hexadecimal digits"
    }
}

impl fmt::Display for NotAHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a hash: expected 64 hexadecimal digits")
    }
}

impl std::error::Error for NotAHash {}
