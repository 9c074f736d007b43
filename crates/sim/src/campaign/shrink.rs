//! A failing world with everything taken away that the failure does not need.

use super::examine;
use crate::scenario::Scenario;
use std::io;

/// Takes away troubles, acts, crashes and replicas, one at a time, as long as the same invariant stays broken.
///
/// # Errors
/// The system does not give the runtime what it needs.
pub fn shrink(scenario: &Scenario, invariant: &str) -> io::Result<Scenario> {
    let mut smallest = scenario.clone();
    loop {
        let mut smaller = None;
        for candidate in candidates(&smallest) {
            if examine(&candidate)?.1.iter().any(|broken| broken.invariant == invariant) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(candidate) => smallest = candidate,
            None => return Ok(smallest),
        }
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
