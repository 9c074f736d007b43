//! The journal, entry by entry.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Entries in the order of their positions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JournalPage {
    /// The entries of this page.
    pub entries: Vec<JournalEntry>,
    /// Ask with `after` set to this for later ones; nothing when this page holds the last one there is.
    pub next_after: Option<u64>,
}

/// Entries that were looked for, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JournalFound {
    /// Those that match.
    pub entries: Vec<JournalEntry>,
    /// Ask with `before` set to this to look further back; nothing when the journal was looked through to its beginning.
    pub next_before: Option<u64>,
    /// How many entries were looked at. A search looks at a limited number at once, whether or not they match.
    pub looked_at: u64,
    /// When the oldest of them was written.
    pub looked_back_to_ms: Option<i64>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JournalEntry {
    /// Place in the whole journal, from 1.
    pub position: u64,
    /// The stream, e.g. `release/r17`.
    pub stream: String,
    /// Place in the stream, from 1.
    pub seq: u64,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What happened.
    pub kind: String,
    /// All of it.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// Over this entry and the hash of the one before it.
    pub hash: String,
}

/// A line of an export. Bodies are the stored text, byte for byte, so that hashes can be computed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "line")]
pub enum ExportLine {
    /// An entry; all of them come first, in the order of their positions.
    Entry {
        /// Place in the whole journal.
        position: u64,
        /// The stream.
        stream: String,
        /// Place in the stream.
        seq: u64,
        /// When.
        at_ms: i64,
        /// Who.
        actor: String,
        /// What happened.
        kind: String,
        /// The stored JSON text.
        body: String,
        /// Its hash.
        hash: String,
    },
    /// A measurement; stream by stream, in their order.
    Sample {
        /// The stream.
        stream: String,
        /// Number in the stream.
        n: u64,
        /// The entry of the stream that it follows.
        after_seq: u64,
        /// The stored JSON text.
        body: String,
        /// Its hash.
        hash: String,
    },
    /// The last line of a whole export. An export that ends without one was cut off.
    End {
        /// Entries in it.
        entries: u64,
        /// Measurements in it.
        samples: u64,
        /// The end of the chain: `position:hash`.
        head: String,
    },
    /// The last line of an export that could not go on.
    Failed {
        /// The stable code.
        code: String,
        /// What happened.
        detail: String,
        /// What to do next.
        hint: String,
    },
}

/// The result of a check of the whole journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Whether everything is as it was written.
    pub ok: bool,
    /// Entries; nothing when damage was found.
    pub entries: Option<u64>,
    /// Measurements.
    pub samples: Option<u64>,
    /// Streams.
    pub streams: Option<u64>,
    /// The end of the chain as `position:hash`; kept elsewhere it is an anchor for the next check.
    pub head: Option<String>,
    /// The first damage that was found.
    pub damage: Option<Damage>,
}

/// What is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Damage {
    /// The stable code.
    pub code: String,
    /// What and where, in a sentence.
    pub message: String,
    /// Where.
    pub place: String,
    /// What was found there.
    pub found: String,
    /// What should have been there.
    pub expected: String,
    /// What to do next.
    pub hint: String,
}
