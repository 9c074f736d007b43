//! Why a flag says what it says to one user.

use flags::{Condition, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a flag says what it says to one user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagExplanation {
    /// The variant; nothing if code uses its own default.
    pub variant: Option<String>,
    /// The value.
    pub value: Option<Json>,
    /// OpenFeature's word for why.
    pub reason: Option<String>,
    /// OpenFeature's word for what went wrong.
    pub error: Option<String>,
    /// Whether it is on in the channel.
    pub on: bool,
    /// The flags that it rests on.
    pub prerequisites: Vec<FlagPrerequisiteStep>,
    /// Its rules, in order; none if it goes by a rule of flagd's.
    pub rules: Vec<FlagRuleStep>,
    /// Which of them decided, from 0; nothing if none did.
    pub decided: Option<u32>,
    /// How users were divided, if they were.
    pub split: Option<FlagSplitStep>,
}

/// A flag that another one rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagPrerequisiteStep {
    /// Its key.
    pub flag: String,
    /// The variants that are good.
    pub wanted: Vec<String>,
    /// The variant that it gives.
    pub got: Option<String>,
    /// Whether that is good.
    pub met: bool,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagRuleStep {
    /// Its name.
    pub name: String,
    /// Whether it matches this user, be it asked or not.
    pub matches: bool,
    /// Whether it was asked: those after the one that decided are not.
    pub asked: bool,
    /// What it failed on: the smallest conditions that would have to be otherwise.
    pub failed: Vec<FlagConditionStep>,
}

/// A condition that was not as its rule needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagConditionStep {
    /// The condition.
    pub condition: Condition,
    /// What it had to come to: false below a "not".
    pub wanted: bool,
    /// The segments that it stands in, the outermost first.
    pub segments: Vec<String>,
    /// The attribute that it asks for.
    pub attribute: Option<String>,
    /// What the context has there.
    pub actual: Option<Json>,
}

/// Where a split put the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlagSplitStep {
    /// The attribute that says who is the same user.
    pub by: String,
    /// What keeps the split apart from others.
    pub salt: String,
    /// What the context has as this attribute.
    pub actual: Option<Json>,
    /// The user's place on a line of 100,000; nothing if the attribute is no text, or empty.
    pub bucket: Option<u32>,
    /// The variants, in order, with the end of each one's part of the line.
    pub ends: Vec<FlagSplitEnd>,
}

/// The part of one variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagSplitEnd {
    /// Its name.
    pub variant: String,
    /// Where its part ends.
    pub end: u32,
}

impl FlagExplanation {
    pub(crate) fn of(explanation: flags::Explanation<'_>) -> Self {
        let outcome = explanation.outcome.as_ref().ok();
        Self {
            variant: outcome.and_then(|outcome| outcome.variant).map(str::to_string),
            value: outcome.and_then(|outcome| outcome.value).cloned(),
            reason: outcome.map(|outcome| outcome.reason.code().to_string()),
            error: explanation.outcome.as_ref().err().map(|error| error.code().to_string()),
            decided: outcome.and_then(|outcome| outcome.rule),
            on: explanation.on,
            prerequisites: explanation
                .prerequisites
                .into_iter()
                .map(|step| FlagPrerequisiteStep { flag: step.flag, wanted: step.wanted, got: step.got, met: step.met })
                .collect(),
            rules: explanation
                .rules
                .into_iter()
                .map(|step| FlagRuleStep {
                    name: step.name,
                    matches: step.matches,
                    asked: step.asked,
                    failed: step.failed.into_iter().map(FlagConditionStep::of).collect(),
                })
                .collect(),
            split: explanation.split.map(|step| FlagSplitStep {
                by: step.by,
                salt: step.salt,
                actual: step.actual,
                bucket: step.bucket,
                ends: step.ends.into_iter().map(|(variant, end)| FlagSplitEnd { variant, end }).collect(),
            }),
        }
    }
}

impl FlagConditionStep {
    fn of(failure: flags::explain::Failure) -> Self {
        Self {
            condition: failure.condition,
            wanted: failure.wanted,
            segments: failure.segments,
            attribute: failure.attribute,
            actual: failure.actual,
        }
    }
}
