//! The life of one control plane, and the places where it may end: before and after every call that it makes to a port or
//! to the journal. What is asked through a life that ended is never answered, so that nothing of a dead control plane can
//! reach the world.

use crate::world::World;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    pub(crate) replica: usize,
    ended: AtomicBool,
    told: Notify,
}

impl Life {
    pub(crate) fn begin(world: &Arc<World>, replica: usize) -> Arc<Self> {
        Arc::new(Self { world: Arc::clone(world), replica, ended: AtomicBool::new(false), told: Notify::new() })
    }

    /// A place where control may crash, and waits while it stands still; it does not return if it crashed.
    pub(crate) async fn step(&self) {
        while let Some(now) = self.world.troubled()
            && let Some(frozen) = self.world.weather.frozen(self.replica, now)
        {
            let left = frozen.to - now;
            tokio::time::sleep(Duration::from_millis(left.0)).await;
        }
        if !self.ended.load(Ordering::Relaxed) && !self.world.crashes_here() {
            return;
        }
        self.end();
        std::future::pending::<()>().await;
    }

    /// Whatever is asked through it from now on is never answered.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.told.notify_waiters();
    }

    /// Returns when this life has ended.
    pub(crate) async fn ended(&self) {
        let told = self.told.notified();
        if !self.ended.load(Ordering::Relaxed) {
            told.await;
        }
    }
}
