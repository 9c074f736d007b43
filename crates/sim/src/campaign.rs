//! Random worlds by seed: a short rollout under one of a few policies, with troubles, impatient people, replicas and
//! crashes. A seed is a world for as long as nothing in these files changes.

mod hostile;
mod plain;
mod shrink;
mod uncover;

pub use shrink::{events, shrink};
pub use uncover::{Uncovered, uncover};

use crate::observe::SAME_WORLD;
use crate::rules::Rules;
use crate::run::{run, run_unseen};
use crate::scenario::Scenario;
use crate::{Outcome, observe::Broken};
use engine::Millis;
use policy::{Policy, Problems};
use std::io;
use std::sync::Arc;

/// The policies that random worlds are under, read once.
pub struct Campaign {
    plain: Vec<Arc<Policy>>,
    short: Vec<Arc<Policy>>,
    /// The same ones, with a lever that takes users back by itself.
    switched: Vec<Arc<Policy>>,
}

/// Troubles of the first worlds begin within these seconds, when there is something to disturb.
const TROUBLED_MS: u64 = 40_000;
/// A world that is not at rest by then never will be.
const PATIENCE: Millis = Millis::minutes(60);

impl Campaign {
    /// Reads the policies.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn new() -> Result<Self, Problems> {
        let short = Rules {
            phases: vec![(25, 4), (50, 4)],
            watch_s: 2,
            stale_after_s: 3,
            deploy_within_s: 20,
            error_points: 4.0,
            warm_up_s: 1,
            ..Rules::quick()
        };
        // The shortest that a policy may ask for beside the rollouts of `standard`.
        let switched = Rules { dead_man_s: Some(30), ..short.clone() };
        Ok(Self {
            plain: policies(&Rules::quick(), &[6, 6, 6])?,
            short: policies(&short, &[2, 2, 3])?,
            switched: policies(&switched, &[2, 2, 3])?,
        })
    }

    /// The world of a seed.
    #[must_use]
    pub fn scenario(&self, seed: u64) -> Option<Scenario> {
        hostile::scenario(&self.short, &self.switched, seed)
    }

    /// The world that a seed was before worlds were as hostile as they are now.
    #[must_use]
    pub fn plain(&self, seed: u64) -> Option<Scenario> {
        plain::scenario(&self.plain, seed)
    }
}

fn policies(rules: &Rules, soaks: &[u64; 3]) -> Result<Vec<Arc<Policy>>, Problems> {
    let many = [5, 20, 60].into_iter().zip(*soaks).collect();
    let variants = [
        rules.clone(),
        Rules { hooks: vec!["smoke".to_string()], ..rules.clone() },
        Rules { phases: many, watch_s: 0, ..rules.clone() },
        Rules { on_undecided: "advance".to_string(), error_points: 1.0, ..rules.clone() },
        Rules { on_undecided: "hold".to_string(), interval_s: 2, ..rules.clone() },
        Rules { on_undecided: "roll back".to_string(), ..rules.clone() },
        Rules { measured: false, on_undecided: "advance".to_string(), ..rules.clone() },
        Rules { installed: false, ..rules.clone() },
    ];
    variants.iter().map(Rules::policy).collect()
}

/// Lives a world twice, the second time without looking at it.
///
/// # Errors
/// The system does not give the runtime what it needs.
pub fn examine(scenario: &Scenario) -> io::Result<(Outcome, Vec<Broken>)> {
    let (outcome, again) = (run(scenario)?, run_unseen(scenario)?);
    let mut broken = outcome.broken.clone();
    if outcome.trace() != again {
        let what = format!("one run ends as {:?}, the other as {again:?}", outcome.trace());
        broken.push(Broken { invariant: SAME_WORLD, at: outcome.lasted, what });
    }
    Ok((outcome, broken))
}
