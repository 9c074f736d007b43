//! The life of one control plane, and the places where it may end: before and after every call that it makes to a port or
//! to the journal. What is asked through a life that ended is never answered, so that nothing of a dead control plane can
//! reach the world.

use crate::world::World;
use std::sync::Arc;
use tokio::sync::watch;

pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    pub(crate) replica: usize,
    alive: watch::Sender<bool>,
}

impl Life {
    pub(crate) fn begin(world: &Arc<World>, replica: usize) -> Arc<Self> {
        Arc::new(Self { world: Arc::clone(world), replica, alive: watch::Sender::new(true) })
    }

    /// A place where control may crash; it does not return if it did.
    pub(crate) async fn step(&self) {
        if *self.alive.borrow() && !self.world.crashes_here() {
            return;
        }
        self.alive.send_replace(false);
        std::future::pending::<()>().await;
    }

    /// Returns when this life has ended.
    pub(crate) async fn ended(&self) {
        // The sender lives as long as this does.
        let _ = self.alive.subscribe().wait_for(|alive| !alive).await;
    }
}
