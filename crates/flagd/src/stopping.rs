//! The end of a server, told to each of its streams at a moment of its own: clients that are all sent away at once all come
//! back at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Whoever may stop the streams, and what they listen to. They end spread over `time`.
pub(crate) fn over(time: Duration) -> (Stopper, Stopping) {
    let (signal, heard) = watch::channel(None);
    (Stopper(signal), Stopping { heard, turns: Arc::new(AtomicU64::new(0)), time, after: Duration::ZERO })
}

pub(crate) struct Stopper(watch::Sender<Option<Instant>>);

impl Stopper {
    pub(crate) fn stop(self) {
        // Nobody hears it where there are no streams.
        let _ = self.0.send(Some(Instant::now()));
    }
}

#[derive(Clone)]
pub(crate) struct Stopping {
    heard: watch::Receiver<Option<Instant>>,
    turns: Arc<AtomicU64>,
    time: Duration,
    after: Duration,
}

impl Stopping {
    /// For the next stream. Each lies in the widest gap that those before left, so they are spread whatever their number.
    pub(crate) fn turn(&self) -> Self {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        // The lowest bits, turned round, as parts of 2^16.
        let part = u32::from((turn as u16).reverse_bits());
        Self { after: self.time * part / (1 << 16), ..self.clone() }
    }

    /// Resolves when this stream is to end.
    pub(crate) async fn come(&mut self) {
        let stopped = match self.heard.wait_for(Option::is_some).await {
            Ok(at) => *at,
            // Whoever could stop the server is gone, and the server with it.
            Err(_) => None,
        };
        if let Some(at) = stopped {
            sleep_until(at + self.after).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_spread_over_the_time() {
        let (_stopper, stopping) = over(Duration::from_secs(1));
        let mut ends: Vec<_> = (0..1_000).map(|_| stopping.turn().after).collect();
        ends.sort();
        let widest = ends.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert!(widest < Some(Duration::from_millis(3)), "{widest:?}");
        assert!(ends.first() < Some(&Duration::from_millis(2)) && ends.last() > Some(&Duration::from_millis(998)));
    }
}
