//! A failing world with everything taken away that the failure does not need.

use crate::scenario::Scenario;
use std::io;

/// Takes away troubles, acts, crashes and replicas, one at a time, as long as the world still `fails`.
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

/// Every world that is smaller by one thing.
fn candidates(of: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    for i in 0..of.faults.len() {
        let mut less = of.clone();
        less.faults.remove(i);
        all.push(less);
    }
    // Without the first act there is no release.
    for i in 1..of.people.len() {
        let mut less = of.clone();
        less.people.remove(i);
        all.push(less);
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
    all
}
