//! The check of a whole journal: the same walk for every store, fed with what the store holds, in order.

use std::collections::BTreeMap;

use crate::{Damage, DamageKind, Entry, Hash, Head, Place, Sample, chain};

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
