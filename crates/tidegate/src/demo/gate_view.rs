//! When the gate itself stopped sending users to a version, by its own counts.

use crate::http::{Address, Ask};
use gate::wire::Blocks;
use std::time::{SystemTime, UNIX_EPOCH};

/// When the last block ended in which the canary `version` had a share, in milliseconds since the epoch by the clock of
/// the system; nothing when the gate does not say.
pub(crate) async fn nobody_since(gate: &Address, service: &str, version: &str) -> Option<i64> {
    let asked_at = now_ms();
    let ask = Ask::get(format!("/v1/services/{service}/blocks?boot=none&after=0&limit=10000"));
    let blocks: Blocks = serde_json::from_value(gate.ask(ask).await.ok()?.json()?).ok()?;
    // The gate's clock never goes back, and so may differ from the system's.
    // The answer took a moment, so half of it is the better guess; both are whole milliseconds.
    let ahead = blocks.now_ms - (asked_at + now_ms()) / 2;
    let last = blocks.blocks.iter().rev().find(|b| b.share_ppm > 0 && b.canary.version.as_deref() == Some(version))?;
    Some(last.to_ms - ahead)
}

/// By the clock of the system, which all processes of the demo share.
#[must_use]
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
