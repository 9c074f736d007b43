//! What a flag is. These are Tidegate's own words; what clients are served is compiled from them. The types are stored in the
//! journal for years: a field is added with a default, and none is renamed.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::json::Json;

/// The attribute that names a user.
pub const TARGETING_KEY: &str = "targetingKey";
/// What the weights of a split add up to: thousandths of a percent. It never changes, as another sum would put users elsewhere.
pub const WHOLE: u32 = 100_000;

/// All definitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// By key.
    pub flags: BTreeMap<String, Flag>,
    /// By name.
    pub segments: BTreeMap<String, Segment>,
}

/// A named decision in running code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Its name in code: 1 to 100 of `a-z A-Z 0-9 . _ -`.
    pub key: String,
    /// What it is for.
    pub kind: Kind,
    /// Of which type every one of its values is.
    pub value_type: ValueType,
    /// What it decides, for people.
    #[serde(default)]
    pub description: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// When it should be gone, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<i64>,
    /// The release that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// What it can say, in an order that never changes.
    pub variants: Vec<Variant>,
    /// The variant that is served where it is off; without one, clients use the default in their code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<String>,
    /// Flags that must say something for this one to be on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// What clients are told beside the value; single values only.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::json::object")]
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub metadata: Vec<(String, Json)>,
    /// How it is in each channel; it is off in a channel that is not named.
    #[serde(default)]
    pub channels: BTreeMap<String, ChannelState>,
    /// Whether it is put away: served nowhere, kept for history.
    #[serde(default)]
    pub archived: bool,
}

/// What a flag is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// New code that goes live step by step, and a flag that goes away afterwards.
    Release,
    /// A question to users, answered by numbers.
    Experiment,
    /// Turns something off at once.
    KillSwitch,
    /// A setting.
    Configuration,
}

/// The type of a flag's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// `true` or `false`.
    Boolean,
    /// A text.
    String,
    /// A whole number of at most 53 bits.
    Integer,
    /// Any number.
    Float,
    /// A JSON object.
    Object,
}

/// One of the things that a flag can say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name, which metrics and rules use.
    pub name: String,
    /// What code gets.
    pub value: Json,
}

/// Another flag that must say one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// Its key.
    pub flag: String,
    /// The variants that are good.
    pub variants: Vec<String>,
}

/// A flag in one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelState {
    /// Whether it decides anything.
    pub on: bool,
    /// What it says while it is on.
    pub decision: Decision,
}

/// What a flag says while it is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// The first rule that matches; if none does, `otherwise`.
    Rules {
        /// In order.
        rules: Vec<Rule>,
        /// For everybody else.
        otherwise: Serve,
    },
    /// A rule of flagd's, as it was imported.
    Logic {
        /// JSONLogic; nothing means that everybody gets the default.
        #[serde(default)]
        targeting: Option<Json>,
        /// The default variant; without one, clients use the default in their code.
        #[serde(default)]
        default: Option<String>,
    },
}

/// Somebody gets something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// Whom it is for.
    pub when: Condition,
    /// What they get.
    pub serve: Serve,
}

/// What is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Serve {
    /// One variant.
    Variant(String),
    /// Each user one of several.
    Split(Split),
    /// What the client's code has as its default.
    CodeDefault,
}

/// Users divided between variants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
// A release has a `Split` as well, and the server describes both.
#[cfg_attr(feature = "schema", schema(as = FlagSplit))]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The attribute that says who is the same user. It must be a text; who has none gets the flag's default.
    #[serde(default = "targeting_key")]
    pub by: String,
    /// What keeps this split apart from others; the flag's key if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// How much each variant gets; together [`WHOLE`].
    pub weights: Vec<Weight>,
}

/// The part of one variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Its name.
    pub variant: String,
    /// In thousandths of a percent.
    pub weight: u32,
}

/// Users with something in common, under a name that rules use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its name: as a flag's key.
    pub name: String,
    /// Who they are, for people.
    #[serde(default)]
    pub description: String,
    /// What they have in common.
    pub when: Condition,
}

/// A question about a context. What the context does not have matches nothing, and so does what has another type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// All of these; none is yes.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    All(Vec<Condition>),
    /// One of these; none is no.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    Any(Vec<Condition>),
    /// Not this.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    Not(Box<Condition>),
    /// The attribute is one of these texts, numbers or booleans.
    Is {
        /// The attribute.
        attribute: String,
        /// What it may be.
        one_of: Vec<Json>,
    },
    /// The attribute is a number, and stands so to another.
    Compare {
        /// The attribute.
        attribute: String,
        /// How it stands.
        op: Comparison,
        /// To what.
        number: f64,
    },
    /// The attribute is a text that begins so.
    StartsWith {
        /// The attribute.
        attribute: String,
        /// The beginning.
        text: String,
    },
    /// The attribute is a text that ends so.
    EndsWith {
        /// The attribute.
        attribute: String,
        /// The end.
        text: String,
    },
    /// The attribute is a text with this in it.
    Contains {
        /// The attribute.
        attribute: String,
        /// The part.
        text: String,
    },
    /// The attribute is a semantic version, and stands so to another.
    Version {
        /// The attribute.
        attribute: String,
        /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `^` (same major) or `~` (same major and minor).
        op: String,
        /// To what.
        version: String,
    },
    /// The context has the attribute, and it is not null.
    Present {
        /// The attribute.
        attribute: String,
    },
    /// The user belongs to the segment.
    Segment {
        /// Its name.
        name: String,
    },
}

/// How one number stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

fn targeting_key() -> String {
    TARGETING_KEY.into()
}

impl Flag {
    /// The variant with this name.
    #[must_use]
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }

    /// Whether it is on in this channel.
    #[must_use]
    pub fn is_on(&self, channel: &str) -> bool {
        !self.archived && self.channels.get(channel).is_some_and(|state| state.on)
    }
}
