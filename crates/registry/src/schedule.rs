//! What was planned is done when its time comes, by the replica that leads.

use crate::registry::Registry;
use crate::write::Wish;
use flags::access::{Grant, Role};
use flags::change::Change;
use std::time::Duration;

/// The longest sleep: the time of day may be set.
const NAP_MS: i64 = 30_000;
/// How long a step that could not be done waits to be tried again.
const AGAIN: Duration = Duration::from_secs(5);

impl Registry {
    /// Does what was planned, for ever.
    pub(crate) async fn run_planned(&self) {
        loop {
            let wait = match self.next_planned() {
                None => NAP_MS,
                Some(next) => next.step.at_ms.saturating_sub(self.clock.now_ms()).clamp(0, NAP_MS),
            };
            if wait > 0 {
                let nap = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
                tokio::select! {
                    () = self.replanned.notified() => {}
                    () = tokio::time::sleep(nap) => {}
                }
            } else if !self.run_next().await {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Does the first step. `false`: it could not be done.
    async fn run_next(&self) -> bool {
        let Some(next) = self.next_planned() else { return true };
        // Another replica leads, and does it.
        if self.clock.fence().is_err() {
            return false;
        }
        let by = format!("tidegate, planned by {}", next.step.by);
        let by: String = by.chars().take(120).collect();
        let all = [Grant::everywhere(Role::Admin)];
        let reason = format!("planned as step {}", next.step.id);
        let wish = Wish {
            key: &next.key,
            change: Change::Run { id: next.step.id },
            reason: &reason,
            expected: None,
            by: &by,
            grants: &all,
            urgent: false,
        };
        match self.change(wish).await {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(code = error.code(), %error, flag = next.key, step = next.step.id, "a planned step could not be done");
                false
            }
        }
    }
}
