//! Exposures, metrics, and what an experiment says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What users saw and did.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Where; it may be left out by a token for one channel.
    #[serde(default)]
    pub channel: Option<String>,
    /// At most 5,000. Each is taken or refused for itself.
    #[schema(value_type = Vec<ToldEvent>)]
    pub events: Vec<serde_json::Value>,
}

/// Somebody saw a variant, or did something.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToldEvent {
    /// A user was given a variant.
    Exposure {
        /// The flag's key.
        flag: String,
        /// The variant's name.
        variant: String,
        /// Who: the value that the split goes by, at most 256 bytes. It is hashed at once and never stored.
        unit: String,
        /// When; now if it is left out.
        #[serde(default)]
        at_ms: Option<i64>,
        /// An id of this event: what was taken once is not taken again.
        #[serde(default)]
        id: Option<String>,
    },
    /// A user did something. It counts in every experiment of the channel that the user is in.
    Metric {
        /// What: at most 64 of `a-z A-Z 0-9 . _ - /` and spaces. Without a value it is a conversion, with one a mean.
        name: String,
        /// Who, as in the exposure.
        unit: String,
        /// How much; a user's values are added up.
        #[serde(default)]
        value: Option<f64>,
        /// When; now if it is left out.
        #[serde(default)]
        at_ms: Option<i64>,
        /// An id of this event: without one, a value that is sent twice counts twice.
        #[serde(default)]
        id: Option<String>,
    },
}

/// What became of a batch: the numbers add up to its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BatchTaken {
    /// The channel.
    pub channel: String,
    /// Changed a sum.
    pub counted: u64,
    /// Told nothing new.
    pub repeated: u64,
    /// Were of users who saw more than one variant.
    pub crossed: u64,
    /// Were metrics of users who were not seen with a variant, or only later.
    pub unexposed: u64,
    /// Were refused.
    pub refused_count: u64,
    /// The first of them.
    pub refused: Vec<EventRefused>,
}

/// An event that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventRefused {
    /// Its place in the batch, from 0.
    pub at: u64,
    /// A code with a page of its own.
    pub code: String,
    /// Why.
    pub detail: String,
}

/// What an experiment says.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Experiment {
    /// The flag's key.
    pub flag: String,
    /// The channel.
    pub channel: String,
    /// Whether it is counted now: the flag is on, and decides what it decided when this began.
    pub counting: bool,
    /// Why it is not.
    pub why_not: Option<String>,
    /// Since when the split is what it is; nothing if nobody was seen.
    pub since_ms: Option<i64>,
    /// When something was counted last.
    pub counted_at_ms: Option<i64>,
    /// It all, as a colleague would say it.
    pub sentence: String,
    /// The variant that the others are compared with.
    pub control: String,
    /// The variants, in the order of the split.
    pub variants: Vec<ExperimentVariant>,
    /// Users who saw more than one variant; they are in no other number.
    pub crossed: u64,
    /// How many times the server forgot its users since this began: so many times more may a user have been counted.
    pub restarts: u32,
    /// Whether as many users came as the split promises.
    pub ratio: ExperimentRatio,
    /// The metrics, in the order in which they were first told of.
    pub metrics: Vec<ExperimentMetric>,
}

/// A variant of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExperimentVariant {
    /// Its name.
    pub variant: String,
    /// Its part of the users, by the split.
    pub weight_percent: f64,
    /// Its users.
    pub users: u64,
}

/// The sample-ratio check.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExperimentRatio {
    /// Whether the users do not fit the split: then nothing is to be believed.
    pub mismatch: bool,
    /// The evidence for that; proof from 100 on. A number that would be larger is written as 1e300.
    pub evidence: f64,
}

/// A metric of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExperimentMetric {
    /// Its name.
    pub name: String,
    /// Whether it is a part of the users, in fractions; otherwise a mean over users.
    pub is_conversion: bool,
    /// The rate or mean of each variant, in their order; nothing without users.
    pub values: Vec<Option<f64>>,
    /// Each other variant against the control.
    pub comparisons: Vec<ExperimentComparison>,
}

/// A variant against the control. The bounds are wrong with a probability of at most 5 %, over all looks and variants together.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExperimentComparison {
    /// The variant.
    pub variant: String,
    /// Its rate or mean less the control's.
    pub difference: Option<f64>,
    /// The true difference is not below this; nothing with too few users.
    pub low: Option<f64>,
    /// Nor above this.
    pub high: Option<f64>,
    /// What may be concluded.
    pub decided: ComparisonDecided,
    /// In words.
    pub sentence: String,
}

/// What may be concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonDecided {
    /// The variant's is higher.
    Higher,
    /// The variant's is lower.
    Lower,
    /// Neither is proved yet.
    Undecided,
    /// There are too few users.
    TooFew,
    /// The users do not fit the split.
    Mistrusted,
}
