//! A release as it is now, with everything that a person watching it wants to see.

use super::{Command, Plan, Rollback, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// Its id, e.g. `r17`.
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
    /// What exactly is released: a digest, or `version:` and the version.
    pub artifact: String,
    /// The version that users had when it was opened; nothing for the first release of a service.
    pub live: Option<String>,
    /// The release that had to end before this one could begin.
    pub waits_for: Option<String>,
    /// Where it is.
    pub stage: Stage,
    /// Where it is, in one line for people.
    pub headline: String,
    /// Whether it goes no further without a person.
    pub waits_for_person: bool,
    /// What it would accept from people now.
    #[serde(default)]
    pub accepts: Vec<Command>,
    /// Whether it has ended.
    pub over: bool,
    /// The exit code of a command that follows this release to where it is now: 0 completed, 3 rolled back, 4 still
    /// under way or waiting for a person, 6 ended for other reasons.
    pub exit_code_hint: u8,
    /// When it was opened.
    pub opened_at_ms: i64,
    /// Who opened it.
    pub opened_by: String,
    /// What that person said.
    pub note: Option<String>,
    /// Why the quarantine of its artifact was lifted.
    pub quarantine_lifted: Option<String>,
    /// The last moment that it heard of.
    pub last_at_ms: i64,
    /// The plan, and how far the release is.
    pub plan: Plan,
    /// The phase that it is in, from 0.
    pub phase_index: Option<u64>,
    /// The clock of the phase or of the watch window.
    pub clock: Option<Clock>,
    /// Who should be on the new version, and who is.
    pub shares: Shares,
    /// What both versions do.
    pub arms: Arms,
    /// What the judge says; nothing for a release that nobody is on yet.
    pub verdict: Option<Verdict>,
    /// Why it waits for a person.
    pub hold: Option<Hold>,
    /// Why a person stopped the soak.
    pub paused: Option<String>,
    /// What keeps the soak from being counted, if anything does.
    pub stopped_by: Option<String>,
    /// Both arms are degraded; nobody is blamed.
    pub degradation_shared: bool,
    /// There are no fresh measurements.
    pub blind: bool,
    /// Hooks of this phase that ended well.
    pub hooks_passed: Vec<String>,
    /// Taking users back, when that has begun.
    pub rollback: Option<Rollback>,
    /// What the world refuses at the moment.
    pub troubles: Vec<Trouble>,
    /// Facts that are true and not yet in the journal.
    pub unwritten: u64,
    /// Number of its last entry in its journal stream.
    pub seq: u64,
    /// Measurements that it rests on.
    pub measurements: u64,
}

/// Where a release is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Opened, and perhaps waiting for another release to end.
    Opened,
    /// The new version is being brought up.
    Deploying,
    /// Users are moved phase by phase.
    Ramping,
    /// It waits for a person's decision.
    Held,
    /// A person stopped the clock.
    Paused,
    /// Everybody moved; the old version is warm.
    Watching,
    /// The new version is being made the stable one.
    Promoting,
    /// Over: users have the new version.
    Completed,
    /// Users are being taken back.
    RollingBack,
    /// Over: users were taken back.
    RolledBack,
    /// Over: ended without blame.
    Aborted,
    /// Over: a newer release took its place.
    Superseded,
}

/// A soak or watch clock. It runs only while the share is verified and data is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Clock {
    /// When the phase or window began.
    pub entered_at_ms: i64,
    /// When the lever confirmed its share.
    pub confirmed_at_ms: Option<i64>,
    /// What has been counted.
    pub soak_ms: u64,
    /// What is needed; grows when the phase is extended.
    pub soak_for_ms: u64,
}

/// The share of users on the new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Shares {
    /// What the release now asks for.
    pub requested_percent: f64,
    /// What the lever confirmed last.
    pub confirmed_percent: Option<f64>,
    /// When it did.
    pub confirmed_at_ms: Option<i64>,
    /// How the requests of the last measurement were split.
    pub observed: Option<Split>,
    /// How the requests of this phase were split.
    pub observed_in_phase: Option<Split>,
    /// What is doubtful about the split.
    pub doubt: Option<String>,
}

/// Requests of both arms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Split {
    /// The canary's part of all requests; nothing when there was none.
    pub canary_percent: Option<f64>,
    /// Requests that the new version answered.
    pub canary_requests: u64,
    /// Requests that the old version answered.
    pub stable_requests: u64,
}

/// Both versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Arms {
    /// Begin of the last measured interval, by the clock of whoever counted.
    pub from_ms: Option<i64>,
    /// Its end.
    pub to_ms: Option<i64>,
    /// Why an arm was not counted in it.
    pub gap: Option<String>,
    /// The old version.
    pub stable: Arm,
    /// The new version.
    pub canary: Arm,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Arm {
    /// The last measured interval; nothing when it was not measured, which is not the same as no traffic.
    pub last: Option<ArmCounts>,
    /// Everything that the judge counted in this release.
    pub total: ArmTotals,
}

/// What one version did in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ArmCounts {
    /// Requests answered.
    pub requests: u64,
    /// Of these, the ones that failed.
    pub errors: u64,
    /// Failed in percent; nothing when there was no request.
    pub error_percent: Option<f64>,
    /// Median latency.
    pub p50_us: Option<f64>,
    /// 95th percentile.
    pub p95_us: Option<f64>,
    /// 99th percentile.
    pub p99_us: Option<f64>,
}

/// What one version did in the whole release, as far as it was judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ArmTotals {
    /// Requests.
    pub requests: u64,
    /// Of these, the ones that failed.
    pub errors: u64,
    /// Failed in percent; nothing when there was no request.
    pub error_percent: Option<f64>,
}

/// Waiting for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Since when.
    pub since_ms: i64,
    /// Why.
    pub reason: String,
}

/// Something that does not work and is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trouble {
    /// What was tried: `shift`, `deploy`, `journal`, …
    pub what: String,
    /// Since when it fails.
    pub since_ms: i64,
    /// The stable code of what it met.
    pub code: String,
    /// What it met.
    pub message: String,
    /// What people could do.
    pub hint: String,
}
