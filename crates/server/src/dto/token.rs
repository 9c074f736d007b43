//! Tokens and what they allow.

use flags::access::Grant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a token allows. Each is only itself, but `admin` is all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read everything but tokens.
    Read,
    /// Open releases and command them.
    Operate,
    /// Push counts and raise alarms.
    Signal,
    /// Everything, and tokens.
    Admin,
}

/// Asks for a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueToken {
    /// Whom the journal will name: letters, digits, dots, dashes, underscores and `@`, at most 64.
    pub name: String,
    /// What it allows; at least one, or a role for flags.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// Its roles for flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Grant>,
    /// When it ends; without it, it is good until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<i64>,
}

/// A token without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// Whom the journal names.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// Its roles for flags.
    pub flags: Vec<Grant>,
    /// Whether it opens anything now.
    pub state: TokenState,
    /// When it was issued.
    pub issued_at_ms: i64,
    /// By whom.
    pub issued_by: String,
    /// When it ends.
    pub expires_at_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
    /// By whom.
    pub revoked_by: Option<String>,
}

/// Whether a token opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A new token. The secret is shown here and never again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// What to send: `Authorization: Bearer` and this.
    pub secret: String,
}

/// All tokens, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenList {
    /// The tokens.
    pub tokens: Vec<Token>,
}
