//! What the gate believes: its own files after a crash or an upgrade, the orders on its socket, and the head of every request.

mod head;

pub use head::gate_head;

use crate::{is_code, soon};
use ::gate::fuzzing;
use ::gate::wire::ServiceOrder;

/// A snapshot as it lies on the disk, and the same bytes as JSON under a checksum that fits: accidents are found by the checksum, and
/// what a newer gate wrote by what it says.
pub fn gate_snapshot(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    for text in [text.to_owned(), fuzzing::sealed_snapshot(text)] {
        match soon(|| fuzzing::snapshot_again(&text)) {
            Ok(again) => assert_eq!(fuzzing::snapshot_again(&again).as_deref(), Ok(&*again), "not what was read"),
            Err(reason) => assert!(!reason.is_empty()),
        }
    }
}

/// What a program leaves to the one that takes its place.
pub fn gate_handover(bytes: &[u8]) {
    match soon(|| fuzzing::handover_again(bytes)) {
        Ok(again) => assert_eq!(fuzzing::handover_again(&again).as_ref(), Ok(&again), "not what was read"),
        Err(reason) => assert!(!reason.is_empty()),
    }
}

/// The body of `PUT /v1/services/{name}`.
pub fn gate_order(bytes: &[u8]) {
    let Ok(order) = soon(|| serde_json::from_slice::<ServiceOrder>(bytes)) else { return };
    let again = serde_json::to_vec(&order).expect("an order is JSON");
    let read = serde_json::from_slice::<ServiceOrder>(&again);
    assert_eq!(read.expect("an order reads back"), order, "{}", String::from_utf8_lossy(&again));
    match soon(|| fuzzing::check_order(order)) {
        // What is obeyed is written down, and believed after a restart.
        Ok(()) => {
            let snapshot = format!(r#"{{"services":{{"shop":{}}},"removed":{{}}}}"#, String::from_utf8_lossy(&again));
            let kept = fuzzing::snapshot_again(&fuzzing::sealed_snapshot(&snapshot));
            assert!(kept.is_ok(), "obeyed and not believed again: {kept:?}");
        }
        Err(error) => {
            let problem = error.problem();
            assert!(is_code(&problem.code) && (400..500).contains(&problem.status), "{problem:?}");
            assert!(!problem.title.is_empty() && !problem.detail.is_empty() && !problem.hint.is_empty(), "{problem:?}");
        }
    }
}
