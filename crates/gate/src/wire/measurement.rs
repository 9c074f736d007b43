//! What the gate counted.

use serde::{Deserialize, Serialize};

/// Closed blocks of a service, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blocks {
    /// Which run of the gate counted. Sequence numbers of another run mean nothing.
    pub boot_id: String,
    /// The gate's clock now.
    pub now_ms: i64,
    /// The oldest block still kept. If it is above the `after` of the question by more than one, blocks in between are lost.
    pub oldest_seq: u64,
    /// The newest closed block, 0 before the first.
    pub newest_seq: u64,
    /// The blocks after the one that was named, or all of them if it was of another run.
    pub blocks: Vec<Block>,
}

/// Counts of one interval under one order. A request belongs to the block in which its response headers, or its failure, came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// 1 for the first, and one more for every next.
    pub seq: u64,
    /// Where the interval begins: where the block before it ends.
    pub from_ms: i64,
    /// Where it ends.
    pub to_ms: i64,
    /// The fence of the order in force during the whole block.
    pub fence: u64,
    /// The generation of that order.
    pub generation: u64,
    /// The share in force, in parts per million: what that order asks for, or 0 after the gate took users back by itself.
    pub share_ppm: u32,
    /// Requests that were given to the stable arm.
    pub stable: ArmCounts,
    /// Requests that were given to the canary arm.
    pub canary: ArmCounts,
    /// Requests that were given to an arm of an earlier order whose versions were others. They belong to neither arm of this one.
    #[serde(default)]
    pub late: u64,
    /// Processes that ended without being told to.
    pub exits: Vec<UnexpectedExit>,
}

/// What happened to the requests that were given to one arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmCounts {
    /// The arm's version; none when the arm is empty.
    pub version: Option<String>,
    /// Requests that were handed to the arm, whether or not an answer came; a stream is counted with its end, like in `requests`.
    /// None from a gate that does not count them, and when the arm is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// Requests that were answered, or failed.
    pub requests: u64,
    /// Those that failed: a 5xx from the upstream, a failed connection, a time-out.
    pub errors: u64,
    /// Errors that no user saw, because stable answered instead. Counted in the canary arm only, and in `errors` as well.
    pub retried_on_stable: u64,
    /// Requests whose client went away before an answer came. Not in `requests`.
    #[serde(default)]
    pub abandoned: u64,
    /// Responses that broke off after their headers. Their requests were counted when the headers came.
    #[serde(default)]
    pub truncated: u64,
    /// Requests whose users asked for this arm, see [`super::DoorOrder::allow_forced_arm`]. In none of the other counts: whoever asks
    /// is no random sample of the users.
    #[serde(default)]
    pub forced: u64,
    /// Those of them that failed.
    #[serde(default)]
    pub forced_errors: u64,
    /// Times from request to response headers (or to the time-out), as `[bucket, count]` pairs in the layout of `judge::sketch`,
    /// sorted by bucket: the serialized form of its `Histogram`. Requests whose connection failed are not in it.
    pub latency: Vec<(u16, u64)>,
    /// `[requests, errors, users with an error]` for each of the 64 groups of users (`flags::bucket::user_bucket`).
    pub buckets: Vec<[u64; 3]>,
    /// Users with an error in this block who had none in this arm, with this version, in the five minutes before. None from a
    /// gate that does not remember users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_errors: Option<u64>,
}

/// A process that ended without being told to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnexpectedExit {
    /// The version it ran.
    pub version: String,
    /// When it was noticed.
    pub at_ms: i64,
    /// The exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal, if one ended it.
    pub signal: Option<i32>,
}
