//! Which version is live where, what is under way, and which artifacts are in quarantine: readings over all releases,
//! kept nowhere.

use crate::ReleaseId;
use crate::live::Live;
use crate::ports::Installed;
use engine::{Blame, Stage, Timestamp};
use policy::Wiring;
use std::fmt;
use std::sync::Arc;

/// A service in a channel: the place that a release goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey {
    /// The service.
    pub service: String,
    /// The channel.
    pub channel: String,
}

impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.service, self.channel)
    }
}

/// The version that users of a service have.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveVersion {
    /// The release that brought it.
    pub release: ReleaseId,
    /// Since when.
    pub since: Timestamp,
    /// What it is and how it runs.
    pub installed: Installed,
}

pub(crate) fn key_of(live: &Live) -> ServiceKey {
    let opened = &live.state.opened;
    ServiceKey { service: opened.service.clone(), channel: opened.channel.clone() }
}

/// Of the releases of one place, those under way.
pub(crate) fn in_flight(there: &[Arc<Live>]) -> impl Iterator<Item = &Arc<Live>> {
    there.iter().filter(|live| live.in_flight())
}

/// The version that users have, as the releases of this place tell it.
pub(crate) fn live_version(there: &[Arc<Live>]) -> Option<LiveVersion> {
    let completed = there.iter().filter(|live| matches!(live.state.stage, Stage::Completed));
    completed.max_by_key(|live| (live.state.last_at, live.id)).and_then(|live| installed_by(live))
}

/// The version with this name that a release once made live in this place.
pub(crate) fn installed(there: &[Arc<Live>], version: &str) -> Option<Installed> {
    there
        .iter()
        .filter(|live| matches!(live.state.stage, Stage::Completed | Stage::Promoting))
        .filter(|live| live.state.opened.version == version)
        .max_by_key(|live| live.id)
        .and_then(|live| installed_by(live))
        .map(|live| live.installed)
}

fn installed_by(live: &Live) -> Option<LiveVersion> {
    let opened = &live.state.opened;
    let wiring: Wiring = serde_json::from_str(&opened.wiring).ok()?;
    let installed =
        Installed { version: opened.version.clone(), artifact: opened.artifact.clone(), target: wiring.target };
    Some(LiveVersion { release: live.id, since: live.state.last_at, installed })
}

/// Of the releases that brought this artifact, the one that put it into quarantine, unless a person lifted that since. A
/// version's name stands for an artifact only within its service; a digest is the same everywhere.
pub(crate) fn quarantined_by<'a>(brought: &'a [Arc<Live>], service: &str, artifact: &str) -> Option<&'a Live> {
    let named = artifact.starts_with("version:");
    let same = brought.iter().filter(|live| !named || live.state.opened.service == service);
    let same: Vec<&Live> = same.map(AsRef::as_ref).collect();
    let blamed = same.iter().filter(|live| is_blamed(live)).max_by_key(|live| live.id)?;
    let lifted = same.iter().any(|live| live.id > blamed.id && live.state.opened.quarantine_lifted.is_some());
    (!lifted).then_some(*blamed)
}

fn is_blamed(live: &Live) -> bool {
    match &live.state.stage {
        Stage::RollingBack(rollback) | Stage::Ended(rollback) => {
            rollback.cause.blame(rollback.ending) == Blame::Artifact
        }
        Stage::Opened
        | Stage::Deploying
        | Stage::Ramping(_)
        | Stage::Watching(_)
        | Stage::Promoting
        | Stage::Completed => false,
    }
}
