//! What decodes bytes that others wrote, opened for those who try hostile ones. Behind a feature that no binary is built with: none of
//! it is a promise, and all of it is private otherwise.

pub use crate::forward::{Rehearsed, rehearse};

use crate::error::GateError;
use crate::handover::Written;
use crate::order::Order;
use crate::snapshot;
use crate::wire::ServiceOrder;

/// JSON under the heading of a snapshot, with the checksum that fits.
#[must_use]
pub fn sealed_snapshot(json: &str) -> String {
    snapshot::sealed(json)
}

/// Reads the text of a snapshot and writes it again.
///
/// # Errors
/// Why it is not believed.
pub fn snapshot_again(text: &str) -> Result<String, String> {
    snapshot::written(snapshot::parse(text)?).map_err(|error| format!("what was read cannot be written: {error}"))
}

/// Reads what one program leaves to the next and writes it again. It takes nothing over.
///
/// # Errors
/// Why it is not taken.
pub fn handover_again(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    serde_json::to_vec(&written).map_err(|error| format!("what was read cannot be written: {error}"))
}

/// Checks an order as the gate does before it obeys.
///
/// # Errors
/// What does not make sense.
pub fn check_order(order: ServiceOrder) -> Result<(), GateError> {
    Order::check(order).map(drop)
}
