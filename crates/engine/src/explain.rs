//! Where a release is, in one line for people and in one word for programs.

use crate::{Ending, Gap, Share, Stage, State, TakenBack};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// A release in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// One word, stable: `opened`, `deploying`, `ramping`, `held`, `paused`, `watching`, `promoting`, `completed`,
    /// `rolling_back`, `rolled_back`, `aborted`, `superseded`.
    pub word: &'static str,
    /// One line.
    pub line: String,
    /// Whether it goes no further without a person.
    pub waits_for_person: bool,
}

impl State {
    /// The stage in one stable word.
    #[must_use]
    pub fn stage_word(&self) -> &'static str {
        match &self.stage {
            Stage::Opened => "opened",
            Stage::Deploying => "deploying",
            Stage::Ramping(_) | Stage::Watching(_) if self.taken_back().is_some() => "held",
            Stage::Ramping(ramp) if ramp.paused.is_some() => "paused",
            Stage::Ramping(ramp) if ramp.hold.is_some() => "held",
            Stage::Ramping(_) => "ramping",
            Stage::Watching(watch) if watch.paused.is_some() => "paused",
            Stage::Watching(_) => "watching",
            Stage::Promoting => "promoting",
            Stage::Completed => "completed",
            Stage::RollingBack(_) => "rolling_back",
            Stage::Ended(rollback) => match rollback.ending {
                Ending::RolledBack => "rolled_back",
                Ending::Aborted => "aborted",
                Ending::Superseded => "superseded",
            },
        }
    }

    /// The release in one line.
    #[must_use]
    pub fn headline(&self) -> Headline {
        let word = self.stage_word();
        let waits_for_person = matches!(word, "held" | "paused");
        Headline { word, line: self.line(), waits_for_person }
    }

    fn line(&self) -> String {
        let version = &self.opened.version;
        match &self.stage {
            Stage::Opened => match &self.opened.waits_for {
                Some(other) if !self.way_clear => format!("waits for {other} to end"),
                Some(_) | None => "opened".to_string(),
            },
            Stage::Deploying => format!("{version} is being brought up"),
            Stage::Ramping(ramp) => {
                let share = self.plan().phases.get(ramp.phase).map_or(Share::NONE, |phase| phase.share);
                let (phase, of) = (ramp.phase + 1, self.plan().phases.len());
                let place =
                    format!("phase {phase} of {of}, {share} on {version}, soak {} of {}", ramp.soak, ramp.soak_for);
                match self.stopped_by() {
                    Some(why) => format!("{place}; {why}"),
                    None => place,
                }
            }
            Stage::Watching(_) if self.taken_back().is_some() => {
                format!("nobody on {version}; {}", self.stopped_by().unwrap_or_default())
            }
            Stage::Watching(watch) => {
                format!("everybody on {version}, the old version is warm for {} of {}", watch.soak, self.plan().watch)
            }
            Stage::Promoting => format!("{version} is being made the stable version"),
            Stage::Completed => format!("{version} is live"),
            Stage::RollingBack(rollback) => {
                let step = rollback.current().map_or_else(|| "done".to_string(), |step| step.to_string());
                format!("taking users back (step: {step}): {}", rollback.cause)
            }
            Stage::Ended(rollback) => match &self.opened.live {
                Some(live) => format!("users have {live}: {}", rollback.cause),
                None => rollback.cause.to_string(),
            },
        }
    }

    /// What keeps the soak from being counted, if anything does.
    #[must_use]
    pub fn stopped_by(&self) -> Option<String> {
        if let Some(TakenBack { after, .. }) = self.taken_back() {
            return Some(format!(
                "waits for a person: the lever took users back by itself after {after} without a word from control"
            ));
        }
        let Stage::Ramping(ramp) = &self.stage else { return None };
        if let Some(reason) = &ramp.paused {
            return Some(format!("paused: {reason}"));
        }
        if let Some(hold) = &ramp.hold {
            return Some(format!("waits for a person: {}", hold.reason));
        }
        if ramp.confirmed.is_none() {
            return Some("the lever has not confirmed the share yet".to_string());
        }
        if self.degradation_shared {
            return Some("both arms are degraded; the share is held and nobody is blamed".to_string());
        }
        if self.blind {
            let why = self.gap.clone().unwrap_or_else(|| "no fresh measurement".to_string());
            return Some(format!("blind: {why}"));
        }
        self.split_doubt.clone()
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmeasured => f.write_str("nothing counts the requests of this service"),
            Self::NoData => f.write_str("the signal has no data"),
            Self::Unreachable { detail } => write!(f, "the signal cannot be reached: {detail}"),
        }
    }
}
