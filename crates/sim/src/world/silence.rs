//! The dead man's switch of a lever, as the gate has it: after too long without a word from control it takes users back by itself,
//! remembers that it did, and moves nobody to the canary again for somebody who does not know of it.

use super::{BEGINNING, Event, Inner, Seen, World};
use crate::planted::Planted;
use control::ports::Order;
use engine::{Millis, Share, TakenBack};
use policy::{Lever, Wiring};
use std::sync::Arc;
use std::time::Duration;

/// The longest pause between two looks.
pub(crate) const LOOK_AGAIN: Millis = Millis::seconds(1);

/// What a gate knows of its leader's silence.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    limit: Option<Millis>,
    heard: Millis,
    withdrawn: Option<Withdrawn>,
}

/// Users who were taken back.
#[derive(Debug)]
struct Withdrawn {
    release: String,
    version: String,
    told: TakenBack,
}

impl Switch {
    /// An order of this release was taken.
    fn ordered(&mut self, now: Millis, wiring: &Wiring) {
        self.limit = match &wiring.lever {
            Lever::Gate(gate) => gate.dead_man,
            Lever::Command(_) => None,
        };
        self.heard = now;
    }

    /// Whether an order may move users to the canary. Another release has nothing to do with it; who knows of it may.
    pub(crate) fn permits(&mut self, order: &Order, share: Share) -> bool {
        let Some(withdrawn) = &self.withdrawn else { return true };
        let another = withdrawn.release != order.release || withdrawn.version != order.canary.version;
        let moves = share != Share::NONE;
        if another || (moves && order.taken_back == Some(withdrawn.told.at)) {
            self.withdrawn = None;
        }
        self.withdrawn.is_none() || !moves
    }

    /// What is told to whoever asks about this version.
    pub(crate) fn taken_back(&self, order: &Order) -> Option<TakenBack> {
        let withdrawn = self.withdrawn.as_ref().filter(|withdrawn| withdrawn.version == order.canary.version);
        withdrawn.map(|withdrawn| withdrawn.told)
    }
}

impl World {
    /// An order about a service was taken.
    pub(crate) fn ordered(&self, wiring: &Wiring, release: &str) {
        let now = self.now();
        let mut inner = self.inner();
        let Some(gate) = inner.gates.get_mut(&wiring.service) else { return };
        let first = gate.switch.heard != now;
        gate.switch.ordered(now, wiring);
        gate.release = release.to_string();
        if gate.switch.limit.is_some() {
            self.switched.notify_one();
            if first {
                inner.log.push(Seen { at: now, event: Event::Word });
            }
        }
    }

    /// Control looks at a service. A deposed leader's look is no word.
    pub(crate) fn looked(&self, order: &Order) {
        let now = self.now();
        let mut inner = self.inner();
        let Some(gate) = inner.gates.get_mut(&order.wiring.service) else { return };
        if gate.switch.limit.is_some() && order.turn.fence >= gate.fence() && gate.switch.heard != now {
            gate.switch.heard = now;
            inner.log.push(Seen { at: now, event: Event::Word });
        }
    }

    /// Takes users back wherever control has said nothing for too long, and says when to look again: no limit can be over
    /// before it could have begun.
    fn take_back_the_unwatched(&self) -> Millis {
        let now = self.now();
        let Inner { gates, served, log, .. } = &mut *self.inner();
        let mut next = Millis(u64::MAX);
        for (service, gate) in gates {
            let silence = now - gate.switch.heard;
            let known = gate.switch.limit;
            let watched = gate.switch.limit.filter(|_| gate.share != Share::NONE);
            // Users who are served are not given to a version that does not answer.
            let stable = gate.stable.as_ref().is_some_and(|one| {
                one.alive && self.weather.health(&one.version, now, None).answers && !self.weather.probes_fail(now)
            });
            let version = gate.canary.as_ref().map(|canary| canary.version.clone());
            match (watched, version) {
                (Some(limit), _) if silence < limit => next = next.min(limit - silence),
                (None, _) => next = next.min(known.unwrap_or(LOOK_AGAIN)),
                (Some(_), Some(version)) if stable => {
                    let before = served.move_users(gate, self.seed, &self.weather, now, Share::NONE);
                    let told = TakenBack { at: BEGINNING + now, after: silence };
                    let withdrawn = Withdrawn { release: gate.release.clone(), version, told };
                    gate.switch.withdrawn = Some(withdrawn).filter(|_| !self.has(Planted::SwitchForgotten));
                    let event = Event::TakenBack { service: service.clone(), before };
                    log.push(Seen { at: now, event });
                    next = next.min(LOOK_AGAIN);
                }
                (Some(_), _) => next = next.min(LOOK_AGAIN),
            }
        }
        // A service that is not there yet may come with a limit of its own.
        if next == Millis(u64::MAX) { LOOK_AGAIN } else { next }
    }
}

/// Watches for silence for as long as the world lasts, once there is a lever that minds it.
pub(crate) async fn heed_silence(world: Arc<World>) {
    world.switched.notified().await;
    loop {
        let pause = world.take_back_the_unwatched();
        tokio::select! {
            biased;
            () = tokio::time::sleep(Duration::from_millis(pause.0.max(10))) => {}
            // An order may come with a shorter limit.
            () = world.switched.notified() => {}
        }
    }
}
