//! Names that nobody has used before: for users without a cookie, for requests and their traces, and for runs of the gate.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// 16 bytes, others at every call. Two keyed hashes of a counter, with keys from the system's source of chance: unpredictable
/// enough to tell users apart, and not meant as a secret.
fn fresh() -> [u8; 16] {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static KEYS: (RandomState, RandomState) = (RandomState::new(), RandomState::new());
    }
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let (high, low) = KEYS.with(|(high, low)| (high.hash_one((number, "high")), low.hash_one((number, "low"))));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    bytes
}

/// 32 hexadecimal digits, without a trip through the heap: one is made for nearly every request.
pub(crate) fn fresh_digits() -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(fresh()) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    digits
}

/// The same as text.
pub(crate) fn fresh_id() -> String {
    fresh_digits().map(char::from).iter().collect()
}

fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' + half - 10 }
}

#[cfg(test)]
mod tests {
    use super::fresh_id;

    #[test]
    fn no_two_are_alike() {
        let ids: std::collections::HashSet<String> = (0..10_000).map(|_| fresh_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
