//! How often one token may ask for flags. A client with a fault in its loop must not take the flags of all others with it.

use crate::routes::PER_SECOND;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How much a burst may have, in seconds of the usual pace.
const BURST_S: f64 = 10.0;

/// How much each token may still ask.
#[derive(Default)]
pub(crate) struct Pace {
    buckets: Mutex<HashMap<u64, Bucket>>,
}

struct Bucket {
    left: f64,
    at_ms: i64,
}

impl Pace {
    /// Takes one request of a token, or says how many seconds it should wait.
    pub(crate) fn ask(&self, token: u64, now_ms: i64) -> Result<(), u64> {
        let most = f64::from(PER_SECOND) * BURST_S;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(token).or_insert(Bucket { left: most, at_ms: now_ms });
        // The time of day may be set back; then nothing is given until it is where it was.
        let passed = u32::try_from(now_ms.saturating_sub(bucket.at_ms).clamp(0, 60_000)).unwrap_or(0);
        bucket.left = (bucket.left + f64::from(passed) / 1_000.0 * f64::from(PER_SECOND)).min(most);
        bucket.at_ms = now_ms;
        if bucket.left < 1.0 {
            return Err(1);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_waits_and_others_do_not() {
        let pace = Pace::default();
        let burst = (0..).take_while(|_| pace.ask(1, 0).is_ok()).count();
        assert_eq!(burst, PER_SECOND as usize * 10);
        assert!(pace.ask(2, 0).is_ok());
        assert!(pace.ask(1, 1).is_ok() && pace.ask(1, 1).is_ok() && pace.ask(1, 1).is_err());
    }
}
