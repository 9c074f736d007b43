//! A failing world with everything taken away that the failure does not need.

use crate::scenario::{Act, Scenario};
use engine::Millis;
use std::io;

/// Takes away troubles, acts, crashes and replicas, one at a time, and ends the world as early as it can, as long as it
/// still `fails`.
///
/// # Errors
/// What `fails` could not find out.
pub fn shrink(scenario: &Scenario, fails: impl Fn(&Scenario) -> io::Result<bool>) -> io::Result<Scenario> {
    let mut smallest = scenario.clone();
    'smaller: loop {
        for candidate in candidates(&smallest) {
            if fails(&candidate)? {
                smallest = candidate;
                continue 'smaller;
            }
        }
        return Ok(smallest);
    }
}

/// How much there is to read in a world: what goes wrong, what people do, where control crashes.
#[must_use]
pub fn events(of: &Scenario) -> usize {
    of.faults.len() + of.people.len() + of.crashes.len()
}

/// Every world that is smaller by one thing.
fn candidates(of: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    // A world that ends sooner is lived sooner as well.
    all.extend([2, 4].map(|part| Scenario { until: of.until - Millis(of.until.0 / part), ..of.clone() }));
    all.retain(|shorter| shorter.until < of.until && shorter.until >= LEAST);
    for i in 0..of.faults.len() {
        let mut less = of.clone();
        less.faults.remove(i);
        all.push(less);
    }
    // Without a first opening there is no release.
    let opening = |act: &Act| matches!(act, Act::Open(_));
    for i in 0..of.people.len() {
        let mut less = of.clone();
        less.people.remove(i);
        if less.people.first().is_some_and(|(_, act)| opening(act)) {
            all.push(less);
        }
    }
    for i in 0..of.crashes.len() {
        let mut less = of.clone();
        less.crashes.remove(i);
        all.push(less);
    }
    if of.replicas > 1 {
        all.push(Scenario { replicas: 1, ..of.clone() });
    }
    if of.port_ms > 0 {
        all.push(Scenario { port_ms: 0, ..of.clone() });
    }
    if of.hasty {
        all.push(Scenario { hasty: false, ..of.clone() });
    }
    if of.traffic.pushed || of.traffic.by_user {
        let mut less = of.clone();
        (less.traffic.pushed, less.traffic.by_user) = (false, false);
        all.push(less);
    }
    all
}

/// Shorter worlds are not told from each other.
const LEAST: Millis = Millis(500);
