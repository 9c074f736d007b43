//! What the language is made of. One description of every key (type, unit, sentence, default) from which the
//! reader with its messages, the JSON Schema for editors and the reference page all come, so that they cannot differ.

mod act;
mod policy;
mod prometheus;
mod quantity;
mod rollout;
mod service;
mod walk;

pub(crate) use act::REFERENCE;
pub(crate) use policy::POLICY;
pub(crate) use quantity::{PER_PERCENT, Quantity, Unit};
pub(crate) use rollout::ROLLOUT;
pub(crate) use walk::{Part, parts};

/// What a value must look like.
pub(crate) enum Shape {
    /// Free text with a rule.
    Text(TextRule),
    /// A number with a unit.
    Quantity(&'static Quantity),
    /// A whole number without a unit, within bounds.
    Whole { least: u64, most: u64, noun: &'static str },
    /// `on` or `off`.
    Switch,
    /// One of some words; what each means.
    Word(&'static [(&'static str, &'static str)]),
    /// `p50`, `p95` or `p99`.
    Quantile,
    /// `extend 2x`, `hold`, `roll back` or `advance`.
    OnUndecided,
    /// The name of something that the policy defines.
    Name(Table),
    /// `by type`, or the name of a rollout.
    RolloutBy,
    /// A text, or `{from_env: NAME}`, or `{from_file: PATH}`.
    EnvValue,
    /// What follows, or `off`.
    OrOff(&'static Shape),
    /// At least `least` and at most [`MOST_ITEMS`].
    List { of: &'static Shape, least: usize },
    /// Names of one's own, each with a value.
    Map { of: &'static Shape, key: KeyRule },
    /// Fixed keys.
    Record(&'static Record),
    /// Exactly one of some keys, which says what kind it is, or one of some words.
    Kind(&'static Kinds),
}

/// A list in a policy is written by hand; one that is longer is a mistake or an attack.
pub(crate) const MOST_ITEMS: usize = 100;
/// Likewise for a map.
pub(crate) const MOST_ENTRIES: usize = 1_000;

/// What a free text must be like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextRule {
    /// A shell command; several lines are fine.
    Command,
    /// `/healthz`.
    UrlPath,
    /// `http://host:port/path`.
    Url,
    /// `127.0.0.1:8080`.
    Listen,
    /// A directory.
    Directory,
    /// A version such as `1.4.0`.
    Version,
    /// A branch in git.
    Branch,
    /// The name of a cookie or header.
    Token,
    /// The name of an environment variable.
    Variable,
    /// The path of a file.
    File,
    /// A selector of PromQL.
    Selector,
    /// The name of a label in Prometheus.
    Label,
    /// The value of such a label.
    LabelValue,
    /// The name of a user.
    UserName,
}

/// What the keys of a map must be like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyRule {
    /// Lower-case letters, digits and hyphens.
    Name(Table),
    /// The name of a channel that the policy defines.
    Channel,
    /// The name of an environment variable.
    Variable,
}

/// The maps of the policy whose entries have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Services,
    Targets,
    Levers,
    Signals,
    Hooks,
    Rollouts,
    Types,
    Channels,
}

/// A value with fixed keys.
pub(crate) struct Record {
    /// Its name in the schema and the reference page.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) doc: &'static str,
    pub(crate) fields: &'static [Field],
    /// Keys that the process knows and Tidegate does not run yet, with what they are.
    pub(crate) not_yet: &'static [(&'static str, &'static str)],
    /// What is missing may come from what is extended, so that an editor must not insist on it.
    pub(crate) inherits: bool,
}

/// One key of a record.
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) shape: Shape,
    /// One sentence or more.
    pub(crate) doc: &'static str,
    pub(crate) need: Need,
}

/// Whether a key must be there.
pub(crate) enum Need {
    Required,
    Optional,
    /// As it would be written.
    Default(&'static str),
}

/// A value that says its kind.
pub(crate) struct Kinds {
    pub(crate) name: &'static str,
    /// With its article, for messages: `a target`.
    pub(crate) noun: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) kinds: &'static [Kind],
    /// Kinds without settings are plain words.
    pub(crate) words: &'static [(&'static str, &'static str)],
    pub(crate) not_yet: &'static [(&'static str, &'static str)],
}

/// One kind.
pub(crate) struct Kind {
    pub(crate) key: &'static str,
    pub(crate) shape: Shape,
    pub(crate) doc: &'static str,
}

impl Table {
    /// The key of the table in the policy.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Targets => "targets",
            Self::Levers => "levers",
            Self::Signals => "signals",
            Self::Hooks => "hooks",
            Self::Rollouts => "rollouts",
            Self::Types => "types",
            Self::Channels => "channels",
        }
    }

    /// One of its entries.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Services => "service",
            Self::Targets => "target",
            Self::Levers => "lever",
            Self::Signals => "signal",
            Self::Hooks => "hook",
            Self::Rollouts => "rollout",
            Self::Types => "type",
            Self::Channels => "channel",
        }
    }
}

impl Record {
    pub(crate) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

const fn required(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, doc, need: Need::Required }
}

const fn optional(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, doc, need: Need::Optional }
}

const fn defaulted(key: &'static str, shape: Shape, default: &'static str, doc: &'static str) -> Field {
    Field { key, shape, doc, need: Need::Default(default) }
}
