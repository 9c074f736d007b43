//! The server itself, and the services that it knows.

use super::{Problem, ReleaseSummary};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the server is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Its version.
    pub version: String,
    /// Its time of day.
    pub now_ms: i64,
    /// Whether it drives releases.
    pub leadership: Leadership,
    /// The end of the journal.
    pub journal: JournalHead,
    /// The releases under way, newest first.
    pub under_way: Vec<ReleaseSummary>,
    /// Releases that cannot be read. They are not driven, and while there is one no release is opened.
    #[serde(default)]
    pub unreadable: Vec<Unreadable>,
}

/// A release that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unreadable {
    /// Its id.
    pub release: String,
    /// The stable code.
    pub code: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub hint: String,
}

/// Whether this replica drives releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Leadership {
    /// It does.
    Leads {
        /// Its fencing token.
        fence: u64,
    },
    /// Another one does.
    Follows {
        /// Its name.
        leader: String,
    },
    /// Not known yet.
    Unknown,
    /// Nobody can.
    Stuck {
        /// The stable code.
        code: String,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
}

/// The end of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalHead {
    /// Position of the last entry.
    pub position: u64,
    /// Its hash.
    pub hash: String,
}

/// Every service in every channel that the policy or a release names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Services {
    /// Sorted by service, then channel.
    pub services: Vec<ServiceInChannel>,
    /// The policy that a release opened now would follow.
    pub policy: PolicyState,
}

/// The policy as it can be read now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyState {
    /// SHA-256 of what it means; nothing when it cannot be read.
    pub digest: Option<String>,
    /// Its release types.
    pub types: Vec<String>,
    /// Why it cannot be read.
    pub problem: Option<Problem>,
}

/// A service in a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceInChannel {
    /// The service.
    pub service: String,
    /// The channel.
    pub channel: String,
    /// Whether the policy names both.
    pub in_policy: bool,
    /// What users have, if a release brought it.
    pub live: Option<LiveVersion>,
    /// The release under way.
    pub under_way: Option<String>,
}

/// The version that users have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveVersion {
    /// The version.
    pub version: String,
    /// What exactly it is.
    pub artifact: String,
    /// The release that brought it.
    pub release: String,
    /// Since when.
    pub since_ms: i64,
}
