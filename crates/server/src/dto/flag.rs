//! Flags. What a flag is, is the same on the wire, in the journal and in files: the types of the crate that evaluates them.

use flags::change::{Scheduled, Step, What};
use flags::{Decision, Flag, Json, Segment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A flag as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagView {
    /// The flag.
    pub flag: Flag,
    /// How often it was changed. A change that names it is refused when somebody else was faster.
    pub revision: u64,
    /// What is planned.
    pub schedule: Vec<Scheduled>,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was changed last.
    pub changed_at_ms: i64,
    /// By whom.
    pub changed_by: String,
    /// Why it should go, if it should: its end is over, or it says the same to everybody for long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
}

/// Flags, by key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagList {
    /// The flags.
    pub flags: Vec<FlagView>,
    /// The channels that they can be on in.
    pub channels: Vec<String>,
}

/// A change of a flag and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagChanged {
    /// Whether it was done; `false` for a dry run.
    pub done: bool,
    /// What is different, place by place; empty in places where order alone differs.
    pub differences: Vec<FlagDifference>,
    /// The flag since, or as it would be.
    pub after: FlagView,
    /// The edition from which on clients have it.
    pub edition: u64,
    /// How far it has come: of the clients that are connected to the channel, for a kill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<FlagReach>,
}

/// One place of a definition that is different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagDifference {
    /// Where, as a JSON pointer.
    pub path: String,
    /// What was there; nothing if nothing was.
    pub before: Option<Json>,
    /// What is there.
    pub after: Option<Json>,
}

/// How many clients have a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagReach {
    /// How many were connected.
    pub clients: usize,
    /// How many of them have it.
    pub reached: usize,
    /// How long that took.
    pub took_ms: u64,
}

/// Asks for a new flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFlag {
    /// The flag.
    pub flag: Flag,
    /// Why.
    pub reason: String,
}

/// Asks for a flag to be this from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceFlag {
    /// The flag.
    pub flag: Flag,
    /// Why.
    pub reason: String,
    /// The revision that was changed.
    pub revision: u64,
}

/// Asks for a flag to be turned on or off in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnFlag {
    /// The channel.
    pub channel: String,
    /// Why.
    pub reason: String,
    /// Only if the flag still has this revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// Asks for a kill switch to be pulled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KillFlag {
    /// The channel.
    pub channel: String,
    /// Why; can be said later.
    #[serde(default)]
    pub reason: String,
}

/// Asks for another decision in a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideFlag {
    /// What it says there while it is on.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Only if the flag still has this revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// Asks for a change later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFlag {
    /// When.
    pub at_ms: i64,
    /// What.
    pub step: Step,
    /// Why.
    pub reason: String,
}

/// Says why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagReason {
    /// Why.
    pub reason: String,
}

/// Asks for a change to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoFlag {
    /// The number of the entry; the newest if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Why.
    pub reason: String,
}

/// What happened to a flag, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagHistory {
    /// The changes.
    pub changes: Vec<FlagEntry>,
}

/// A change of a flag, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagEntry {
    /// Its number in the flag's stream: the revision that it made.
    pub revision: u64,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub what: What,
    /// Why.
    pub reason: String,
    /// The entry that it took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
    /// Whether it was planned.
    pub planned: bool,
    /// What is different since.
    pub differences: Vec<FlagDifference>,
}

/// Asks what a flag says to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainFlag {
    /// The channel.
    pub channel: String,
    /// What is known about them; `targetingKey` names them.
    #[serde(default)]
    pub context: Json,
}

/// Asks for definitions of flagd to be taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportFlags {
    /// The channel whose definitions they are.
    pub channel: String,
    /// flagd's JSON.
    pub document: Json,
    /// Why.
    pub reason: String,
    /// Who answers for flags that are new.
    #[serde(default)]
    pub owner: String,
}

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    /// Keys of flags that are new.
    pub created: Vec<String>,
    /// Keys of flags that are different in the channel.
    pub changed: Vec<String>,
    /// Keys of flags that were so already.
    pub same: Vec<String>,
}

/// A segment with its revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentView {
    /// The segment.
    pub segment: Segment,
    /// How often it was changed.
    pub revision: u64,
}

/// Segments, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentList {
    /// The segments.
    pub segments: Vec<SegmentView>,
}

/// Asks for a segment to be this from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSegment {
    /// The segment.
    pub segment: Segment,
    /// Why.
    pub reason: String,
    /// The revision that was changed; 0 for a new one.
    pub revision: u64,
}

/// Who is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagClients {
    /// The clients, oldest first; at most 1,000.
    pub clients: Vec<FlagClient>,
    /// How many there are.
    pub count: usize,
    /// The newest edition of each channel, and how many clients have it.
    pub channels: Vec<FlagChannel>,
}

/// A channel and its clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagChannel {
    /// The channel.
    pub channel: String,
    /// Its newest edition.
    pub edition: u64,
    /// How many clients are connected.
    pub clients: usize,
    /// How many of them have it.
    pub current: usize,
}

/// A client that is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagClient {
    /// How: `events`, `sync` or `evaluation`.
    pub via: String,
    /// The channel.
    pub channel: String,
    /// The name of its token.
    pub token: String,
    /// What it says of itself.
    pub agent: String,
    /// Since when.
    pub since_ms: i64,
    /// The edition that it was told last; 0 if none yet.
    pub edition: u64,
    /// When that was.
    pub told_at_ms: i64,
}
