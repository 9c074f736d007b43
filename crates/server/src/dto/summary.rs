//! Releases in a list: enough to find one, cheap enough for thousands.

use super::Stage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Releases, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseList {
    /// The releases of this page.
    pub releases: Vec<ReleaseSummary>,
    /// Ask with `before` set to this for older ones; nothing when there are none.
    pub next_before: Option<String>,
}

/// A release in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseSummary {
    /// Its id.
    pub id: String,
    /// The service.
    pub service: String,
    /// The channel.
    pub channel: String,
    /// The release type.
    #[serde(rename = "type")]
    pub release_type: String,
    /// The new version.
    pub version: String,
    /// Where it is.
    pub stage: Stage,
    /// Where it is, in one line for people.
    pub headline: String,
    /// Whether it goes no further without a person.
    pub waits_for_person: bool,
    /// Whether it has ended.
    pub over: bool,
    /// As in a release.
    pub exit_code_hint: u8,
    /// When it was opened.
    pub opened_at_ms: i64,
    /// Who opened it.
    pub opened_by: String,
    /// The last moment that it heard of.
    pub last_at_ms: i64,
    /// The share that the lever confirmed last.
    pub confirmed_percent: Option<f64>,
    /// How many things do not work at the moment.
    pub troubles: u64,
}
