//! Times that contradict each other.

use super::Links;
use crate::definition::{Definitions, Rollout};
use crate::findings::Finding;
use crate::problem::Code;
use crate::wiring::Lever;
use engine::Millis;

/// A rule on consecutive windows needs at least this few and at most this many.
const MOST_WINDOWS: u64 = 10_000;
/// Control looks twice an interval; a look may be lost, and another be late.
const INTERVALS_WITHOUT_A_WORD: u64 = 3;

impl Links<'_, '_, '_> {
    pub(super) fn clocks(&mut self, name: &str, rollout: &Rollout) {
        let triggers = &rollout.triggers;
        if let Some(t) = &triggers.error_rate {
            self.windows(&format!("rollouts.{name}.triggers.error_rate"), t.lasting, t.window, rollout.interval);
        }
        if let Some(t) = &triggers.response_time {
            self.windows(&format!("rollouts.{name}.triggers.response_time"), t.lasting, t.window, rollout.interval);
        }
        let warm_up = rollout.judge.warm_up;
        for (i, phase) in rollout.phases.iter().enumerate() {
            let Some(soak) = phase.soak.filter(|soak| *soak <= warm_up) else { continue };
            let why = format!("the phase lasts {soak}, and `judge.warm_up` leaves out the first {warm_up} of it");
            let finding = Finding::new(Code::Clocks, format!("phase {} is over before it is judged", i + 1), why)
                .hint(format!("make `soak` longer than {warm_up}, or the rollout's `judge: {{ warm_up: … }}` shorter"));
            self.tell(&format!("rollouts.{name}.phases[{i}].soak"), finding);
        }
        let budget = &rollout.rollback;
        let steps = [
            ("detection", budget.detection),
            ("decision", budget.decision),
            ("execution", budget.execution),
            ("verification", budget.verification),
        ];
        if let Some((step, time)) = steps.into_iter().max_by_key(|(_, time)| *time).filter(|(_, t)| *t > budget.total) {
            let why = format!("the total is {}, but `{step}` alone may take {time}", budget.total);
            let finding = Finding::new(Code::Clocks, "the rollback clock contradicts itself", why)
                .hint(format!("make `total` at least {time}, or `{step}` shorter"));
            self.tell(&format!("rollouts.{name}.rollback.total"), finding);
        }
    }

    /// A gate that takes users back while control watches them would hold every release.
    pub(super) fn dead_men(&mut self, definitions: &Definitions) {
        let Some((rollout, interval)) =
            definitions.rollouts.iter().map(|(name, r)| (name, r.interval)).max_by_key(|(_, i)| *i)
        else {
            return;
        };
        let least = interval.times(INTERVALS_WITHOUT_A_WORD);
        for (name, lever) in &definitions.levers {
            let Lever::Gate(gate) = lever else { continue };
            let Some(limit) = gate.dead_man.filter(|limit| *limit < least) else { continue };
            let why = format!(
                "the gate waits {limit} for a word from control, which measures every {interval} in the rollout `{rollout}`"
            );
            let finding = Finding::new(Code::Clocks, "the gate would take users back while control watches", why)
                .hint(format!("make `dead_man` at least {least}, or `off`"));
            let path = format!("levers.{name}.gate");
            let own = format!("{path}.dead_man");
            self.tell(if self.places.of(&own).is_some() { &own } else { &path }, finding);
        }
    }

    fn windows(&mut self, path: &str, lasting: Millis, window: Millis, interval: Millis) {
        if window < interval {
            let why = format!("the window is {window}, but arms are measured every {interval} only");
            let finding = Finding::new(Code::Clocks, "a window would hold no measurement", why)
                .hint(format!("make the window at least {interval}, or the rollout's `interval` shorter"));
            self.tell(&format!("{path}.window"), finding);
        }
        if !lasting.0.is_multiple_of(window.0.max(1)) {
            let next = Millis((lasting.0 / window.0.max(1) + 1).saturating_mul(window.0));
            let why = format!("found {lasting}, expected a whole number of windows of {window}");
            let finding = Finding::new(Code::Clocks, "the time does not end with a window", why)
                .hint(format!("write `for: {next}`"));
            self.tell(&format!("{path}.for"), finding);
        } else if lasting.0 / window.0.max(1) > MOST_WINDOWS {
            let why = format!("{lasting} are more than {MOST_WINDOWS} windows of {window}");
            let finding = Finding::new(Code::Clocks, "the window is too short", why).hint("write `window: 1 min`");
            self.tell(&format!("{path}.window"), finding);
        }
    }

    pub(super) fn probe(&mut self, path: &str, every: Millis, timeout: Millis) {
        if timeout <= every {
            return;
        }
        let why = format!("each may take {timeout}, but there is one every {every}");
        let finding = Finding::new(Code::Clocks, "probes would overtake each other", why)
            .hint(format!("make `timeout` at most {every}, or `every` longer"));
        self.tell(&format!("{path}.timeout"), finding);
    }
}
