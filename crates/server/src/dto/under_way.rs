//! What is moving, as a stream tells it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which releases are under way. Sent first, and again whenever it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnderWay {
    /// The server's time of day.
    pub now_ms: i64,
    /// Their ids, newest first.
    pub releases: Vec<String>,
}
