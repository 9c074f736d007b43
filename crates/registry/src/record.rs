//! What the journal keeps of flags. The words are stored for years and never renamed.

use flags::Segment;
use flags::change::{Kept, What};
use serde::{Deserialize, Serialize};

/// The streams of flags begin so; the key follows.
pub(crate) const FLAG: &str = "flag/";
/// The streams of segments begin so; the name follows.
pub(crate) const SEGMENT: &str = "segment/";

/// A change of a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What was done.
    pub what: What,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// The number of the entry that was taken back, of the same stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
    /// Whether it was planned before, and its time came.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub planned: bool,
    /// The flag before; nothing if there was none.
    pub before: Option<Kept>,
    /// The flag since.
    pub after: Kept,
}

/// A change of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentRecord {
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// The segment before; nothing if there was none.
    pub before: Option<Segment>,
    /// The segment since; nothing if there is none any more.
    pub after: Option<Segment>,
}

/// The kind under which the journal files a change of a flag.
pub(crate) fn kind(what: What) -> &'static str {
    match what {
        What::Created => "flag_created",
        What::Edited => "flag_edited",
        What::Enabled => "flag_enabled",
        What::Disabled => "flag_disabled",
        What::Killed => "flag_killed",
        What::Decided => "flag_decided",
        What::Scheduled => "flag_scheduled",
        What::Unscheduled => "flag_unscheduled",
        What::Archived => "flag_archived",
        What::Restored => "flag_restored",
        What::Undone => "flag_undone",
    }
}

/// The kind under which the journal files a change of a segment.
pub(crate) const SEGMENT_CHANGED: &str = "segment_changed";
