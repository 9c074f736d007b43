//! The fold of all streams of flags and segments.

use crate::record::{FLAG, Record, SEGMENT, SegmentRecord};
use flags::change::{Kept, Scheduled};
use flags::{Segment, Shelf};
use std::collections::BTreeMap;

/// A flag as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The flag, and what waits for its time.
    pub kept: Kept,
    /// How often it was changed: the number of the last entry of its stream.
    pub revision: u64,
    /// When it was changed last, in milliseconds since 1970.
    pub changed_at_ms: i64,
    /// By whom.
    pub changed_by: String,
    /// When it was created.
    pub created_at_ms: i64,
    /// The number that the next planned step gets.
    next_id: u64,
}

/// Something that waits for its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The flag.
    pub key: String,
    /// What, when, by whom.
    pub step: Scheduled,
}

impl Entry {
    pub(crate) fn next_id(&self) -> u64 {
        self.next_id
    }
}

/// Everything that is known of flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    entries: BTreeMap<String, Entry>,
    segments: BTreeMap<String, (Option<Segment>, u64)>,
    /// Where in the journal the newest entry lies that was folded.
    pub(crate) position: u64,
}

impl Book {
    /// Takes an entry of the journal; one that was folded before, or is about something else, changes nothing.
    pub(crate) fn take(&mut self, entry: &journal::Entry) -> Result<bool, String> {
        let unreadable = |why: serde_json::Error| format!("entry {} of {}: {why}", entry.seq, entry.stream);
        if let Some(key) = entry.stream.strip_prefix(FLAG) {
            if self.revision(key) >= entry.seq {
                return Ok(false);
            }
            let record: Record = serde_json::from_str(&entry.body).map_err(unreadable)?;
            self.put(key, record.after, entry);
        } else if let Some(name) = entry.stream.strip_prefix(SEGMENT) {
            if self.segments.get(name).is_some_and(|held| held.1 >= entry.seq) {
                return Ok(false);
            }
            let record: SegmentRecord = serde_json::from_str(&entry.body).map_err(unreadable)?;
            self.segments.insert(name.to_string(), (record.after, entry.seq));
        } else {
            return Ok(false);
        }
        self.position = self.position.max(entry.position);
        Ok(true)
    }

    fn put(&mut self, key: &str, kept: Kept, entry: &journal::Entry) {
        let old = self.entries.get(key);
        let planned = kept.schedule.iter().map(|planned| planned.id + 1).max().unwrap_or(1);
        let next_id = old.map_or(1, |old| old.next_id).max(planned);
        let created_at_ms = old.map_or(entry.at_ms, |old| old.created_at_ms);
        let entry = Entry {
            kept,
            revision: entry.seq,
            changed_at_ms: entry.at_ms,
            changed_by: entry.actor.clone(),
            created_at_ms,
            next_id,
        };
        self.entries.insert(key.to_string(), entry);
    }

    /// How often a flag was changed; 0 if there is none.
    pub(crate) fn revision(&self, key: &str) -> u64 {
        self.entries.get(key).map_or(0, |entry| entry.revision)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn segment(&self, name: &str) -> (Option<&Segment>, u64) {
        self.segments.get(name).map_or((None, 0), |(segment, revision)| (segment.as_ref(), *revision))
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = (&Segment, u64)> {
        self.segments.values().filter_map(|(segment, revision)| Some((segment.as_ref()?, *revision)))
    }

    /// All definitions, to be checked or compiled.
    pub(crate) fn shelf(&self) -> Shelf {
        let flags = self.entries.iter().map(|(key, entry)| (key.clone(), entry.kept.flag.clone())).collect();
        let segments = self.segments().map(|(segment, _)| (segment.name.clone(), segment.clone())).collect();
        Shelf { flags, segments }
    }

    /// What waits for its time, the earliest.
    pub(crate) fn next_planned(&self) -> Option<Planned> {
        let all = self.entries.iter().flat_map(|(key, entry)| entry.kept.schedule.iter().map(move |step| (key, step)));
        let next = all.min_by_key(|(_, step)| (step.at_ms, step.id))?;
        Some(Planned { key: next.0.clone(), step: next.1.clone() })
    }
}
