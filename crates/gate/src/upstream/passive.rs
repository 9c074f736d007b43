//! What requests tell of an instance's health: one that fails again and again gets none for a while, and a longer while every time.
//!
//! Health checks come every second and ask one page; requests come all the time and ask for everything. After the while a single
//! request is enough to send the instance away again, and a single good answer to make it as good as any.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// Failures in a row that send an instance away.
const FAILURES: u32 = 5;
const FIRST_MS: u64 = 5_000;
const LONGEST_MS: u64 = 60_000;

#[derive(Debug, Default)]
pub(super) struct Passive {
    failures: AtomicU32,
    /// How often it was sent away since its last good answer.
    ejections: AtomicU32,
    until_ms: AtomicU64,
}

impl Passive {
    pub(super) fn succeeded(&self) {
        // Reading first: a write on every answer would be shared by all workers.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.ejections.store(0, Ordering::Relaxed);
            self.until_ms.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn failed(&self) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < FAILURES || self.is_ejected() {
            return;
        }
        let before = self.ejections.fetch_add(1, Ordering::Relaxed);
        let while_ms = (FIRST_MS << before.min(8)).min(LONGEST_MS);
        self.until_ms.store(now_ms() + while_ms, Ordering::Relaxed);
    }

    pub(super) fn is_ejected(&self) -> bool {
        let until = self.until_ms.load(Ordering::Relaxed);
        until != 0 && now_ms() < until
    }
}

/// Milliseconds since the first question: an [`Instant`] does not fit into an atomic.
fn now_ms() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGAN.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_in_a_row_count_and_one_success_makes_up_for_them() {
        let passive = Passive::default();
        for _ in 0..10 {
            for _ in 1..FAILURES {
                passive.failed();
            }
            passive.succeeded();
        }
        assert!(!passive.is_ejected());
        for _ in 0..FAILURES {
            passive.failed();
        }
        assert!(passive.is_ejected());
        assert_eq!(passive.ejections.load(Ordering::Relaxed), 1);
        passive.failed();
        assert_eq!(passive.ejections.load(Ordering::Relaxed), 1, "what was under way says nothing new");
        passive.succeeded();
        assert!(!passive.is_ejected(), "a request that came through says that it is back");
    }

    #[test]
    fn the_while_grows() {
        let passive = Passive::default();
        let mut last = 0;
        for _ in 0..3 {
            for _ in 0..FAILURES {
                passive.failed();
            }
            let length = passive.until_ms.swap(0, Ordering::Relaxed).saturating_sub(now_ms());
            assert!(length > last, "{length} after {last}");
            last = length;
        }
    }
}
