//! The manifest of OpenFeature's command line: its words, not ours.

use flags::{Json, ValueType};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All flags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Manifest {
    /// The flags.
    pub flags: Vec<ManifestFlag>,
}

/// A flag as code declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManifestFlag {
    /// Its key.
    pub key: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The type of its values.
    #[serde(rename = "type")]
    pub value_type: ManifestType,
    /// What it decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What code gets when nobody tells it.
    pub default_value: Json,
}

/// What is to be different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManifestWish {
    /// The type of its values; it must be the one that it has.
    #[serde(default, rename = "type")]
    pub value_type: Option<ManifestType>,
    /// What it decides.
    #[serde(default)]
    pub description: Option<String>,
}

/// The types of the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ManifestType {
    /// `true` or `false`.
    Boolean,
    /// A text.
    String,
    /// A number: the protocol has no other word, for fractions neither.
    Integer,
    /// A number with a fraction, as files of the manifest may say.
    Float,
    /// An object.
    Object,
}

impl ManifestType {
    pub(crate) fn of(of: ValueType) -> Self {
        match of {
            ValueType::Boolean => Self::Boolean,
            ValueType::String => Self::String,
            ValueType::Integer => Self::Integer,
            ValueType::Float => Self::Float,
            ValueType::Object => Self::Object,
        }
    }

    pub(crate) fn of_flag(self, number: ValueType) -> ValueType {
        match self {
            Self::Boolean => ValueType::Boolean,
            Self::String => ValueType::String,
            // Who says integer of a flag with fractions may mean it.
            Self::Integer if number == ValueType::Float => ValueType::Float,
            Self::Integer => ValueType::Integer,
            Self::Float => ValueType::Float,
            Self::Object => ValueType::Object,
        }
    }
}
