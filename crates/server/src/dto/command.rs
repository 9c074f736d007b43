//! What people and programs ask for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What people may say to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Stop the clock and keep the share.
    Pause,
    /// Go on.
    Resume,
    /// Do not wait for the rest of the phase.
    Advance,
    /// End without blame.
    Abort,
    /// Take users back: the version is bad.
    Rollback,
}

/// Opens a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRelease {
    /// The service, as the policy names it.
    pub service: String,
    /// The channel, as the policy names it, e.g. `production`.
    pub channel: String,
    /// The release type, as the policy names it, e.g. `feature`.
    #[serde(rename = "type")]
    pub release_type: String,
    /// The new version: letters, digits, dots, dashes, underscores and plus signs, at most 64.
    pub version: String,
    /// The digest of the artifact; without one the version's name stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What people should read about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Take the place of the release that is under way.
    #[serde(default)]
    pub supersede: bool,
    /// Why an artifact that was taken back before may be released again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift_quarantine: Option<String>,
}

/// Why something is commanded; the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// In words, at most 2,000 characters.
    pub reason: String,
}

/// Does not wait for the rest of a phase; the journal keeps why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// In words, at most 2,000 characters.
    pub reason: String,
    /// The phase that is meant, from 0, as `phase_index` told it. With it the command can be repeated: it is refused
    /// when another phase is under way. Without it, whatever is under way is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u64>,
}

/// Lets a paused or held release go on. It takes nothing along: to resume needs no reason, and one that was given would be lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {}

/// Something that no statistics are asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Of which kind.
    pub kind: AlarmKind,
    /// Who or what noticed what, at most 2,000 characters.
    pub detail: String,
}

/// The kinds of alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// Data was damaged.
    Integrity,
    /// A user reported something critical.
    CriticalReport,
}
