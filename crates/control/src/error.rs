//! Why control did not do what it was asked.

use crate::record::Undecodable;
use crate::{ReleaseId, ServiceKey};
use std::fmt;

/// A refusal or a failure of control, for people and programs.
#[derive(Clone, Debug)]
pub enum ControlError {
    /// The engine refuses the command.
    Refused(engine::Refusal),
    /// The policy does not cover it.
    Policy(Box<policy::Problem>),
    /// The plan cannot be followed.
    Plan(engine::PlanError),
    /// Another release of the service is under way.
    InFlight {
        /// The service and channel.
        key: ServiceKey,
        /// The release that is under way.
        other: ReleaseId,
        /// Where it is.
        stage: &'static str,
    },
    /// The artifact was taken back before.
    Quarantined {
        /// The artifact.
        artifact: String,
        /// By which release.
        by: ReleaseId,
        /// Why.
        cause: String,
    },
    /// Users have this version already.
    AlreadyLive {
        /// The version.
        version: String,
    },
    /// A name that cannot be a version.
    BadVersion {
        /// What was given.
        given: String,
    },
    /// There is no such release.
    Unknown {
        /// What was asked for.
        asked: String,
    },
    /// Another replica leads.
    NotLeader {
        /// Who does, if it is known.
        leader: Option<String>,
    },
    /// It is true and being carried out, but not yet written.
    Unwritten {
        /// Why it cannot be written.
        why: String,
    },
    /// The journal cannot be written or read.
    Journal {
        /// The journal's own code.
        code: &'static str,
        /// What happened.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The journal holds what this version cannot read.
    Undecodable(Undecodable),
    /// A release cannot be read, so that nobody knows what it did.
    Unreadable {
        /// Which.
        release: ReleaseId,
        /// Why.
        why: Box<ControlError>,
    },
    /// The world cannot be reached the way the policy says.
    Port(crate::ports::PortError),
}

impl ControlError {
    /// The stable code; `docs/errors/` has a page for each.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Policy(problem) => problem.code.as_str(),
            Self::Plan(_) => "TG-2101",
            Self::InFlight { .. } => "TG-2102",
            Self::Quarantined { .. } => "TG-2103",
            Self::AlreadyLive { .. } => "TG-2104",
            Self::Unknown { .. } => "TG-2105",
            Self::NotLeader { .. } => "TG-2106",
            Self::Unwritten { .. } => "TG-2107",
            Self::Undecodable(_) => "TG-2108",
            Self::BadVersion { .. } => "TG-2109",
            Self::Unreadable { .. } => "TG-2110",
            Self::Journal { code, .. } => code,
            Self::Port(error) => error.code,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::Policy(problem) => problem.hint.clone().unwrap_or_else(|| "look into the policy".into()),
            Self::Plan(_) => "mend the rollout in the policy; `tidegate check` shows the place".into(),
            Self::InFlight { other, .. } => {
                format!("wait for {other}, end it (`tidegate release abort {other} --reason \"why\"`), or open with --supersede")
            }
            Self::Quarantined { .. } => {
                "release a mended artifact, or lift the quarantine with --lift-quarantine \"why\"".into()
            }
            Self::AlreadyLive { .. } => "give the new artifact a version of its own".into(),
            Self::BadVersion { .. } => {
                "use letters, digits, dots, dashes, underscores and plus signs, at most 64, beginning with a letter or digit"
                    .into()
            }
            Self::Unknown { .. } => "`tidegate release list` shows what there is".into(),
            Self::NotLeader { .. } => "ask the leader, or try again in a few seconds".into(),
            Self::Unwritten { .. } => {
                "mend the journal's disk; say it again only if the control plane restarts before it is written".into()
            }
            Self::Journal { hint, .. } => hint.clone(),
            Self::Undecodable(_) => "run the version of Tidegate that wrote the journal, or a newer one".into(),
            Self::Unreadable { why, .. } => why.hint(),
            Self::Port(error) => error.hint.clone(),
        }
    }

    /// Whether what is written cannot be read, now and later: it was damaged, or written by a newer version. A journal
    /// that does not answer is another matter.
    pub(crate) fn is_unreadable(&self) -> bool {
        match self {
            Self::Undecodable(_) => true,
            Self::Journal { code, .. } => *code == DAMAGED,
            Self::Refused(_)
            | Self::Policy(_)
            | Self::Plan(_)
            | Self::InFlight { .. }
            | Self::Quarantined { .. }
            | Self::AlreadyLive { .. }
            | Self::BadVersion { .. }
            | Self::Unknown { .. }
            | Self::NotLeader { .. }
            | Self::Unwritten { .. }
            | Self::Unreadable { .. }
            | Self::Port(_) => false,
        }
    }
}

/// The journal's code for what is not as it was written.
const DAMAGED: &str = "TG-3012";

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Policy(problem) => problem.fmt(f),
            Self::Plan(error) => error.fmt(f),
            Self::InFlight { key, other, stage } => {
                write!(f, "{other} of {key} is {stage}; a service has one release at a time in a channel")
            }
            Self::Quarantined { artifact, by, cause } => {
                write!(f, "{artifact} is in quarantine since {by} was taken back: {cause}")
            }
            Self::AlreadyLive { version } => write!(f, "users have {version} already"),
            Self::BadVersion { given } => write!(f, "{given:?} cannot be the name of a version"),
            Self::Unknown { asked } => write!(f, "there is no release {asked:?}"),
            Self::NotLeader { leader: Some(leader) } => write!(f, "this replica does not lead; {leader} does"),
            Self::NotLeader { leader: None } => f.write_str("this replica does not lead"),
            Self::Unwritten { why } => write!(f, "taken and being carried out, but not yet written: {why}"),
            Self::Undecodable(error) => error.fmt(f),
            Self::Unreadable { release, why } => write!(f, "{release} cannot be read: {why} [{}]", why.code()),
            Self::Journal { message, .. } => f.write_str(message),
            Self::Port(error) => f.write_str(&error.message),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<engine::Refusal> for ControlError {
    fn from(refusal: engine::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<journal::Unavailable> for ControlError {
    fn from(error: journal::Unavailable) -> Self {
        Self::Journal { code: error.code(), message: error.to_string(), hint: error.hint().to_string() }
    }
}

impl From<journal::AppendError> for ControlError {
    fn from(error: journal::AppendError) -> Self {
        Self::Journal { code: error.code(), message: error.to_string(), hint: error.hint().to_string() }
    }
}

impl From<Undecodable> for ControlError {
    fn from(error: Undecodable) -> Self {
        Self::Undecodable(error)
    }
}
