//! Changing flags: decide on what is known, write under the revision that it was decided on, and decide again if somebody
//! else was faster and the caller did not say for which revision the change was made.

use crate::book::Entry;
use crate::error::FlagError;
use crate::publish;
use crate::record::{FLAG, Record, SEGMENT, SEGMENT_CHANGED, SegmentRecord, kind};
use crate::registry::Registry;
use flags::access::{Action, Grant, Place, allowed};
use flags::change::{Change, Kept, MOST_PLANNED, What};
use flags::{Segment, Shelf};
use journal::{AppendError, Draft};
use std::time::Duration;

/// How often a change is decided anew when others change the same flag at the same time.
const TRIES: usize = 32;
/// How long an answer waits for its change to be served.
const SERVED: Duration = Duration::from_secs(2);

/// A change that somebody wants.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The flag.
    pub key: &'a str,
    /// What.
    pub change: Change,
    /// Why. Needed for everything but a kill.
    pub reason: &'a str,
    /// The revision that the change was made for. With it, a change on top of somebody else's is refused.
    pub expected: Option<u64>,
    /// Whom the journal names.
    pub by: &'a str,
    /// What they may do.
    pub grants: &'a [Grant],
    /// Whether it goes before changes that wait, as a kill does.
    pub urgent: bool,
}

/// A change of a segment that somebody wants.
#[derive(Clone, Debug)]
pub struct SegmentWish<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is to be; nothing to take it away.
    pub after: Option<Segment>,
    /// Why.
    pub reason: &'a str,
    /// The revision that the change was made for; 0 for a new one.
    pub expected: u64,
    /// Whom the journal names.
    pub by: &'a str,
    /// What they may do.
    pub grants: &'a [Grant],
}

/// A change that is in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The flag since.
    pub entry: Entry,
    /// The edition from which on clients have it.
    pub edition: u64,
}

/// What a change would do.
struct Decided {
    revision: u64,
    before: Option<Kept>,
    what: What,
    after: Kept,
}

impl Registry {
    /// What a flag would be after a change. Nothing is written.
    ///
    /// # Errors
    /// As [`Registry::change`].
    pub fn preview(&self, wish: &Wish<'_>) -> Result<(Option<Kept>, Kept), FlagError> {
        let Decided { before, after, .. } = self.decide(wish)?;
        Ok((before, after))
    }

    /// Changes a flag, and answers when the change is in the journal and served.
    ///
    /// # Errors
    /// [`FlagError`]; nothing was written, but for [`FlagError::Journal`], where it may have been.
    pub async fn change(&self, wish: Wish<'_>) -> Result<Written, FlagError> {
        let kill = matches!(wish.change, Change::Kill { .. });
        if !kill && wish.reason.trim().is_empty() {
            return Err(FlagError::ReasonMissing);
        }
        let urgent = kill || wish.urgent;
        let _turn = if urgent { None } else { Some(self.ordinary.lock().await) };
        for _ in 0..TRIES {
            let decided = self.decide(&wish)?;
            if let Some(written) = self.write(&wish, decided, urgent).await? {
                drop(_turn);
                self.served(written.edition).await;
                return Ok(written);
            }
            self.refresh(&format!("{FLAG}{}", wish.key)).await?;
        }
        let (actual, by) = self.book().get(wish.key).map_or((0, String::new()), |e| (e.revision, e.changed_by.clone()));
        Err(FlagError::Conflict {
            what: format!("flag {}", wish.key),
            expected: wish.expected.unwrap_or(0),
            actual,
            by,
        })
    }

    /// The record that one entry of a flag's stream holds.
    ///
    /// # Errors
    /// There is none; [`FlagError`].
    pub async fn record(&self, key: &str, seq: u64) -> Result<Record, FlagError> {
        let stream = format!("{FLAG}{key}");
        let entries = self.journal.read_stream(&stream, seq.saturating_sub(1), 1).await?;
        let entry = entries.first().filter(|entry| entry.seq == seq);
        let entry = entry.ok_or_else(|| FlagError::NotUndoable {
            key: key.into(),
            of: seq,
            why: "there is no such entry".into(),
        })?;
        serde_json::from_str(&entry.body).map_err(|error| FlagError::Unread { why: error.to_string() })
    }

    /// The change that takes back entry `of` of a flag: the newest, unless one is named that is the newest still.
    ///
    /// # Errors
    /// [`FlagError::NotUndoable`] when something was changed since.
    pub async fn undo(&self, key: &str, of: Option<u64>) -> Result<Change, FlagError> {
        let revision = self.get(key)?.revision;
        let of = of.unwrap_or(revision);
        if of != revision {
            let why = if of > revision {
                "there is no such entry".to_string()
            } else {
                format!("entry {revision} changed it since; take that back first")
            };
            return Err(FlagError::NotUndoable { key: key.into(), of, why });
        }
        let record = self.record(key, of).await?;
        Ok(Change::Undo { of, to: record.before })
    }

    /// Puts a segment, or takes it away when `after` is nothing.
    ///
    /// # Errors
    /// As [`Registry::change`]; a segment that flags use cannot be taken away.
    pub async fn put_segment(&self, wish: SegmentWish<'_>) -> Result<u64, FlagError> {
        let SegmentWish { name, after, reason, expected, by, grants } = wish;
        self.ready()?;
        if reason.trim().is_empty() {
            return Err(FlagError::ReasonMissing);
        }
        // A segment may change what any flag says anywhere.
        if !allowed(grants, Action::Edit, Place { channel: None, kind: None }) {
            return Err(FlagError::Denied {
                what: "change segments: that needs an editor of all channels and kinds".into(),
            });
        }
        let _turn = self.ordinary.lock().await;
        let (before, revision, mut shelf) = {
            let book = self.book();
            let (before, revision) = book.segment(name);
            (before.cloned(), revision, book.shelf())
        };
        // One that was taken away is new to whoever puts it.
        let fresh = before.is_none() && expected == 0;
        if revision != expected && !fresh {
            return Err(FlagError::Conflict {
                what: format!("segment {name}"),
                expected,
                actual: revision,
                by: "somebody".into(),
            });
        }
        if before.is_none() && after.is_none() {
            return Err(FlagError::UnknownSegment { name: name.into() });
        }
        match &after {
            Some(segment) => shelf.segments.insert(name.into(), segment.clone()),
            None => shelf.segments.remove(name),
        };
        sound(&shelf)?;
        self.fits(&shelf)?;
        let record = SegmentRecord { reason: reason.into(), before, after };
        let body = serde_json::to_string(&record).map_err(|error| FlagError::Defect { why: error.to_string() })?;
        let draft = Draft { kind: SEGMENT_CHANGED.into(), at_ms: self.clock.now_ms(), actor: by.into(), body };
        let entries =
            self.journal.append(&format!("{SEGMENT}{name}"), revision, self.clock.fence()?, vec![draft]).await?;
        self.take(&entries).map_err(|why| FlagError::Defect { why })?;
        let position = entries.last().map_or(0, |entry| entry.position);
        self.served(position).await;
        Ok(revision + 1)
    }

    fn decide(&self, wish: &Wish<'_>) -> Result<Decided, FlagError> {
        self.ready()?;
        let (held, mut shelf) = {
            let book = self.book();
            (book.get(wish.key).cloned(), book.shelf())
        };
        let revision = held.as_ref().map_or(0, |entry| entry.revision);
        if let Some(expected) = wish.expected.filter(|expected| *expected != revision) {
            let by = held.map_or_else(String::new, |entry| entry.changed_by);
            return Err(FlagError::Conflict { what: format!("flag {}", wish.key), expected, actual: revision, by });
        }
        let next_id = held.as_ref().map_or(1, Entry::next_id);
        let before = held.map(|entry| entry.kept);
        let applied = wish.change.apply(before.as_ref(), wish.by, self.clock.now_ms(), next_id);
        let (what, after) = applied.map_err(|why| match why {
            flags::change::Refusal::Missing => FlagError::Unknown { key: wish.key.chars().take(120).collect() },
            why => FlagError::Refused { key: wish.key.chars().take(120).collect(), why },
        })?;
        if !wish.change.allowed(wish.grants, before.as_ref(), &after) {
            return Err(FlagError::Denied { what: format!("do that to flag `{}`", wish.key) });
        }
        self.channels_exist(&after)?;
        shelf.flags.insert(wish.key.into(), after.flag.clone());
        sound(&shelf)?;
        // What turns something off makes no document too large.
        if !matches!(wish.change, Change::Kill { .. } | Change::Archive) {
            self.fits(&shelf)?;
        }
        Ok(Decided { revision, before, what, after })
    }

    /// `None`: somebody else wrote to this flag in between.
    async fn write(&self, wish: &Wish<'_>, decided: Decided, urgent: bool) -> Result<Option<Written>, FlagError> {
        let Decided { revision, before, what, after } = decided;
        let undoes = if let Change::Undo { of, .. } = &wish.change { Some(*of) } else { None };
        let planned = matches!(wish.change, Change::Run { .. });
        let record = Record { what, reason: wish.reason.trim().into(), undoes, planned, before, after };
        let body = serde_json::to_string(&record).map_err(|error| FlagError::Defect { why: error.to_string() })?;
        let draft = Draft { kind: kind(what).into(), at_ms: self.clock.now_ms(), actor: wish.by.into(), body };
        let stream = format!("{FLAG}{}", wish.key);
        match self.journal.append(&stream, revision, self.clock.fence()?, vec![draft]).await {
            Ok(entries) => {
                self.take(&entries).map_err(|why| FlagError::Defect { why })?;
                if urgent {
                    self.urgent.notify_one();
                }
                let edition = entries.last().map_or(0, |entry| entry.position);
                let entry = self.get(wish.key)?;
                Ok(Some(Written { entry, edition }))
            }
            Err(AppendError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn channels_exist(&self, after: &Kept) -> Result<(), FlagError> {
        let planned = after.schedule.iter().map(|planned| planned.step.channel());
        let mut named = after.flag.channels.keys().map(String::as_str).chain(planned);
        match named.find(|name| !self.channels.contains_key(*name)) {
            Some(name) => Err(self.unknown_channel(name)),
            None if after.schedule.len() > MOST_PLANNED => Err(FlagError::Wrong {
                problems: vec![flags::Problem {
                    path: "/schedule".into(),
                    why: format!("{} steps are planned", after.schedule.len()),
                    hint: format!("at most {MOST_PLANNED} can wait"),
                }],
            }),
            None => Ok(()),
        }
    }

    /// Whether clients of every channel can receive what it would be.
    fn fits(&self, shelf: &Shelf) -> Result<(), FlagError> {
        // A document is larger than the definitions that it is compiled from by a small factor at most, unless prerequisites nest;
        // far below the limit it is not compiled to find out.
        let newest = self.editions().values().map(|edition| edition.borrow().document.len()).max().unwrap_or(0);
        if newest < crate::edition::LARGEST / 4 {
            return Ok(());
        }
        for (channel, bucketing) in &self.channels {
            let bytes = publish::compile(shelf, channel, *bucketing, 0).document.len();
            if bytes > crate::edition::LARGEST {
                return Err(FlagError::TooLarge { channel: channel.clone(), bytes });
            }
        }
        Ok(())
    }

    /// Waits until every channel is served this edition, or it takes too long: the change is written all the same.
    async fn served(&self, edition: u64) {
        let all = async {
            for sender in self.editions().values() {
                // The sender lives in `self`.
                let _ = sender.subscribe().wait_for(|served| served.revision >= edition).await;
            }
        };
        if tokio::time::timeout(SERVED, all).await.is_err() {
            tracing::warn!(edition, "a change is written and not served yet");
        }
    }
}

fn sound(shelf: &Shelf) -> Result<(), FlagError> {
    flags::check(shelf).map_err(|problems| FlagError::Wrong { problems })
}
