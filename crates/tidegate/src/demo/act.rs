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

/// A release that asks more often than this does not end by itself.
const MOST_DECISIONS: u32 = 10;
/// Every so many decisions a person who knows that the version is well does not wait any more.
const PATIENCE_IN_A_PHASE: u32 = 2;

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

/// What the person on call says when a release waits for one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Person {
    /// Go on measuring: a busy machine gives less evidence in a time than was planned with.
    GoOn,
    /// Go on measuring, and when that shows no harm and no more than before, advance: the version is known to be well.
    GoOnThenAdvance,
    /// Go on, for a reason that the judge cannot know: evidence of a time in which everything failed cannot show any more
    /// that the new version is well.
    Advance(&'static str),
}

/// Opens a release of this version and follows it to its end. When it waits for a person, there is one.
///
/// # Errors
/// The control plane refuses, or stays away.
pub(crate) async fn play(
    client: &Client,
    story: &Story,
    version: &str,
    person: Person,
    mut beside: impl FnMut(&Release),
) -> Result<Release, Failure> {
    let id = open(client, version).await?;
    let mut release = follow(client, story, &id, &mut beside).await?;
    for decision in 0..MOST_DECISIONS {
        if release.over || !release.waits_for_person {
            break;
        }
        let reason = match person {
            Person::Advance(reason) => Some(reason),
            Person::GoOnThenAdvance if decision % PATIENCE_IN_A_PHASE == PATIENCE_IN_A_PHASE - 1 => {
                Some("no harm was seen, and this machine is too busy to show more")
            }
            Person::GoOn | Person::GoOnThenAdvance => None,
        };
        let (verb, body) = match reason {
            None => {
                story.say("A person on call lets it measure on: this machine is busy, and evidence comes slowly.")?;
                ("resume", json!({}))
            }
            Some(reason) => {
                story.say(&format!("A person on call advances it: {reason}."))?;
                ("advance", json!({ "reason": reason, "phase": release.phase_index }))
            }
        };
        let _told: Release = client.post(&format!("/v1/releases/{id}/{verb}"), body).await?;
        release = follow(client, story, &id, &mut beside).await?;
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
