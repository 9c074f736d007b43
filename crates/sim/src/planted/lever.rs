//! Bugs of the lever, and of how long ports take.

use super::Planted;
use crate::ports::Ports;
use crate::world::Event;
use control::ports::{Order, Turn};
use engine::Share;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What this process did so far: the one thing that no seed knows.
static CALLS: AtomicU64 = AtomicU64::new(0);

impl Ports {
    /// What a port takes more than it should.
    pub(crate) fn uneven_ms(&self) -> u64 {
        if self.life.world.has(Planted::Memory) { CALLS.fetch_add(1, Ordering::Relaxed) % 3 } else { 0 }
    }

    /// The share that the lever makes of the one that was asked for.
    pub(crate) fn bent(&self, order: &Order, share: Share) -> Option<Share> {
        let world = &self.life.world;
        if world.has(Planted::LeverOvershoots) && share != Share::NONE {
            return Some(Share::ALL);
        }
        let stays = world.has(Planted::UsersLeftBehind) && share == Share::NONE && order.stable.is_some();
        (!stays).then_some(share)
    }

    /// Keeps an order, and carries it out once more when users have been taken back.
    pub(crate) fn remember(&self, order: &Order, before: Share, share: Share) {
        let world = Arc::clone(&self.life.world);
        if !world.has(Planted::LeverRemembers) || share != Share::NONE || before == Share::NONE {
            return;
        }
        let (service, turn) = (order.wiring.service.clone(), order.turn);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = world.shift(&service, before);
            let turn = Turn { fence: turn.fence, count: turn.count };
            world.saw(Event::Shifted { service, before: now, share: before, turn });
        });
    }

    /// Does not take users back before it could be written down.
    pub(crate) async fn wait_for_disk(&self, share: Share) {
        let world = &self.life.world;
        let waits = world.has(Planted::WaitsForDisk) && share == Share::NONE;
        while waits && world.weather.unwritable(self.life.replica, world.now()).is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
