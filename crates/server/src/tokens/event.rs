//! What the journal keeps of tokens. The words are stored for years and never renamed.

use crate::dto::Scope;
use flags::access::Grant;
use journal::Entry;
use serde::{Deserialize, Serialize};

/// The stream of tokens.
pub(super) const STREAM: &str = "tokens";

/// Something that happened to a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum Event {
    /// A token was issued.
    TokenIssued {
        /// Its number; its id is `t` and this.
        id: u64,
        /// Whom the journal names.
        name: String,
        /// What it allows.
        scopes: Vec<Scope>,
        /// Its roles for flags.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        flags: Vec<Grant>,
        /// SHA-256 of its secret, in hexadecimal.
        hash: String,
        /// When it ends.
        expires_at_ms: Option<i64>,
    },
    /// A token was revoked.
    TokenRevoked {
        /// Its number.
        id: u64,
    },
}

impl Event {
    /// The kind under which the journal files it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::TokenIssued { .. } => "token_issued",
            Self::TokenRevoked { .. } => "token_revoked",
        }
    }

    /// The event of an entry.
    pub(super) fn read(entry: &Entry) -> Result<Self, String> {
        serde_json::from_str(&entry.body).map_err(|why| format!("entry {} of {STREAM}: {why}", entry.seq))
    }
}
