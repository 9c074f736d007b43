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

use sha2::{Digest, Sha256};

use crate::{Draft, Entry, Hash, Sample};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> Entry {
        Entry {
            position: 1,
            stream: "release/7".to_owned(),
            seq: 1,
            at_ms: -5,
            actor: "ada".to_owned(),
            kind: "Opened".to_owned(),
            body: r#"{"to":"1.1"}"#.to_owned(),
            hash: Hash::ZERO,
        }
    }

    /// The digests come from the Python in the module's documentation.
    #[test]
    fn the_encoding_is_what_the_documentation_says() {
        let hash = entry_hash(Hash::ZERO, &entry()).to_string();
        assert_eq!(hash, "b24b65e05fb7c94d3664849b99f8bef360dfba6c8e9fa199993d105072465f28");

        let (stream, body) = ("release/7".to_owned(), "[5]".to_owned());
        let sample = Sample { stream, n: 3, after_seq: 2, body, hash: Hash::ZERO };
        let before = Hash(std::array::from_fn(|byte| byte as u8));
        let hash = sample_hash(before, &sample).to_string();
        assert_eq!(hash, "6353ef46b9202fa55bf5363bdac5cc06f60e84c5ce064bcb924ba3000f3676ce");
    }

    proptest! {
        /// What moves from one field into the next is another entry, though the bytes in a row are the same.
        #[test]
        fn fields_do_not_run_together(text in "\\PC{1,40}", one: prop::sample::Index, other: prop::sample::Index) {
            let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (one, other) = (*one.get(&cuts), *other.get(&cuts));
            prop_assume!(one != other);
            let split = |at: usize| text.split_at(at);
            let across_text = |at| {
                let (actor, kind) = split(at);
                entry_hash(Hash::ZERO, &Entry { actor: actor.to_owned(), kind: kind.to_owned(), ..entry() })
            };
            let into_body = |at| {
                let (kind, body) = split(at);
                entry_hash(Hash::ZERO, &Entry { kind: kind.to_owned(), body: body.to_owned(), ..entry() })
            };
            prop_assert_ne!(across_text(one), across_text(other));
            prop_assert_ne!(into_body(one), into_body(other));
        }

        #[test]
        fn every_field_counts(number: u64, at_ms: i64, text in "\\PC{0,20}", before: [u8; 32]) {
            let as_it_is = entry();
            prop_assume!(number != 1 && at_ms != as_it_is.at_ms && before != Hash::ZERO.0);
            prop_assume!(![&as_it_is.stream, &as_it_is.actor, &as_it_is.kind, &as_it_is.body].contains(&&text));
            let changed = [
                Entry { position: number, ..entry() },
                Entry { stream: text.clone(), ..entry() },
                Entry { seq: number, ..entry() },
                Entry { at_ms, ..entry() },
                Entry { actor: text.clone(), ..entry() },
                Entry { kind: text.clone(), ..entry() },
                Entry { body: text, ..entry() },
            ];
            let mut hashes: Vec<Hash> = changed.iter().map(|entry| entry_hash(Hash::ZERO, entry)).collect();
            hashes.extend([entry_hash(Hash::ZERO, &as_it_is), entry_hash(Hash(before), &as_it_is)]);
            for (n, hash) in hashes.iter().enumerate() {
                prop_assert!(!hashes[..n].contains(hash), "change {n} has the hash of another");
            }
        }
    }
}
