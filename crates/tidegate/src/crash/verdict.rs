//! The promises of a campaign, held at its end against the journal, the users' notes and the list of processes.

use super::blow::NEVER;
use super::crowd::Notes;
use super::ledger::{Failed, excuse};
use super::people::{Opened, is_bad};
use super::record::Kept;
use super::report::{ReleaseReport, Report};
use super::strike::BACK_WITHIN;
use super::tape::Tape;
use crate::command::audit;
use crate::demo::evidence::Evidence;
use crate::demo::report::Promise;
use crate::exit::Exit;
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// How many breaches of one promise are told word for word.
const EXAMPLES: usize = 4;
/// A version that was struck so long before is not blamed for it any more.
const STRUCK_WITHIN_MS: i64 = 20_000;

/// Everything that is known at the end.
pub(super) struct End<'a> {
    pub(super) data: &'a Path,
    pub(super) seed: u64,
    pub(super) began: Instant,
    pub(super) kept: &'a mut Kept,
    pub(super) notes: Notes,
    pub(super) releases: Vec<Opened>,
    pub(super) blows_asked: u32,
    pub(super) not_tried: Vec<String>,
    pub(super) control_starts: u32,
    /// What `tidegate audit verify` said.
    pub(super) verified: Result<String, String>,
    /// Processes that were left behind.
    pub(super) left_behind: Vec<String>,
}

impl End<'_> {
    /// Holds everything against everything.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(super) async fn judge(mut self) -> Result<Report, Failure> {
        let journal = audit::open(self.data)?;
        let mut releases = Vec::new();
        let mut lost = 0;
        let mut told = 0;
        for opened in &self.releases {
            let tape = Tape::play(&journal, &opened.id).await?;
            for (moment, soak) in self.kept.soaks.iter().filter(|((release, ..), _)| *release == opened.id) {
                if let Some(how) = tape.contradicts(moment, *soak) {
                    self.kept.broken.entry(1).or_default().push(how);
                }
            }
            for said in tape.lost(&self.kept.acknowledged) {
                lost += 1;
                let how = format!("{} of {}: {}", said.verb.word(), said.release, said.words);
                self.kept.broken.entry(2).or_default().push(how);
            }
            for taken_back in self.kept.taken_back.iter().filter(|taken| taken.version == opened.version) {
                told += 1;
                if !tape.tells(taken_back) {
                    let how = format!("the journal does not tell that the gate took {} back", taken_back.version);
                    self.kept.broken.entry(5).or_default().push(how);
                }
            }
            releases.push(self.release(opened, &Evidence::read(&journal, &format!("release/{}", opened.id)).await?));
        }
        let failed = self.failures();
        for release in releases.iter().filter(|release| !release.fine()) {
            let how = format!("{} ({}) ended {}", release.version, release.id, release.ended);
            self.kept.broken.entry(6).or_default().push(how);
        }
        if let Err(how) = &self.verified {
            self.kept.broken.entry(6).or_default().push(how.clone());
        }
        for process in &self.left_behind {
            self.kept.broken.entry(7).or_default().push(process.clone());
        }
        let mut gate_away_ms: Vec<u64> =
            self.kept.gate_away.iter().map(|away| u64::try_from(away.as_millis()).unwrap_or(u64::MAX)).collect();
        gate_away_ms.sort_unstable();
        let acknowledged = self.kept.acknowledged.len();
        let found = [
            format!("{} reports, each compared with the journal", self.kept.reports),
            format!("{acknowledged} acknowledged, {lost} lost"),
            format!("{} of {} failed, each excused by the rule", failed.values().sum::<u64>(), self.notes.requests),
            format!("{} kills, away for {} ms at most", gate_away_ms.len(), gate_away_ms.last().unwrap_or(&0)),
            format!("{} times with users on a canary; {told} told by the journal", self.kept.lost_control),
            self.verified.clone().unwrap_or_default(),
            "none".to_owned(),
        ];
        let promises = self.promises(found);
        let mut blows: BTreeMap<&'static str, u32> = BTreeMap::new();
        for dealt in self.kept.dealt.iter().filter(|blow| blow.dealt) {
            *blows.entry(dealt.kind.words()).or_default() += 1;
        }
        let mut not_tried = self.not_tried;
        not_tried.extend(NEVER.map(str::to_owned));
        Ok(Report {
            ok: promises.iter().all(|promise| promise.kept),
            seed: self.seed,
            took_s: (self.began.elapsed().as_secs_f64() * 10.0).round() / 10.0,
            blows_asked: self.blows_asked,
            blows,
            timeline: std::mem::take(&mut self.kept.dealt),
            not_tried,
            requests: self.notes.requests,
            failed,
            slowest_ms: u64::try_from(self.notes.slowest.as_millis()).unwrap_or(u64::MAX),
            gate_away_ms,
            control_starts: self.control_starts,
            commands: (self.kept.commands_sent, u64::try_from(acknowledged).unwrap_or(u64::MAX)),
            soak_reports: self.kept.reports,
            releases,
            promises,
        })
    }

    fn promises(&self, found: [String; 7]) -> Vec<Promise> {
        let back = format!("4. the gate is back within {} s of its kill, with the same split", BACK_WITHIN.as_secs());
        let names = [
            "1. no soak that was reported as written is lost".to_owned(),
            "2. no acknowledged command is lost".to_owned(),
            "3. no request fails that could be repeated, but by the rule".to_owned(),
            back,
            "5. control gone for too long: nobody is on the canary, and the journal tells it".to_owned(),
            "6. the journal verifies, bad releases were taken back, good ones are live or it is known why".to_owned(),
            "7. everything comes up again, and no process is left behind".to_owned(),
        ];
        let numbered = (1..).zip(names.into_iter().zip(found));
        numbered
            .map(|(n, (name, found))| match self.kept.broken.get(&n) {
                None => Promise::new(name, Ok(found)),
                Some(how) => {
                    let examples: Vec<_> = how.iter().take(EXAMPLES).cloned().collect();
                    Promise::new(name, Err(format!("{} times: {}", how.len(), examples.join("; "))))
                }
            })
            .collect()
    }

    /// Counts failures by their excuse, and notes those that have none.
    fn failures(&mut self) -> BTreeMap<&'static str, u64> {
        let mut by_excuse: BTreeMap<&'static str, u64> = BTreeMap::new();
        for failed in &self.notes.failed {
            let word = match excuse(failed, &self.kept.kills, is_bad) {
                Some(excuse) => excuse.words(),
                None => {
                    let told = told(failed, self.began);
                    self.kept.broken.entry(3).or_default().push(told);
                    "without an excuse"
                }
            };
            *by_excuse.entry(word).or_default() += 1;
        }
        by_excuse
    }

    fn release(&self, opened: &Opened, evidence: &Evidence) -> ReleaseReport {
        let good = !is_bad(&opened.version);
        let ended = if evidence.exit() == Exit::Waiting && !opened.over {
            format!("not at all ({})", evidence.state.stage_word())
        } else {
            evidence.state.stage_word().to_owned()
        };
        let because = evidence.rollback.as_ref().and_then(|rollback| {
            let struck = self.kept.struck.iter().any(|(version, at)| {
                *version == opened.version && (0..STRUCK_WITHIN_MS).contains(&(rollback.decided.0 - at))
            });
            match (opened.regretted, struck) {
                (true, _) => Some("a person took it back".to_owned()),
                (false, true) => Some(format!("its process had been struck: {}", rollback.cause)),
                (false, false) => None,
            }
        });
        ReleaseReport { id: opened.id.clone(), version: opened.version.clone(), good, ended, because }
    }
}

impl ReleaseReport {
    /// Whether it ended as it should have.
    fn fine(&self) -> bool {
        match (self.good, self.ended.as_str()) {
            (true, "completed") | (false, "rolled_back") => true,
            (true, "rolled_back") => self.because.is_some(),
            _ => false,
        }
    }
}

fn told(failed: &Failed, began: Instant) -> String {
    let at = |moment: Instant| moment.saturating_duration_since(began).as_secs_f64();
    let version = failed.version.as_deref().unwrap_or("no version");
    format!("sent at {:.3} s, ended at {:.3} s, {version}: {:?}", at(failed.sent), at(failed.ended), failed.fault)
}
