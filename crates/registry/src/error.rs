//! Why a flag cannot be changed.

use flags::change::Refusal;
use journal::{AppendError, Unavailable};
use std::fmt;

/// Why a flag cannot be changed, or known. Nothing was written, unless it says so.
#[derive(Clone, Debug, PartialEq)]
pub enum FlagError {
    /// There is no flag with this key.
    Unknown {
        /// The key.
        key: String,
    },
    /// There is no segment with this name.
    UnknownSegment {
        /// The name.
        name: String,
    },
    /// The wish does not fit the flag as it is.
    Refused {
        /// The key.
        key: String,
        /// Why.
        why: Refusal,
    },
    /// Somebody else changed it since.
    Conflict {
        /// What it is: `flag new_ui`.
        what: String,
        /// The revision that the change was made for.
        expected: u64,
        /// The one that it has.
        actual: u64,
        /// Who changed it last.
        by: String,
    },
    /// The definitions would be wrong.
    Wrong {
        /// Each place with its reason.
        problems: Vec<flags::Problem>,
    },
    /// No such channel.
    UnknownChannel {
        /// As it was asked for.
        channel: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The caller may not.
    Denied {
        /// What, in words.
        what: String,
    },
    /// That cannot be taken back any more.
    NotUndoable {
        /// The key.
        key: String,
        /// The entry.
        of: u64,
        /// Why.
        why: String,
    },
    /// A channel's definitions would be larger than clients can receive.
    TooLarge {
        /// The channel.
        channel: String,
        /// How large, in bytes.
        bytes: usize,
    },
    /// A reason is missing.
    ReasonMissing,
    /// The registry has not read the journal yet, or cannot.
    Unread {
        /// Why.
        why: String,
    },
    /// The journal does not take it.
    Journal {
        /// Its code.
        code: &'static str,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
    /// Tidegate contradicts itself.
    Defect {
        /// How.
        why: String,
    },
}

impl FlagError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "TG-8001",
            Self::UnknownSegment { .. } => "TG-8002",
            Self::Refused { .. } => "TG-8003",
            Self::Conflict { .. } => "TG-8004",
            Self::Wrong { .. } => "TG-8005",
            Self::UnknownChannel { .. } => "TG-8006",
            Self::Denied { .. } => "TG-8007",
            Self::NotUndoable { .. } => "TG-8008",
            Self::TooLarge { .. } => "TG-8009",
            Self::ReasonMissing => "TG-8010",
            Self::Unread { .. } => "TG-8011",
            Self::Defect { .. } => "TG-8099",
            Self::Journal { code, .. } => code,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { .. } => "`tidegate flag list` shows the keys".into(),
            Self::UnknownSegment { .. } => "GET /v1/segments shows the names".into(),
            Self::Refused { why, .. } => refusal_hint(why).into(),
            Self::Conflict { .. } => "look at it as it is now, and make the change again".into(),
            Self::Wrong { .. } => "mend each place and send it again; nothing was changed".into(),
            Self::UnknownChannel { known, .. } => {
                format!("the policy has {}; a new channel needs a restart of the server", known.join(", "))
            }
            Self::Denied { .. } => "an admin can issue a token with the role that this needs".into(),
            Self::NotUndoable { .. } => {
                "`tidegate flag history` shows what can be taken back: the newest change".into()
            }
            Self::TooLarge { .. } => "archive flags that are over, or serve large values from elsewhere".into(),
            Self::ReasonMissing => "say why; the journal keeps it for those who ask later".into(),
            Self::Unread { .. } => "try again in a second; `/readyz` says when it is ready".into(),
            Self::Journal { hint, .. } => hint.clone(),
            Self::Defect { .. } => "look into the server's log, and report what it says".into(),
        }
    }
}

fn refusal_hint(why: &Refusal) -> &'static str {
    match why {
        Refusal::Exists => "choose another key; keys of flags that were put away stay taken",
        Refusal::Missing => "`tidegate flag list` shows the keys",
        Refusal::Archived => "take it out first: `tidegate flag restore`",
        Refusal::NotArchived => "nothing needs to be done",
        Refusal::Fixed(_) => "create another flag; code that reads this one relies on it",
        Refusal::NotPlanned(_) => "`tidegate flag show` lists what is planned",
        Refusal::Past => "name a time that is still to come",
        Refusal::Same => "nothing needs to be done",
        Refusal::NoKillSwitch => "turn it off instead: `tidegate flag off`",
    }
}

impl fmt::Display for FlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { key } => write!(f, "there is no flag `{key}`"),
            Self::UnknownSegment { name } => write!(f, "there is no segment `{name}`"),
            Self::Refused { key, why } => write!(f, "flag `{key}` {}", refusal(why)),
            Self::Conflict { what, expected, actual, by } => {
                write!(f, "{what} is at revision {actual} now, by {by}; the change was made for revision {expected}")
            }
            Self::Wrong { problems } => match problems.as_slice() {
                [only] => write!(f, "{}: {}", only.path, only.why),
                [first, ..] => write!(f, "{} problems, the first: {}: {}", problems.len(), first.path, first.why),
                [] => f.write_str("the definition is wrong"),
            },
            Self::UnknownChannel { channel, .. } => write!(f, "there is no channel `{channel}`"),
            Self::Denied { what } => write!(f, "the token may not {what}"),
            Self::NotUndoable { key, of, why } => write!(f, "entry {of} of flag `{key}` cannot be taken back: {why}"),
            Self::TooLarge { channel, bytes } => {
                write!(
                    f,
                    "the definitions of {channel} would have {bytes} bytes; clients take at most {}",
                    crate::edition::LARGEST
                )
            }
            Self::ReasonMissing => f.write_str("a reason is missing"),
            Self::Unread { why } => write!(f, "flags are not known yet: {why}"),
            Self::Journal { why, .. } => f.write_str(why),
            Self::Defect { why } => write!(f, "a fault of Tidegate: {why}"),
        }
    }
}

fn refusal(why: &Refusal) -> String {
    match why {
        Refusal::Exists => "exists already".into(),
        Refusal::Missing => "does not exist".into(),
        Refusal::Archived => "is put away".into(),
        Refusal::NotArchived => "is not put away".into(),
        Refusal::Fixed(part) => format!("keeps its {part}"),
        Refusal::NotPlanned(id) => format!("has nothing planned under number {id}"),
        Refusal::Past => "cannot be changed in the past".into(),
        Refusal::Same => "is so already".into(),
        Refusal::NoKillSwitch => "is no kill switch".into(),
    }
}

impl std::error::Error for FlagError {}

impl From<Unavailable> for FlagError {
    fn from(error: Unavailable) -> Self {
        Self::Journal { code: error.code(), why: error.to_string(), hint: error.hint().into() }
    }
}

impl From<AppendError> for FlagError {
    fn from(error: AppendError) -> Self {
        Self::Journal { code: error.code(), why: error.to_string(), hint: error.hint().into() }
    }
}
