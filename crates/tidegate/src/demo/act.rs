//! One release of the demo, opened and followed to its end.

use super::load::Tally;
use super::story::{Story, Telling};
use crate::client::Client;
use crate::command::release::{Follow, last_of};
use crate::exit::Exit;
use crate::failure::Failure;
use serde_json::json;
use server::dto::{OpenRelease, Release, ReleaseList};
use std::time::{Duration, Instant};

/// For how long a control plane that is being killed is asked to open a release.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of a release.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    /// Its id.
    pub(crate) id: String,
    /// The version.
    pub(crate) version: &'static str,
    /// How it ended.
    pub(crate) ended: Exit,
    /// How it should have.
    pub(crate) should_end: Exit,
    /// What users saw meanwhile.
    pub(crate) seen: Tally,
}

/// Opens a release of this version and follows it, to its end or until a person is needed.
///
/// # Errors
/// The control plane refuses, or stays away.
pub(crate) async fn play(
    client: &Client,
    story: &Story,
    version: &str,
    beside: impl FnMut(&Release),
) -> Result<Release, Failure> {
    let id = open(client, version).await?;
    follow(client, story, &id, beside).await
}

/// The person on call, after an outage of what both versions depend on. Evidence of the minutes in which everything failed
/// cannot show any more that the new version is well; somebody who knows about the outage decides, and says why.
///
/// # Errors
/// As [`play`].
pub(crate) async fn decide(client: &Client, story: &Story, held: Release) -> Result<Release, Failure> {
    let mut release = held;
    // Each phase asks once.
    for _ in 0..release.plan.phases.len() {
        if release.over || !release.waits_for_person {
            break;
        }
        story.say("A person on call saw both versions fail alike, and advances the release with that reason.")?;
        let reason = json!({ "reason": "both versions failed alike while what they depend on was down" });
        let _advanced: Release = client.post(&format!("/v1/releases/{}/advance", release.id), reason).await?;
        release = follow(client, story, &release.id, |_| {}).await?;
    }
    Ok(release)
}

async fn follow(client: &Client, story: &Story, id: &str, beside: impl FnMut(&Release)) -> Result<Release, Failure> {
    last_of(client, id, Follow { until_waiting: true }, &mut Telling { story, beside }).await
}

/// Opens a release. The control plane may be killed before, while and after it does.
async fn open(client: &Client, version: &str) -> Result<String, Failure> {
    let ask = OpenRelease {
        service: super::plan::SERVICE.into(),
        channel: "production".into(),
        release_type: "feature".into(),
        version: version.into(),
        digest: None,
        note: Some("the demo".into()),
        supersede: false,
        lift_quarantine: None,
    };
    let body = serde_json::to_value(&ask).map_err(std::io::Error::other)?;
    let since = Instant::now();
    loop {
        let failure = match client.post::<Release>("/v1/releases", body.clone()).await {
            Ok(release) => return Ok(release.id),
            Err(failure) => failure,
        };
        // It may have been opened although nobody could answer any more.
        if let Ok(list) = client.get::<ReleaseList>("/v1/releases").await
            && let Some(release) = list.releases.iter().find(|release| release.version == version)
        {
            return Ok(release.id.clone());
        }
        if since.elapsed() > PATIENCE || failure.exit() == Exit::Refused {
            return Err(failure);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
