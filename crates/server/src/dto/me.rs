//! Whoever asks, as the server knows them.

use super::Token;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who sent the request, and what they may do. A client offers no more than that; the server refuses it anyway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Whom the journal would name.
    pub actor: String,
    /// The token that was sent, without its secret.
    pub token: Token,
    /// The server's time of day, for a client whose own clock is wrong.
    pub now_ms: i64,
}
