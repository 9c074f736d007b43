//! The time of day, as the system tells it.

use control::ports::Clock;
use engine::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock. It may be stepped by people and by time servers; spans measured with it are no promise.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let ms = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Timestamp(match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => ms(since),
            Err(before) => -ms(before.duration()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_later_than_this_line_was_written() {
        assert!(SystemClock.now() > Timestamp(1_790_000_000_000));
    }
}
