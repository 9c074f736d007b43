//! Policies are edited while releases are under way.

use super::{Observer, Step, View};
use engine::Record;

/// What a release was opened under is the policy of that moment; that it stays so is in its first record, which is never
/// written again.
#[derive(Default)]
pub(super) struct FollowsItsPolicy;

impl Observer for FollowsItsPolicy {
    fn invariant(&self) -> &'static str {
        super::ITS_POLICY
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        let Step::Record { id, stamp, record: Record::Opened(opened) } = step else { return Ok(()) };
        if view.states.contains_key(id) {
            return Err(format!("{id} was opened a second time"));
        }
        let person = stamp.actor.strip_prefix("person-").and_then(|number| number.parse::<usize>().ok());
        let person = person.ok_or_else(|| format!("{id} was opened by {}", stamp.actor))?;
        let policy = view.scenario.policy_of(person.saturating_sub(1));
        if opened.policy != policy.digest() {
            return Err(format!("{id} follows the policy {}, and {} was in force", opened.policy, policy.digest()));
        }
        Ok(())
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
