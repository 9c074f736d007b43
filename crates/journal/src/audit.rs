//! The check of a whole journal: the same walk for every store, fed with what the store holds, in order.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Entry, Hash, Head, Sample, Unavailable, UnavailableKind, chain};

/// What a journal that verifies holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Number of entries.
    pub entries: u64,
    /// Number of samples.
    pub samples: u64,
    /// Number of streams that have entries.
    pub streams: u64,
    /// The end of the chain: keep it elsewhere as an anchor.
    pub head: Head,
}

/// A place in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// No single place.
    Whole,
    /// An entry, by its position.
    Entry {
        /// From 1.
        position: u64,
    },
    /// A sample of a stream.
    Sample {
        /// The stream's name.
        stream: String,
        /// From 1.
        n: u64,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the journal as a whole"),
            Self::Entry { position } => write!(f, "entry {position}"),
            Self::Sample { stream, n } => write!(f, "sample {n} of stream {stream}"),
        }
    }
}

/// What is wrong with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// The content does not match its hash: it, or what came before it, was changed.
    Altered,
    /// Something that must be there is not, or stands in the wrong place.
    Missing,
    /// The journal ends before the anchor.
    Truncated,
    /// The journal has another entry than the anchor's at its position: history was rewritten.
    Rewritten,
    /// The store's own structure is broken.
    Structure,
    /// It could not be read to the end, so it is not verified.
    Unreadable,
}

/// Why a journal does not verify: the first thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// What.
    pub what: DamageKind,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
}

impl Damage {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.what {
            DamageKind::Altered => "TG-3040",
            DamageKind::Missing => "TG-3041",
            DamageKind::Truncated => "TG-3042",
            DamageKind::Rewritten => "TG-3043",
            DamageKind::Structure => "TG-3044",
            DamageKind::Unreadable => "TG-3045",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.what {
            DamageKind::Altered | DamageKind::Missing | DamageKind::Rewritten => {
                "keep this file as evidence, find out who could write it, and restore the last backup that verifies"
            }
            DamageKind::Truncated => {
                "check that the anchor belongs to this journal; if it does, entries were cut off: restore a backup that reaches it"
            }
            DamageKind::Structure => "keep this file, check the disk, and restore the last backup that verifies",
            DamageKind::Unreadable => "look into the log for what the store said, and verify again when it can be read",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            DamageKind::Altered => "was altered",
            DamageKind::Missing => "is missing or misplaced",
            DamageKind::Truncated => "was cut off",
            DamageKind::Rewritten => "was rewritten",
            DamageKind::Structure => "is broken in its structure",
            DamageKind::Unreadable => "could not be read",
        };
        write!(f, "{} {what}: found {}, expected {}", self.place, self.found, self.expected)
    }
}

impl std::error::Error for Damage {}

impl From<Unavailable> for Damage {
    fn from(unavailable: Unavailable) -> Self {
        let what = match unavailable.kind {
            UnavailableKind::Damaged => DamageKind::Structure,
            UnavailableKind::DiskFull
            | UnavailableKind::ReadOnly
            | UnavailableKind::Busy
            | UnavailableKind::Io
            | UnavailableKind::Closed => DamageKind::Unreadable,
        };
        Self {
            place: unavailable.place.unwrap_or(Place::Whole),
            what,
            found: unavailable.detail,
            expected: "a journal that can be read".to_owned(),
        }
    }
}

/// Walks all entries in order of position, then all samples in order of stream and number.
pub(crate) struct Audit {
    anchor: Head,
    head: Head,
    seqs: BTreeMap<String, u64>,
    samples: u64,
    last_sample: Option<Sample>,
}

impl Audit {
    /// [`Head::EMPTY`] is the anchor that every journal passes.
    pub(crate) fn against(anchor: Head) -> Self {
        Self { anchor, head: Head::EMPTY, seqs: BTreeMap::new(), samples: 0, last_sample: None }
    }

    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<(), Damage> {
        let position = self.head.position + 1;
        let place = Place::Entry { position };
        if entry.position != position {
            return Err(missing(place, format!("position {}", entry.position), format!("position {position}")));
        }
        let due = chain::entry_hash(self.head.hash, entry);
        if entry.hash != due {
            return Err(altered(place, entry.hash, due));
        }
        let seq = self.seqs.get(&entry.stream).copied().unwrap_or(0) + 1;
        if entry.seq != seq {
            return Err(missing(
                place,
                format!("number {} of stream {}", entry.seq, entry.stream),
                format!("number {seq}"),
            ));
        }
        self.seqs.insert(entry.stream.clone(), seq);
        self.head = Head { position, hash: entry.hash };
        self.meet_anchor()
    }

    pub(crate) fn sample(&mut self, sample: &Sample) -> Result<(), Damage> {
        let before = self.last_sample.take().filter(|last| last.stream == sample.stream);
        let (last_n, last_after, last_hash) =
            before.map_or((0, 0, Hash::ZERO), |last| (last.n, last.after_seq, last.hash));
        let place = Place::Sample { stream: sample.stream.clone(), n: last_n + 1 };
        if sample.n != last_n + 1 {
            return Err(missing(place, format!("number {}", sample.n), format!("number {}", last_n + 1)));
        }
        let due = chain::sample_hash(last_hash, sample);
        if sample.hash != due {
            return Err(altered(place, sample.hash, due));
        }
        let stream_seq = self.seqs.get(&sample.stream).copied().unwrap_or(0);
        if !(last_after..=stream_seq).contains(&sample.after_seq) {
            return Err(missing(
                place,
                format!("after entry {}", sample.after_seq),
                format!("after entry {last_after} to {stream_seq} of the stream"),
            ));
        }
        self.samples += 1;
        self.last_sample = Some(sample.clone());
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Report, Damage> {
        if self.head.position < self.anchor.position {
            return Err(Damage {
                place: Place::Entry { position: self.head.position + 1 },
                what: DamageKind::Truncated,
                found: format!("{} entries", self.head.position),
                expected: format!("at least {}", self.anchor.position),
            });
        }
        Ok(Report {
            entries: self.head.position,
            samples: self.samples,
            streams: self.seqs.len() as u64,
            head: self.head,
        })
    }

    fn meet_anchor(&self) -> Result<(), Damage> {
        if self.head.position != self.anchor.position || self.head.hash == self.anchor.hash {
            return Ok(());
        }
        Err(Damage {
            place: Place::Entry { position: self.head.position },
            what: DamageKind::Rewritten,
            found: self.head.hash.to_string(),
            expected: self.anchor.hash.to_string(),
        })
    }
}

fn missing(place: Place, found: String, expected: String) -> Damage {
    Damage { place, what: DamageKind::Missing, found, expected }
}

fn altered(place: Place, found: Hash, expected: Hash) -> Damage {
    Damage { place, what: DamageKind::Altered, found: format!("hash {found}"), expected: format!("hash {expected}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draft;

    /// A forger who knows the encoding gives every entry the hash it must have, and still cannot leave one out.
    #[test]
    fn a_gap_under_right_hashes_is_found() {
        let mut audit = Audit::against(Head::EMPTY);
        let draft = || Draft { kind: "k".to_owned(), at_ms: 0, actor: "a".to_owned(), body: "1".to_owned() };
        let first = chain::seal(Hash::ZERO, 1, "s", 1, draft());
        audit.entry(&first).unwrap();
        let third = chain::seal(first.hash, 2, "s", 3, draft());
        let damage = audit.entry(&third).unwrap_err();
        assert_eq!((damage.what, damage.place), (DamageKind::Missing, Place::Entry { position: 2 }));
    }

    #[test]
    fn samples_that_fall_back_are_found() {
        let mut audit = Audit::against(Head::EMPTY);
        let mut before = Hash::ZERO;
        for (seq, position) in (1..).zip(1..=2) {
            let draft = Draft { kind: "k".to_owned(), at_ms: 0, actor: "a".to_owned(), body: "1".to_owned() };
            let entry = chain::seal(before, position, "s", seq, draft);
            audit.entry(&entry).unwrap();
            before = entry.hash;
        }
        let first = chain::seal_sample(Hash::ZERO, "s", 1, 2, "1".to_owned());
        audit.sample(&first).unwrap();
        let second = chain::seal_sample(first.hash, "s", 2, 1, "1".to_owned());
        let damage = audit.sample(&second).unwrap_err();
        assert_eq!((damage.what, damage.place), (DamageKind::Missing, Place::Sample { stream: "s".to_owned(), n: 2 }));
    }
}
