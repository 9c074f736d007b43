//! Waiting to a twentieth of a millisecond. The runtime's timer counts whole milliseconds, which would heap the times of a
//! fast service onto a few values, and no statistics can compare heaps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A thread that wakes sleepers.
#[derive(Debug)]
pub(crate) struct AlarmClock {
    bell: mpsc::Sender<Sleeper>,
}

struct Sleeper {
    until: Instant,
    wake: oneshot::Sender<()>,
}

impl AlarmClock {
    /// Starts the thread; it ends with the clock.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (bell, sleepers) = mpsc::channel();
        thread::Builder::new().name("alarm-clock".into()).spawn(move || ring(&sleepers))?;
        Ok(Self { bell })
    }

    /// Ends after `time`.
    pub(crate) async fn sleep(&self, time: Duration) {
        let (wake, woken) = oneshot::channel();
        if self.bell.send(Sleeper { until: Instant::now() + time, wake }).is_ok() {
            // Both ends live as long as the clock; a thread that died only means that nobody sleeps long.
            let _awake = woken.await;
        }
    }
}

fn ring(sleepers: &mpsc::Receiver<Sleeper>) {
    let mut asleep: BinaryHeap<Reverse<Sleeper>> = BinaryHeap::new();
    loop {
        let now = Instant::now();
        while asleep.peek().is_some_and(|Reverse(first)| first.until <= now) {
            if let Some(Reverse(due)) = asleep.pop() {
                // A client that went away does not wait any more.
                let _gone = due.wake.send(());
            }
        }
        let next = asleep.peek().map(|Reverse(first)| first.until.saturating_duration_since(now));
        let heard = match next {
            Some(wait) => sleepers.recv_timeout(wait),
            None => sleepers.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match heard {
            Ok(sleeper) => asleep.push(Reverse(sleeper)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.until == other.until
    }
}

impl Eq for Sleeper {}

impl PartialOrd for Sleeper {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sleeper {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.until.cmp(&other.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime;

    #[test]
    fn sleepers_wake_in_the_order_of_their_times() {
        let clock = AlarmClock::start().unwrap();
        let order = std::sync::Mutex::new(Vec::new());
        let sleep = async |ms| {
            clock.sleep(Duration::from_millis(ms)).await;
            order.lock().unwrap().push(ms);
        };
        runtime::here(async {
            tokio::join!(sleep(40), sleep(1), sleep(20));
            Ok(())
        })
        .unwrap();
        assert_eq!(*order.lock().unwrap(), [1, 20, 40]);
    }
}
