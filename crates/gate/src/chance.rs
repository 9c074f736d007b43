//! Names that nobody has used before: for users without a cookie and for runs of the gate.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// 32 hexadecimal digits, another value at every call. Two keyed hashes of a counter, with keys from the system's source of
/// chance: unpredictable enough to tell users apart, and not meant as a secret.
pub(crate) fn fresh_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static KEYS: (RandomState, RandomState) = (RandomState::new(), RandomState::new());
    }
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    KEYS.with(|(high, low)| format!("{:016x}{:016x}", high.hash_one((number, "high")), low.hash_one((number, "low"))))
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
