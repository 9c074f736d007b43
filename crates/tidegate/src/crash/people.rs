//! Whoever releases, and whoever is on call: one release after another, good ones and bad ones, with people's commands in between.
//! Each command that was acknowledged is remembered, and each report of a soak.

use super::record::{Acknowledged, Record, Verb};
use super::site::{FAULTS, SERVICE, Site};
use crate::client::Client;
use crate::demo::random::Random;
use crate::failure::Failure;
use serde_json::{Value, json};
use server::dto::{OpenRelease, Release, ReleaseList, Stage};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often a release is looked at.
const LOOK: Duration = Duration::from_millis(120);
/// A bad release that asks more often is taken back by a person.
const PATIENCE: u32 = 12;
/// One look in so many is followed by a person's whim.
const WHIM: u64 = 40;
/// One good release in so many is taken back by a person.
const REGRET: u64 = 8;
/// A person pauses for this long.
const LUNCH: Duration = Duration::from_millis(900);

/// A release that was opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) id: String,
    pub(super) version: String,
    /// Whether a person ordered users to be taken back, heard or not.
    pub(super) regretted: bool,
    /// The last that was seen of it.
    pub(super) over: bool,
}

/// Whether a version fails, which its name says.
pub(super) fn is_bad(version: &str) -> bool {
    FAULTS.iter().any(|fault| version.strip_suffix(fault).is_some_and(|rest| rest.ends_with('-')))
}

/// The people of a campaign.
pub(super) struct People<'a> {
    site: &'a Site,
    record: &'a Record,
    random: Random,
    said: u64,
    most: BTreeMap<Clock, (u64, u64)>,
}

/// One run of a clock: its release, and when its phase or its watch was entered.
type Clock = (String, i64);

impl<'a> People<'a> {
    pub(super) fn new(site: &'a Site, record: &'a Record, seed: u64) -> Self {
        Self { site, record, random: Random::new(seed ^ 0x7065_6f70), said: 0, most: BTreeMap::new() }
    }

    /// Releases until `enough`, and follows the last one to its end, or until `give_up`.
    pub(super) async fn release_until(&mut self, enough: impl Fn() -> bool, give_up: Instant) -> Vec<Opened> {
        let mut all: Vec<Opened> = Vec::new();
        while !enough() && Instant::now() < give_up {
            let version = self.next_version(all.len());
            let Some(id) = self.open(&version, give_up).await else { continue };
            let mut opened = Opened { id, version, regretted: false, over: false };
            self.follow(&mut opened, give_up).await;
            all.push(opened);
        }
        all
    }

    /// Opens the first version of all and waits until it is live.
    pub(super) async fn first(&mut self, give_up: Instant) -> Option<Opened> {
        let id = self.open("v0", give_up).await?;
        let mut opened = Opened { id, version: "v0".into(), regretted: false, over: false };
        self.follow(&mut opened, give_up).await;
        Some(opened)
    }

    /// Two good ones for a bad one.
    fn next_version(&mut self, n: usize) -> String {
        let n = n + 1;
        let fault = if self.random.below(2) == 0 { FAULTS[0] } else { FAULTS[1] };
        if n % 3 == 2 { format!("v{n}-{fault}") } else { format!("v{n}") }
    }

    async fn open(&mut self, version: &str, give_up: Instant) -> Option<String> {
        let words = self.words();
        let ask = OpenRelease {
            service: SERVICE.into(),
            channel: "production".into(),
            release_type: "feature".into(),
            version: version.into(),
            digest: None,
            note: Some(words.clone()),
            supersede: false,
            lift_quarantine: None,
        };
        let body = serde_json::to_value(&ask).ok()?;
        while Instant::now() < give_up {
            if let Some(client) = self.site.client_if_leading().await {
                match self.say(&client, "/v1/releases", body.clone()).await {
                    Ok(release) => {
                        self.heard(&release.id, Verb::Open, words);
                        return Some(release.id);
                    }
                    // It may have been opened although nobody could answer any more.
                    Err(_) => {
                        let list = client.get::<ReleaseList>("/v1/releases").await;
                        let list = list.map(|list| list.releases).unwrap_or_default();
                        if let Some(found) = list.into_iter().find(|release| release.version == version) {
                            return Some(found.id);
                        }
                    }
                }
            }
            sleep(LOOK).await;
        }
        None
    }

    async fn follow(&mut self, opened: &mut Opened, give_up: Instant) {
        let regret = !is_bad(&opened.version) && opened.version != "v0" && self.random.below(REGRET) == 0;
        let mut asked = 0;
        let path = format!("/v1/releases/{}", opened.id);
        while Instant::now() < give_up {
            sleep(LOOK).await;
            let Some(client) = self.site.client_if_leading().await else { continue };
            let Ok(release) = client.get::<Release>(&path).await else { continue };
            self.look(&release);
            if release.over {
                opened.over = true;
                return;
            }
            if release.waits_for_person {
                asked += 1;
                self.decide(&client, &release, asked, opened).await;
            } else if release.stage == Stage::Ramping && release.phase_index == Some(1) && regret && !opened.regretted {
                opened.regretted = true;
                self.command(&client, &release.id, Verb::Rollback, None).await;
            } else if self.random.below(WHIM) == 0 {
                self.whim(&client, &release).await;
            }
        }
    }

    /// Somebody on call says how it goes on.
    async fn decide(&mut self, client: &Client, release: &Release, asked: u32, opened: &mut Opened) {
        let nobody_on_it = release.shares.requested_percent == 0.0;
        if release.stage == Stage::Paused || nobody_on_it || (is_bad(&release.version) && asked < PATIENCE) {
            self.command(client, &release.id, Verb::Resume, None).await;
        } else if is_bad(&release.version) {
            opened.regretted = true;
            self.command(client, &release.id, Verb::Rollback, None).await;
        } else if !self.command(client, &release.id, Verb::Advance, release.phase_index).await {
            // A release whose users the gate took back goes on by `resume` alone.
            self.command(client, &release.id, Verb::Resume, None).await;
        }
    }

    async fn whim(&mut self, client: &Client, release: &Release) {
        match release.stage {
            Stage::Ramping if !is_bad(&release.version) && self.random.below(3) == 0 => {
                self.command(client, &release.id, Verb::Advance, release.phase_index).await;
            }
            Stage::Ramping | Stage::Watching => {
                if self.command(client, &release.id, Verb::Pause, None).await {
                    sleep(LUNCH).await;
                    self.command(client, &release.id, Verb::Resume, None).await;
                }
            }
            Stage::Paused | Stage::Held => {
                self.command(client, &release.id, Verb::Resume, None).await;
            }
            Stage::Opened
            | Stage::Deploying
            | Stage::Promoting
            | Stage::Completed
            | Stage::RollingBack
            | Stage::RolledBack
            | Stage::Aborted
            | Stage::Superseded => {}
        }
    }

    /// Whether it was acknowledged.
    async fn command(&mut self, client: &Client, id: &str, verb: Verb, phase: Option<u64>) -> bool {
        let words = self.words();
        let body = match (verb, phase) {
            (Verb::Resume, _) => json!({}),
            (Verb::Advance, Some(phase)) => json!({ "reason": words, "phase": phase }),
            (Verb::Open | Verb::Pause | Verb::Advance | Verb::Rollback, _) => json!({ "reason": words }),
        };
        let told = self.say(client, &format!("/v1/releases/{id}/{}", verb.word()), body).await.is_ok();
        if told {
            self.heard(id, verb, words);
        }
        told
    }

    async fn say(&self, client: &Client, path: &str, body: Value) -> Result<Release, Failure> {
        self.record.kept().commands_sent += 1;
        client.post::<Release>(path, body).await
    }

    fn heard(&self, release: &str, verb: Verb, words: String) {
        self.record.kept().acknowledged.push(Acknowledged { release: release.to_owned(), verb, words });
    }

    /// Words that nobody else says.
    fn words(&mut self) -> String {
        self.said += 1;
        format!("word {} of the campaign.", self.said)
    }

    /// Promise 1, as it goes: soak that was reported as written never goes down within one run of its clock. What is reported
    /// while facts wait for the journal says so (`unwritten`), and a crash may take it back until it is measured again.
    fn look(&mut self, release: &Release) {
        let Some(clock) = release.clock.filter(|_| release.unwritten == 0) else { return };
        let run = (release.id.clone(), clock.entered_at_ms);
        let now = (clock.soak_ms, release.seq);
        let most = self.most.entry(run).or_insert(now);
        if now.0 < most.0 {
            let told = format!(
                "{} ({}): {} ms of soak were reported at entry {}, and {} ms at entry {}",
                release.id, release.version, most.0, most.1, now.0, now.1
            );
            self.record.broke(1, told);
        }
        *most = (*most).max(now);
        let mut kept = self.record.kept();
        kept.reports += 1;
        kept.soaks.insert((release.id.clone(), release.seq, release.measurements), clock.soak_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_whether_a_version_fails() {
        assert!(is_bad("v3-errors") && is_bad("v12-crash"));
        assert!(!is_bad("v3") && !is_bad("errors") && !is_bad("v3-errors-mended"));
    }
}
