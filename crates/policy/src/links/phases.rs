//! Shares rise from phase to phase and end at everybody; time passes in each of them.

use super::Links;
use crate::definition::Rollout;
use crate::findings::Finding;
use crate::problem::Code;
use engine::Share;

impl Links<'_, '_, '_> {
    pub(super) fn phases(&mut self, name: &str, rollout: &Rollout) {
        let path = |i: usize, key: &str| format!("rollouts.{name}.phases[{i}].{key}");
        for (i, pair) in rollout.phases.windows(2).enumerate() {
            let (before, share) = (pair[0].share, pair[1].share);
            if share <= before {
                let why = format!("found {share} after {before}, expected more than {before}");
                let finding = Finding::new(Code::NotRising, format!("phase {} does not move more users", i + 2), why)
                    .hint("put the phases in rising order, or take one out; users go back by a rollback only");
                self.tell(&path(i + 1, "share"), finding);
            }
            if pair[0].soak.is_none() {
                let finding = Finding::new(
                    Code::MissingKey,
                    format!("phase {} has no time", i + 1),
                    "`soak` must be here: how long the users of this phase stay before the next one",
                );
                self.tell(&path(i, "soak"), finding.hint("write `soak: 30 min`; only the last phase may go without"));
            }
        }
        if let Some(last) = rollout.phases.last().filter(|phase| phase.share != Share::ALL) {
            let why = format!("the last phase moves {}, expected 100 %", last.share);
            let finding = Finding::new(Code::NotComplete, "the rollout does not reach everybody", why)
                .hint("add a phase `{ share: 100 % }`");
            self.tell(&path(rollout.phases.len() - 1, "share"), finding);
        }
    }
}
