//! What no single value can get wrong: phases that do not rise, a lever that cannot work with its target, clocks
//! that contradict each other.

mod clocks;
mod phases;
mod prometheus;
mod wires;

use crate::findings::{Finding, Findings};
use crate::read::{Places, Understood};

/// Tells everything that does not fit together.
pub(crate) fn check(understood: &Understood, findings: &mut Findings<'_>) {
    let Understood { definitions, places } = understood;
    let mut links = Links { places, findings };
    for (name, rollout) in &definitions.rollouts {
        links.phases(name, rollout);
        links.clocks(name, rollout);
    }
    links.wires(definitions);
    links.dead_men(definitions);
    links.prometheus(definitions);
}

struct Links<'a, 'f, 's> {
    places: &'a Places,
    findings: &'f mut Findings<'s>,
}

impl Links<'_, '_, '_> {
    fn tell(&mut self, path: &str, finding: Finding) {
        if let Some(at) = self.places.of(path) {
            self.findings.add(at, path, finding);
        }
    }
}
