//! What hostile bytes must not do.
//!
//! Each target is one function over bytes that somebody else wrote: a file, a row, a body, a header. It panics when the product
//! breaks its word: when decoding panics or takes too long, when what was accepted cannot be written and read again to the same
//! value, when what was refused has no code, no place or no next step. The stable tests run every target over `fuzz/corpus` and
//! over seeded mutations of it ([`bend`]); libFuzzer runs the same functions from `fuzz/` (`make fuzz`).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a finding is a panic: libFuzzer and tests know no other word"
)]

mod api;
pub mod bend;
mod gate;
mod journal;
mod policy;

use std::time::{Duration, Instant};

pub use api::api;
pub use gate::{gate_handover, gate_head, gate_order, gate_snapshot};
pub use journal::{journal_records, journal_rows};
pub use policy::policy;

/// Nothing that fits into one request, file or row is worth more time than this, on a busy machine and in an instrumented build.
const LONGEST: Duration = Duration::from_secs(10);

/// A target and the name of its corpus.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The folder in `fuzz/corpus`, and the binary of `fuzz/`.
    pub name: &'static str,
    /// Panics on a finding.
    pub run: fn(&[u8]),
    /// How many mutations of its corpus a stable test tries.
    pub rounds: usize,
}

/// Every target.
pub const TARGETS: [Target; 8] = [
    Target { name: "policy", run: policy, rounds: 600 },
    Target { name: "journal_records", run: journal_records, rounds: 3_000 },
    Target { name: "journal_rows", run: journal_rows, rounds: 60 },
    Target { name: "api", run: api, rounds: 200 },
    Target { name: "gate_snapshot", run: gate_snapshot, rounds: 3_000 },
    Target { name: "gate_handover", run: gate_handover, rounds: 3_000 },
    Target { name: "gate_order", run: gate_order, rounds: 3_000 },
    Target { name: "gate_head", run: gate_head, rounds: 3_000 },
];

/// Does something that must not take long.
fn soon<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let spent = start.elapsed();
    assert!(spent < LONGEST, "it took {spent:?}");
    done
}

/// `TG-` and four digits.
fn is_code(code: &str) -> bool {
    code.strip_prefix("TG-").is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}
