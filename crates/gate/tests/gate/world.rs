//! What a test needs: a gate in a directory of its own, a way to tell it things, a client, and upstreams that behave as told.

mod client;
mod running;
mod upstream;

pub(crate) use client::Client;
pub(crate) use running::{Running, TempDir, order, process};
pub(crate) use upstream::{Upstream, read_head};

use std::time::Duration;

/// Waits until `look` finds what it looks for. A test that waits in vain says what for.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
