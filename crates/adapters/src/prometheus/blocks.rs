//! One block of both arms: what was counted, what is missing, and what is worth waiting for.

use super::arm::{Counts, Missing, Sampled};
use super::counter::Span;
use super::failure::contradiction;
use super::latency::{Both, Readings, both};
use control::ports::PortResult;
use engine::Gap;
use judge::sketch::foreign::Edges;
use judge::{Arm, Histogram};

/// What became of a block.
pub(super) enum Block {
    /// One arm at least was counted. An arm that is missing is `None`, never a zero.
    Counted(Box<Counted>),
    /// An arm may still come.
    Awaited,
    /// There are no counts, and why.
    Nothing(Gap),
}

pub(super) struct Counted {
    pub(super) canary: Option<Arm>,
    pub(super) stable: Option<Arm>,
    /// By which edges response times were read.
    pub(super) edges: Option<Edges>,
}

/// Reads a block. `stable` is `None` for the first version of a service. What is `overdue` is not waited for.
pub(super) fn block(span: Span, canary: &Sampled, stable: Option<&Sampled>, overdue: bool) -> Block {
    let (canary, stable) = (canary.count(span), stable.map(|stable| stable.count(span)));
    for arm in [Some(&canary), stable.as_ref()].into_iter().flatten() {
        match arm {
            Err(Missing::Wrong(error)) => return wrong(error),
            Err(Missing::NotSeen) if !overdue => return Block::Awaited,
            Err(Missing::NotSeen | Missing::Reset) | Ok(_) => {}
        }
    }
    let (canary, stable) = (canary.ok(), stable.and_then(Result::ok));
    if canary.is_none() && stable.is_none() {
        return Block::Nothing(Gap::NoData);
    }
    let readings = |arm: &Option<Counts>| arm.as_ref().map_or(Readings::None, |counts| counts.latency.clone());
    let latency = match both(&readings(&canary), &readings(&stable)) {
        Ok(latency) => latency,
        Err(error) => return wrong(&error),
    };
    let Both { canary: canary_latency, stable: stable_latency, edges } = latency;
    let canary = canary.map(|counts| arm(&counts, canary_latency));
    let stable = stable.map(|counts| arm(&counts, stable_latency));
    for (who, arm) in [("the new version", &canary), ("the old version", &stable)] {
        if let Some(Err(impossible)) = arm.as_ref().map(Arm::check) {
            return wrong(&contradiction(who, &impossible.to_string()));
        }
    }
    Block::Counted(Box::new(Counted { canary, stable, edges }))
}

/// What one process or version did, if it can be true.
pub(super) fn arm_of(who: &str, counts: &Counts, latency: Histogram) -> PortResult<Arm> {
    let arm = arm(counts, latency);
    arm.check().map_err(|impossible| contradiction(who, &impossible.to_string()))?;
    Ok(arm)
}

fn arm(counts: &Counts, latency: Histogram) -> Arm {
    Arm { requests: counts.requests, errors: counts.errors, latency, ..Arm::default() }
}

fn wrong(error: &control::ports::PortError) -> Block {
    Block::Nothing(unreachable(error))
}

/// As the driver and people are told.
pub(super) fn unreachable(error: &control::ports::PortError) -> Gap {
    Gap::Unreachable { detail: error.to_string() }
}
