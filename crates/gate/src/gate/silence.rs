//! The dead man's switch: users are not left on a canary that nobody watches.
//!
//! A word from control is an order that was taken, or a look at the service by a control plane with at least the fence of the order in
//! force. A scrape, a person's look and a deposed leader are none. The time runs by a clock that stands still while the machine
//! sleeps, and anew when the gate starts: control has its time to come back as well.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::sleep;

use super::Gate;
use crate::wire::WithdrawnByGate;

/// The longest pause between two looks, and what a silence may last beyond its limit.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The shortest.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

impl Gate {
    /// A control plane with this fence looks at a service.
    pub(crate) fn hear(&self, name: &str, fence: u64) {
        if let Some(hosted) = self.hosted.borrow().get(name)
            && fence >= hosted.service.order().number().0
        {
            hosted.service.heard();
        }
    }

    /// Takes users back wherever control has said nothing for too long.
    pub(crate) async fn heed_silence(self: Rc<Self>) {
        let mut stay = BTreeSet::new();
        loop {
            sleep(self.withdraw_the_unwatched(&mut stay).max(LEAST_PAUSE)).await;
        }
    }

    /// Says when to look again. `stay` are the services whose users stayed at the last look: what lasts is told when it begins.
    fn withdraw_the_unwatched(self: &Rc<Self>, stay: &mut BTreeSet<String>) -> Duration {
        let (mut next, mut changed) = (LOOK_AGAIN, false);
        let stayed = std::mem::take(stay);
        let now_ms = self.surroundings.clock.now_ms();
        self.for_each(|name, service| {
            let (Some((silence, limit)), Some(version)) = (service.unheard(), service.order().wire().canary.clone())
            else {
                return;
            };
            if silence < limit {
                next = next.min(limit - silence);
            } else if service.stable_is_well() {
                let after_ms = u64::try_from(silence.as_millis()).unwrap_or(u64::MAX);
                tracing::error!(
                    service = name,
                    after_ms,
                    version,
                    "no word from control for too long: nobody is on the canary any more"
                );
                service.change(service.order().withdrawn(WithdrawnByGate { version, at_ms: now_ms, after_ms }));
                changed = true;
            } else {
                // Users who are served are not given to a version that does not answer.
                stay.insert(name.to_owned());
                if !stayed.contains(name) {
                    tracing::warn!(
                        service = name,
                        "no word from control for too long, and stable is not well: users stay"
                    );
                }
            }
        });
        if changed {
            self.saved.set(false);
            // A failure is logged and has set the next try.
            let _ = self.save();
        }
        next
    }
}
